"""Was somebody else at work? Three witnesses: CPU against wall time, steal, and pressure on the CPUs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from probes.engine.machine import read_text

#: A single-threaded block that got less CPU than this share of its wall time had to wait for somebody.
CPU_SHARE = 0.9
#: Share of the time in which some task waited for a CPU (``/proc/pressure/cpu``, «some»).
PRESSURE = 0.10
#: Share of CPU time that the hypervisor gave to other machines. Above 0 in principle; a jiffy is no neighbour.
STEAL = 0.001


@dataclass(frozen=True, slots=True)
class _Reading:
    seconds: float
    pressure_us: float
    steal: float
    total: float


class Witness(Protocol):
    """Saw what went on around a round."""

    def disturbances(self) -> tuple[str, ...]:
        """What happened since it began to look, in words; empty if nothing did."""
        ...


class Watch:
    """Looks at the system's counters at the start and at the end; no polling in between."""

    def __init__(self) -> None:
        self._start = _read()

    def disturbances(self) -> tuple[str, ...]:
        """What the counters say happened since the start; empty when quiet or when the system has no such counters."""
        now, start, found = _read(), self._start, []
        seconds = max(now.seconds - start.seconds, 1e-9)
        pressure = (now.pressure_us - start.pressure_us) / 1e6 / seconds
        steal = (now.steal - start.steal) / max(now.total - start.total, 1e-9)
        if pressure > PRESSURE:
            found.append(f"tasks waited for a CPU in {pressure:.0%} of the time")
        if steal > STEAL:
            found.append(f"the hypervisor gave {steal:.1%} of the CPU time to others")
        return tuple(found)


def _read() -> _Reading:
    pressure = 0.0
    for line in read_text("/proc/pressure/cpu").splitlines():
        if line.startswith("some"):
            pressure = float(line.rpartition("total=")[2])
    cpu = [float(figure) for figure in read_text("/proc/stat").partition("\n")[0].split()[1:9]]
    steal = cpu[7] if len(cpu) == 8 else 0.0
    return _Reading(time.monotonic(), pressure, steal, sum(cpu))
