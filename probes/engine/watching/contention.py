"""Was somebody else at work? Witnesses around a round: waiting, steal, interruptions, the CPU's clock.

The fifth one, CPU time against wall time of single-threaded blocks, is in ``blocks``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Protocol

import psutil

from probes.engine.watching import counters
from probes.engine.watching.counters import NOTHING, CounterChange, Counters
from probes.system.quantities import percent

#: A single-threaded block that got less CPU than this share of its wall time had to wait for somebody.
CPU_SHARE = 0.9
#: Share of the time in which some task waited for a CPU (``/proc/pressure/cpu``, «some»).
PRESSURE = 0.10
#: Share of CPU time that the hypervisor gave to other machines. Above 0 in principle; a jiffy is no neighbour.
STEAL, LEAST_STOLEN = 0.001, 0.05  # and so many CPU seconds at least
#: How often a measured process is put aside in a CPU second of its own. The kernel's housekeeping does it up to 25
#: times, one competitor for the core 160 to 220 times (Linux 6.18, 2 cores): a quarter of that is a neighbour.
SWITCHES = 50.0
#: Share of the measured cores that others must have used before waiting and switches are theirs: our own threads wait
#: for each other, too (see ``counters``).
INTRUSION = 0.05
#: Where the system doesn't tell who waits: share of all cores that others use, from which somebody probably does.
CROWDED = 0.60
#: A clock below this share of the round's best is a brake (heat, a power limit): turbo steps are smaller.
CLOCK_SHARE = 0.8
#: The share of looks, and how many at least, that must find it braked.
BRAKED_SHARE, FEWEST_BRAKED = 0.25, 2


class Witness(Protocol):
    """Sees what goes on around a round."""

    def look(self) -> None:
        """Read the counters: between two clocks, while the measured processes are alive."""

    def disturbances(self) -> tuple[str, ...]:
        """What happened from the first look to the last, in words; empty if nothing did."""


#: What psutil raises where a system has no clock speeds, or doesn't let them be read.
_UNREADABLE = (AttributeError, NotImplementedError, OSError, RuntimeError, ValueError)


def clock_speed() -> float:
    """MHz of the fastest core, which is the one at work; 0 where the system doesn't tell."""
    try:
        return max((float(core.current) for core in psutil.cpu_freq(percpu=True) or ()), default=0.0)
    except _UNREADABLE:
        return 0.0


class ContentionWatch:
    """Compares the system's counters from look to look."""

    def __init__(
        self,
        *,
        ours: Callable[[], Collection[int]] = counters.descendants,
        read: Callable[[Collection[int], Collection[int]], Counters] = counters.read,
        megahertz: Callable[[], float] = clock_speed,
    ) -> None:
        self._ours, self._read, self._megahertz = ours, read, megahertz
        self._last, self._sum = self._now(), NOTHING
        self._clocks: list[float] = []

    def look(self) -> None:
        """Right after work: an idle core takes its clock down."""
        now = self._now()
        change = counters.change(self._last, now)
        if counters.ended(self._last, now):  # what it did last is in nobody's account: nobody is accused of it
            change = replace(change, others=0.0, intruders=0.0)
        self._sum, self._last = self._sum + change, now
        self._clocks.append(self._megahertz())

    def _now(self) -> Counters:
        return self._read(self._ours(), (os.getpid(),))

    def disturbances(self) -> tuple[str, ...]:
        """What the counters say; empty when quiet or when the system has no such counters."""
        return happened(self._sum, self._clocks)


def happened(change: CounterChange, clocks: Sequence[float]) -> tuple[str, ...]:
    """What counters and clocks (MHz, 0 where unknown) say, for people. Pure."""
    disturbances: list[str] = []
    if share := waited(change):
        theirs = change.intruders / change.room
        disturbances.append(
            f"tasks waited for a CPU in {percent(share)} of the time, and others used {percent(theirs)} of our cores"
        )
    rate = change.switches / change.cpu if change.cpu else 0.0
    if rate > SWITCHES and change.intruders > INTRUSION * change.room:
        disturbances.append(f"measured processes were put aside {rate:.0f} times in each second of their work")
    if change.waiting is None and change.others > CROWDED * change.total:
        disturbances.append(f"other programs used {percent(change.others / change.total)} of the CPU")
    if stolen(change):
        disturbances.append(f"the hypervisor gave {percent(change.steal / change.total, 1)} of the CPU time to others")
    braked = sum(0 < clock < CLOCK_SHARE * max(clocks) for clock in clocks)
    if braked >= max(FEWEST_BRAKED, BRAKED_SHARE * len(clocks)):
        disturbances.append(
            f"the CPU's clock was below {percent(CLOCK_SHARE)} of its best after {braked} of {len(clocks)} "
            "measurements: heat or a power limit held it down"
        )
    return tuple(disturbances)


def stolen(change: CounterChange) -> bool:
    """Whether the hypervisor gave more than a jiffy to other machines."""
    return change.steal > max(LEAST_STOLEN, STEAL * change.total)


def waited(change: CounterChange) -> float:
    """Share of the time in which tasks waited for a CPU; 0 if it is little, or if nobody else was there to cause it."""
    if change.waiting is None or not change.seconds or change.intruders <= INTRUSION * change.room:
        return 0.0
    share = change.waiting / change.seconds
    return share if share > PRESSURE else 0.0
