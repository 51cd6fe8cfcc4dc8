"""Several machines side by side: what each says for itself. Nothing of two machines is ever pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from advisor.measured.conditions import same_hardware
from advisor.measured.result_sets import ResultSet
from probes.results import RunResult


@dataclass(frozen=True, slots=True)
class SeveralMachines(RunResult):
    """What the machine says whose results come first, and what each of the others says. A criterion goes by the one
    that is like the machine that will do the work (``decision.evidence.machine_choice``)."""

    elsewhere: tuple[RunResult, ...] = ()


def side_by_side(bodies: Sequence[ResultSet]) -> RunResult | None:
    """What a decision goes by: the first set, with the one set of every other machine or device that comes nearest to
    it in threads and sizes, and of equally near ones the newest. None without a set.

    A set that can be no evidence says nothing of its machine.
    """
    if not bodies:
        return None
    first = bodies[0].result
    others: list[ResultSet] = []
    for body in sorted(bodies[1:], key=lambda body: not _alike(bodies[0], body)):
        if body.result.evidence and not any(_same_place(body, known) for known in (bodies[0], *others)):
            others.append(body)
    if not others:
        return first
    place = {body.key: number for number, body in enumerate(bodies)}
    others.sort(key=lambda body: place[body.key])
    held = {field.name: getattr(first, field.name) for field in fields(RunResult)}
    return SeveralMachines(**held, elsewhere=tuple(body.result for body in others))


def every_machine(run: RunResult) -> tuple[RunResult, ...]:
    """What each machine says, the first one first."""
    return (run, *run.elsewhere) if isinstance(run, SeveralMachines) else (run,)


def _alike(body: ResultSet, other: ResultSet) -> bool:
    ours, theirs = body.conditions, other.conditions
    return (ours.threads, ours.sizes) == (theirs.threads, theirs.sizes)


def _same_place(body: ResultSet, other: ResultSet) -> bool:
    """A machine's processor and its GPU are two places."""
    return body.on_gpu == other.on_gpu and same_hardware(body.result.machine, other.result.machine)
