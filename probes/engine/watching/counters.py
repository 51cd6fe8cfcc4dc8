"""Who used the cores? The system's counters at one moment, and what happened between two moments. No polling, no sleep.

A measured process shares its core with its own pool of threads: with nobody else there, ``tf.function`` at batch 1 on
one core made tasks wait for a CPU in 13 % of the time and was switched 2 000 times a second. So waiting and switches
tell of a neighbour only if somebody else had used the measured cores: their busy time less that of our processes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import psutil

from probes.engine.watching.topology import affinity, read_text


@dataclass(frozen=True, slots=True)
class Core:
    """CPU seconds of one core since the system started; ``busy`` without what was stolen."""

    total: float
    busy: float
    steal: float


@dataclass(frozen=True, slots=True)
class Own:
    """What one of our processes has used since it began: measured ones with their ended children, compilers for one."""

    cpu: float  # seconds
    switches: int = 0  # how often it was put aside while it had work; always 0 on macOS and Windows
    cores: frozenset[int] = frozenset()  # where it may run; empty: anywhere


@dataclass(frozen=True, slots=True)
class Counters:
    """One moment."""

    seconds: float  # monotonic
    cores: tuple[Core, ...]
    waiting: float | None  # seconds in which some task waited for a CPU; None where the system doesn't tell
    measured: Mapping[int, Own]  # by process id
    helpers: Mapping[int, Own]  # processes of ours that measure or show, and aren't measured


@dataclass(frozen=True, slots=True)
class CounterChange:
    """Between two moments, in seconds. Changes that follow each other can be added."""

    seconds: float
    total: float  # CPU seconds of all cores
    others: float  # of these, used by anything but our processes
    steal: float  # of these, given to other machines
    room: float  # CPU seconds of the cores that the measured processes may use
    intruders: float  # of these, used by somebody else
    cpu: float  # CPU seconds of the measured processes
    switches: float  # how often they were put aside while they had work
    waiting: float | None

    def __add__(self, other: Self) -> CounterChange:
        sums: dict[str, Any] = {}
        for field in fields(CounterChange):
            left, right = getattr(self, field.name), getattr(other, field.name)
            sums[field.name] = None if left is None or right is None else left + right
        return CounterChange(**sums)


NOTHING = CounterChange(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def read(measured: Iterable[int], helpers: Iterable[int] = ()) -> Counters:
    """The counters now. Processes that are gone or not ours to look at are left out."""
    return Counters(
        seconds=time.monotonic(),
        cores=tuple(map(_core, psutil.cpu_times(percpu=True))),
        waiting=_waiting(),
        measured=_owns(measured, children=True),
        helpers=_owns(helpers, children=False),  # theirs are measured, and counted there
    )


def change(before: Counters, now: Counters) -> CounterChange:
    """What happened in between. Pure. A process that wasn't there before has done all that it did in between."""
    cores = [
        Core(_since(b.total, a.total), _since(b.busy, a.busy), _since(b.steal, a.steal))
        for a, b in zip(before.cores, now.cores, strict=False)  # a core may be switched off meanwhile
    ]
    everywhere = frozenset(range(len(cores)))
    used, places, switches = {}, {}, 0.0
    for pid, process in (now.measured | now.helpers).items():  # type: ignore[operator]
        was = before.measured.get(pid) or before.helpers.get(pid) or Own(0.0)
        used[pid], places[pid] = _since(process.cpu, was.cpu), process.cores & everywhere or everywhere
        switches += _since(process.switches, was.switches) if pid in now.measured else 0.0
    there = frozenset[int]().union(*(places[pid] for pid in now.measured)) or everywhere
    return CounterChange(
        seconds=_since(now.seconds, before.seconds),
        total=sum(core.total for core in cores),
        others=_since(sum(core.busy for core in cores), sum(used.values())),
        steal=sum(core.steal for core in cores),
        room=sum(cores[number].total for number in there),
        intruders=_since(
            sum(cores[number].busy for number in there),
            sum(seconds for pid, seconds in used.items() if places[pid] <= there),
        ),
        cpu=sum(used[pid] for pid in now.measured),
        switches=switches,
        waiting=None if now.waiting is None or before.waiting is None else _since(now.waiting, before.waiting),
    )


def ended(before: Counters, now: Counters) -> bool:
    """Whether a measured process ended in between: its last seconds are then in nobody's account."""
    return bool(before.measured.keys() - now.measured.keys())


def descendants() -> frozenset[int]:
    """Of this process: the measured children and what they started."""
    return frozenset(child.pid for child in psutil.Process().children(recursive=True))


def _since(now: float, before: float) -> float:
    """Counters of different clocks may overtake each other by a tick."""
    return max(0.0, now - before)


def _core(times: object) -> Core:
    figures = {name: float(value) for name, value in times._asdict().items()}  # type: ignore[attr-defined]
    total = sum(value for name, value in figures.items() if not name.startswith("guest"))  # in user and nice already
    steal = figures.get("steal", 0.0)
    return Core(total, total - figures["idle"] - figures.get("iowait", 0.0) - steal, steal)


def _waiting() -> float | None:
    """Linux's pressure on CPUs, «some»."""
    for line in read_text(f"{getattr(psutil, 'PROCFS_PATH', '/proc')}/pressure/cpu").splitlines():
        if line.startswith("some"):
            return float(line.rpartition("total=")[2]) / 1e6
    return None


def _owns(pids: Iterable[int], *, children: bool) -> dict[int, Own]:
    processes = ((pid, _own(pid, children=children)) for pid in pids)
    return {pid: process for pid, process in processes if process is not None}


def _own(pid: int, *, children: bool) -> Own | None:
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times, switches = process.cpu_times(), process.num_ctx_switches().involuntary
            cores = frozenset(process.cpu_affinity() or ()) if affinity() else frozenset[int]()
    except psutil.Error:
        return None
    seconds = times.user + times.system + (times.children_user + times.children_system if children else 0.0)
    return Own(seconds, switches, cores)
