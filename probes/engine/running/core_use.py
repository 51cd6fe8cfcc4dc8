"""Which cores both sides of a run get, and how their idle threads wait: chosen once a run, before any clock.

The sides take turns, so that both are pinned to the same cores. The process that controls them sleeps while a clock
runs; it is left to the system, which has the other cores for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from probes.catalog import Probe
from probes.engine.watching import contention, counters, machine, topology
from probes.engine.watching.counters import CounterChange
from probes.engine.watching.topology import LogicalCore, Processor
from probes.results import Round
from probes.schema import Machine, RunRequest
from probes.system.quantities import counted

PASSIVE: Final = "passive"
DEFAULT: Final = "default"
#: How long the machine is looked at before a run whose threads may spin, and how many cores others may use meanwhile.
LOOK_SECONDS, OTHERS = 0.5, 0.5
#: CPUs' worth of a quota that the control process and the system's own work should find beside the measured threads.
SPARE = 0.25


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a number of threads runs. ``cores`` is empty where nothing is pinned: the system can't, or all are used."""

    cores: tuple[int, ...]
    why: str  # short, for the record
    note: str = ""  # what a reader of the figures must know
    refusal: str = ""  # why nothing can be measured so, and what to do
    exclusive: bool = False  # whether each thread has a physical core to itself


@dataclass(frozen=True, slots=True)
class CoreUse:
    """What a run may use, the same for both sides and all rounds."""

    processor: Processor
    waiting: str  # "passive: it is a virtual machine": what idle threads do, and why
    kept: tuple[int, ...] = ()  # the cores of the rounds that the run goes on from

    def placement(self, threads: int) -> Placement:
        """Where ``threads`` threads of either side run."""
        placement = place(self.processor, threads)
        whole = {core.number for core in self.processor.cores}
        if len(self.kept) == threads < len(whole) and whole.issuperset(self.kept) and not placement.refusal:
            by_number = {core.number: core for core in self.processor.cores}
            return _placed(self.processor, [by_number[number] for number in self.kept])
        return placement

    def passive(self, threads: int) -> bool:
        """Whether idle threads give their core away at once. They may spin only where nobody else wants it."""
        return self.waiting.startswith(PASSIVE) or threads == 1 or not self.placement(threads).exclusive

    def at_most(self, threads: int) -> int:
        """Of threads that nobody asked for by number (all cores, say), those that can run at once."""
        return min(threads, self.processor.room or threads)


#: For processes in which nothing is clocked.
UNBOUND = CoreUse(Processor(), f"{PASSIVE}: nothing is clocked")


def settled() -> CoreUse:
    """Without a look at who else is at work: idle threads give their core away."""
    return CoreUse(topology.here(), f"{PASSIVE}: nobody looked whether others are at work")


def choose(
    request: RunRequest,
    probes: Iterable[Probe],
    done: Sequence[Round] = (),
    *,
    here: Machine | None = None,
    processor: Processor | None = None,
    look: Callable[[], tuple[str, ...]] | None = None,
) -> CoreUse:
    """For a run of ``probes`` on this machine. One that goes on from the rounds ``done`` keeps what those had.

    Takes ``LOOK_SECONDS`` for several threads on a machine of one's own: they may spin if nobody else is at work.
    """
    processor = processor or topology.here()
    for said in (said for round_ in done for said in round_.environment.values()):
        kept = tuple(sorted(topology.numbers(said.get("cores", ""))))
        return CoreUse(processor, said.get("waiting", f"{PASSIVE}: as in the rounds before"), kept)
    if request.threads == 1 and not any(p.measure_spec.every_core or p.measure_spec.kind == "scaled" for p in probes):
        return CoreUse(processor, f"{PASSIVE}: one thread")
    dedicated = machine.machine_class(here or machine.read(), device="cpu", quiet=True)
    doubts = dedicated.reasons if dedicated.kind == "shared" else (look or neighbours)()
    word, reasons = (PASSIVE, doubts) if doubts else (DEFAULT, dedicated.reasons)
    return CoreUse(processor, f"{word}: {'; '.join(reasons)}")


