"""What one request for many runs comes to: which networks, on which machines, and who may take what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from advisor.ports import FleetMachine, ProbeRunner
from advisor.queue.quotas import MOST_MACHINES
from advisor.records import QueueEntry, SweepPart
from probes.schema import Machine, Priority, RunRequest

#: Where runs go: this machine, one by its name, every one, or of equal ones whichever is free.
Where = Literal["here", "one", "all", "kinds"]

HERE: Final = ""
_UNKNOWN: Final = "it measures now, and what it is isn't known yet"
#: Runs of one request: beyond that nobody waits for the end, and evidence isn't looked for.
MOST_PARTS: Final = 72


@dataclass(frozen=True, slots=True)
class Places:
    """The machines that one request goes to. Each group has every network once, on whichever of its machines is
    free."""

    groups: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...] = ()  # who doesn't take part, and why, as sentences


class SweepError(Exception):
    """Such a request can't be made. The text says why and what to do."""


def places(where: Where, here: Machine, fleet: Sequence[FleetMachine], name: str = HERE) -> Places:
    """``here``: what this machine is; ``fleet``: those beside it. Raises SweepError for a ``name`` that can't measure.

    Machines are equal whose fingerprints are: hardware and versions. One of the cluster that is this very machine is
    taken as this one, or it would be measured twice.
    """
    others = [one for one in fleet if not one.here]
    able = {HERE: here} | {one.name: one.machine for one in others if one.machine is not None and not one.why_not}
    left_out = tuple(f"{one.name}: {one.why_not or _UNKNOWN}" for one in others if one.name not in able)
    if where == "here":
        return Places(((HERE,),))
    if where == "one":
        if name not in able:
            known = ", ".join(filter(None, able)) or "this machine alone"
            raise SweepError(f"machine: {name!r} can't measure now; allowed: {known}")
        return Places(((name,),))
    if where == "all":
        return Places(tuple((one,) for one in able), left_out)
    kinds: dict[str, list[str]] = {}
    for one, machine in able.items():
        kinds.setdefault(machine.fingerprint, []).append(one)
    return Places(tuple(map(tuple, kinds.values())), left_out)


def parts(asked: RunRequest, networks: Iterable[str], found: Places, runner: ProbeRunner) -> tuple[SweepPart, ...]:
    """A run of ``asked`` for each network and group of machines, the longest first: begun last, one long run would keep
    a single machine busy while its equals wait. Raises SweepError if one can't be planned, naming the machine."""
    made = tuple(
        SweepPart(replace(asked, model=network, machine=group[0]), group)
        for network in dict.fromkeys(networks)
        for group in found.groups
    )
    if not made:
        raise SweepError("networks: none; allowed: one or more")
    if len(made) > MOST_PARTS:
        raise SweepError(f"networks times machines: {len(made)} runs; allowed: up to {MOST_PARTS}")
    for part in made:
        for place in part.places:
            try:
                runner.validate(replace(part.request, machine=place))
            except ValueError as error:
                raise SweepError(f"{place or 'this machine'}: {error}") from error

    def seconds(part: SweepPart) -> float:
        return runner.seconds(part.request, runner.plans(part.request, Priority()))

    return tuple(sorted(made, key=seconds, reverse=True))


def crowded(entries: Iterable[QueueEntry]) -> str:
    """Why something waits although its machine is free, as a sentence; "" where no executor has as many as it may."""
    at_work = Counter(entry.worker for entry in entries if entry.status == "running")
    if max(at_work.values(), default=0) < MOST_MACHINES:
        return ""
    return (
        f"{MOST_MACHINES} machines have work, as many as one executor sends it to: what waits for others begins when "
        "one of them is free."
    )
