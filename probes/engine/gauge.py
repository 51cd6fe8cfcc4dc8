"""How busy is this machine now? For people who are about to measure, or wonder why it takes long. Never blocks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from probes.engine.machine import read_text
from probes.engine.quiet import PRESSURE, STEAL
from probes.schema import Load

#: CPU use by anything but measured processes, as a share of all cores: from here on it is worth a word, and a warning.
BUSY, CONTENDED = 0.25, 0.60
FRESH_SECONDS = 2.0  # readings closer together than this say nothing new
MEASURED = "probes.engine.worker"  # in the command line of a measured process

WAIT = "Wait until it is quiet, or close what you don't need: browser tabs, builds, other notebooks."
LONGER = "Or choose a longer budget: more rounds make up for noise."
ELSEWHERE = "If it stays so, measure on another machine: a shared one gives its time to others."


@dataclass(frozen=True, slots=True)
class Sample:
    """Counters at one moment, in CPU seconds; ``pressure`` is a share, None where the system has none."""

    total: float
    busy: float
    steal: float
    measured: float  # CPU seconds of measured processes, which are no neighbours
    pressure: float | None


class Gauge:
    """Compares now with the last time somebody asked. Safe to share between threads."""

    def __init__(self, sample: Callable[[], Sample] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._sample, self._clock = sample or read_sample, clock
        self._lock = threading.Lock()
        self._last, self._at = self._sample(), clock()
        self._load = Load("quiet", (), ())

    def read(self) -> Load:
        """Quiet, busy or contended since the last look, with reasons and what to do."""
        with self._lock:
            if self._clock() - self._at >= FRESH_SECONDS:
                now = self._sample()
                self._load = judge(self._last, now)
                self._last, self._at = now, self._clock()
            return self._load


def judge(before: Sample, now: Sample) -> Load:
    """What happened between two samples. Pure."""
    total = max(now.total - before.total, 1e-9)
    others = max(0.0, (now.busy - before.busy) - max(0.0, now.measured - before.measured)) / total
    steal = max(0.0, now.steal - before.steal) / total
    contended, busy = [], []
    if now.pressure is not None and now.pressure > PRESSURE:
        contended.append(f"in the last ten seconds some task waited for a CPU {now.pressure:.0%} of the time")
    if steal > STEAL:
        contended.append(f"the hypervisor gave {steal:.1%} of the CPU time to other machines")
    if others > CONTENDED:
        contended.append(f"other programs use {others:.0%} of the CPU")
    elif others > BUSY:
        busy.append(f"other programs use {others:.0%} of the CPU")
    note = () if now.pressure is not None else ("this system doesn't tell who waits for a CPU, only how busy it is",)
    if contended:
        advice = (WAIT, LONGER, ELSEWHERE) if steal > STEAL else (WAIT, LONGER)
        return Load("contended", (*contended, *note), advice)
    if busy:
        return Load("busy", (*busy, *note), (WAIT,))
    return Load("quiet", note, ())


def read_sample() -> Sample:
    """The system's counters now."""
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    total = sum(value for name, value in times._asdict().items() if not name.startswith("guest"))
    return Sample(total, total - idle, getattr(times, "steal", 0.0), _measured_seconds(), _pressure())


def _measured_seconds() -> float:
    seconds = 0.0
    for process in psutil.process_iter(["cmdline", "cpu_times"]):
        if MEASURED in (process.info["cmdline"] or ()) and process.info["cpu_times"]:
            seconds += process.info["cpu_times"].user + process.info["cpu_times"].system
    return seconds


def _pressure() -> float | None:
    """Share of the last ten seconds in which some task waited for a CPU; None outside Linux."""
    for line in read_text("/proc/pressure/cpu").splitlines():
        if line.startswith("some"):
            return float(line.partition("avg10=")[2].partition(" ")[0]) / 100
    return None