def neighbours(
    read: Callable[[Iterable[int], Iterable[int]], counters.Counters] = counters.read,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[str, ...]:
    """Who else is at work, in words, after ``LOOK_SECONDS``; empty if nobody is."""
    before = read((), (os.getpid(),))
    pause(LOOK_SECONDS)  # counters tell only what happened between two moments
    return crowd(counters.change(before, read((), (os.getpid(),))))


def crowd(change: CounterChange) -> tuple[str, ...]:
    """Whether others keep more than a part of a core busy, or were waited for. Pure."""
    busy = change.others / change.seconds if change.seconds else 0.0
    said = (f"others keep {busy:.1f} cores busy",) if busy > OTHERS else ()
    return said + contention.happened(change, ())


def place(processor: Processor, threads: int) -> Placement:
    """The cores for ``threads`` threads: one a physical core, on performance cores while there are any.

    Of equal ones the last of the last package, where other work is least likely. Pure.
    """
    if refusal := _refusal(processor, threads):
        return Placement((), "", refusal=refusal)
    return _placed(processor, sorted(processor.cores, key=_rank(processor))[:threads])


def apart(processor: Processor) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Cores for a server and for its client: the client gets a physical core, the first performance core, of which the
    server gets no sibling. With one physical core they get a sibling each, or else share all, ((), ())."""
    if len(processor.cores) < 2:
        return (), ()
    client = min(processor.cores, key=lambda core: (core.efficiency, core.number))
    server = [core.number for core in processor.cores if core.siblings != client.siblings]
    return tuple(server or [core.number for core in processor.cores if core != client]), (client.number,)


def _rank(processor: Processor) -> Callable[[LogicalCore], tuple[float, ...]]:
    numbers = [core.number for core in processor.cores]

    def rank(core: LogicalCore) -> tuple[float, ...]:
        nth = sum(number in core.siblings for number in numbers if number < core.number)
        first = min(core.siblings.intersection(numbers))
        slower = -round(core.speed, 2) if core.efficiency else 0.0
        return nth, core.efficiency, slower, -core.package, -first

    return rank


def _placed(processor: Processor, chosen: Sequence[LogicalCore]) -> Placement:
    everything = len(chosen) == len(processor.cores)
    physical = len({core.siblings for core in chosen})
    slowed = processor.quota is not None
    return Placement(
        () if everything else tuple(sorted(core.number for core in chosen)),
        _why(processor, chosen),
        _note(processor, len(chosen)),
        exclusive=physical == len(chosen) > 0 and not slowed,
    )


def _refusal(processor: Processor, threads: int) -> str:
    asked = counted(threads, "thread")
    if processor.cores and threads > len(processor.cores):
        most = len(processor.cores)
        return (
            f"{asked} can't run at once: this process may use {counted(most, 'core')}. Choose at most "
            f"{counted(most, 'thread')}, or grant it more (docker run --cpuset-cpus, taskset)"
        )
    if processor.quota is not None and processor.quota < threads:
        fewer = f"choose {int(processor.quota)} or fewer threads, or " if processor.quota >= 1 else ""
        return (
            f"{asked} would be halted again and again while a clock runs: the container's quota is "
            f"{processor.quota:g} CPUs. To measure, {fewer}raise it (docker run --cpus={threads + 1}, in Kubernetes "
            "resources.limits.cpu)"
        )
    return ""


def _note(processor: Processor, threads: int) -> str:
    if processor.physical == 1:
        return "only one core may be used here: the system and the control process take turns with what is measured"
    if processor.quota is not None and processor.quota < threads + SPARE:
        return (
            f"the container's quota of {processor.quota:g} CPUs leaves nothing to the control process: clocks may have "
            f"been held up (docker run --cpus={threads + 1} gives room)"
        )
    return ""


def _why(processor: Processor, chosen: Sequence[LogicalCore]) -> str:
    if not processor.cores:
        return "not pinned: this system places processes by itself"
    said = []
    several = len({core.efficiency for core in processor.cores}) > 1
    for efficiency in (False, True):
        there = {core.siblings for core in processor.cores if core.efficiency == efficiency}
        taken = {core.siblings for core in chosen if core.efficiency == efficiency}
        if there:
            kind = "efficiency " if efficiency else "performance " if several else ""
            said.append(f"{len(taken)} of {counted(len(there), f'{kind}core')}")
    if len(chosen) > len({core.siblings for core in chosen}):
        said.append("siblings share a core")
    if processor.quota is not None:
        said.append(f"quota {processor.quota:g} CPUs")
    if processor.wsl:
        said.append("under WSL Windows places them, and kinds of cores can't be told")
    return ", ".join(said)
