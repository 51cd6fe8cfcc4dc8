"""Was the GPU left alone, and did it keep its pace? Read at the start, after every instance and at the end of a round.

Nothing is polled while a clock runs: a query takes the driver's lock, which the measured process needs to launch work.
The driver's own counters say for how long the clock was held down in between; a momentary reading would miss it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from probes.engine.watching import counters
from probes.system.nvml import Handle, Library, UnreadableError, asked, gpu_of, open_library
from probes.system.quantities import counted, percent

#: Share of the time below the full clock from which it is a disturbance.
LIMITED_SHARE: Final = 0.01
#: How far a probe's clocks may lie apart from instance to instance.
CLOCK_DROP: Final = 0.05

#: Counters (``nvmlPerfPolicyType_t``) of the nanoseconds below the full clock, by what caused it.
_POLICIES: Final[Mapping[str, str]] = {
    "the power limit": "NVML_PERF_POLICY_POWER",
    "heat": "NVML_PERF_POLICY_THERMAL",
    "the board's limit": "NVML_PERF_POLICY_BOARD_LIMIT",
    "the reliability limit": "NVML_PERF_POLICY_RELIABILITY",
}
#: Momentary reasons, for GPUs that don't count. Idling and clocks that somebody fixed are no disturbance.
_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "the power limit": ("nvmlClocksEventReasonSwPowerCap",),
    "heat": ("nvmlClocksEventReasonSwThermalSlowdown", "nvmlClocksEventReasonHwThermalSlowdown"),
    "the power supply": ("nvmlClocksEventReasonHwPowerBrakeSlowdown",),
    "the hardware": ("nvmlClocksEventReasonHwSlowdown",),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the GPU said at one moment. None, or an absent key, is what it doesn't tell."""

    label: str  # the probe that was just measured; "" at the start and at the end
    seconds: float
    sm_mhz: float | None = None
    celsius: float | None = None
    limited_ns: Mapping[str, int] | None = None  # since the driver was loaded; None if it doesn't count
    limits: tuple[str, ...] = ()  # in force at this moment
    strangers: int = 0  # processes with a compute context that this run didn't start


class GpuWatch:
    """A GPU's reader, open inside ``with``.

    ``visible`` is the one GPU that the children see, as in ``CUDA_VISIBLE_DEVICES``; "" or "-1" for none. Where
    nothing can be read the reader stays silent, and ``note`` says why.
    """

    def __init__(
        self,
        visible: str,
        *,
        ours: Callable[[], Collection[int]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._visible, self._ours, self._clock = visible, ours or counters.descendants, clock
        self._library: Library = None
        self._handle: Handle = None
        self._readings: list[Reading] = []
        self.note = ""

    def __enter__(self) -> Self:
        """Open the library and read for the first time: best before any child of this run uses the GPU."""
        if self._visible not in ("", "-1"):
            try:
                self._library = open_library()
                self._handle = gpu_of(self._library, self._visible)
            except UnreadableError as error:
                self.note = f"clocks, heat and other users of the GPU could not be watched: {error}"
                self._close()
            self._read("")
        return self

    def __exit__(self, *_: object) -> None:
        """Read for the last time and close the library."""
        self._read("")
        self._close()

    def look(self, label: str) -> dict[str, float]:
        """Read between two clocks, right after ``label`` was measured: ``gpu_mhz`` and ``gpu_celsius``, where told."""
        reading = self._read(label)
        figures = {"gpu_mhz": reading.sm_mhz, "gpu_celsius": reading.celsius} if reading else {}
        return {name: float(value) for name, value in figures.items() if value is not None}

    def disturbances(self) -> tuple[str, ...]:
        return happened(self._readings)

    def _read(self, label: str) -> Reading | None:
        if self._handle is None:
            return None
        self._readings.append(_reading(self._library, self._handle, label, self._clock(), self._ours()))
        return self._readings[-1]

    def _close(self) -> None:
        if self._library is not None:
            self._library.nvmlShutdown()
        self._library = self._handle = None


def happened(readings: Sequence[Reading]) -> tuple[str, ...]:
    """What ``readings``, in order of time, say of the time between them. Pure."""
    if not readings:
        return ()
    disturbances = [f"{what} held the GPU's clock down {how_long}" for what, how_long in _limits(readings).items()]
    for label in dict.fromkeys(reading.label for reading in readings if reading.label):
        clocks = [r.sm_mhz for r in readings if r.label == label and r.sm_mhz]
        if clocks and min(clocks) < (1 - CLOCK_DROP) * max(clocks):
            disturbances.append(f"the GPU's clock lay between {min(clocks):.0f} and {max(clocks):.0f} MHz for {label}")
    if most := max(reading.strangers for reading in readings):
        disturbances.append(f"{counted(most, 'other process', 'other processes')} had the GPU open")
    return tuple(disturbances)


def strangers(seen: Collection[int], ours: Collection[int]) -> int:
    """How many of the process ids ``seen`` on the GPU aren't ``ours``.

    In a container the driver shows the host's ids, none of which is known here: then only the surplus is strange.
    """
    known = set(seen) & set(ours)
    return len(set(seen) - known) if known or not ours else max(0, len(set(seen)) - len(set(ours)))


def _limits(readings: Sequence[Reading]) -> dict[str, str]:
    """By cause: for how long, where the GPU counts; else at how many looks."""
    first, last = readings[0], readings[-1]
    if first.limited_ns is not None and last.limited_ns is not None:
        seconds = max(last.seconds - first.seconds, 1e-9)
        shares = {
            what: min(1.0, (end - first.limited_ns[what]) / 1e9 / seconds)
            for what, end in last.limited_ns.items()
            if what in first.limited_ns
        }
        return {what: f"in {percent(share)} of the time" for what, share in shares.items() if share > LIMITED_SHARE}
    looks = [reading for reading in readings if reading.label]
    counts = {what: sum(what in look.limits for look in looks) for what in _REASONS}
    return {what: f"at {count} of {len(looks)} looks" for what, count in counts.items() if count}


def _reading(library: Library, handle: Handle, label: str, seconds: float, ours: Collection[int]) -> Reading:
    processes = asked(library, "nvmlDeviceGetComputeRunningProcesses", handle) or ()
    return Reading(
        label=label,
        seconds=seconds,
        sm_mhz=asked(library, "nvmlDeviceGetClockInfo", handle, library.NVML_CLOCK_SM),
        celsius=asked(library, "nvmlDeviceGetTemperature", handle, library.NVML_TEMPERATURE_GPU),
        limited_ns=_counters(library, handle),
        limits=_momentary(library, handle),
        strangers=strangers([process.pid for process in processes], ours),
    )


def _counters(library: Library, handle: Handle) -> dict[str, int] | None:
    counted = {
        what: status.violationTime
        for what, policy in _POLICIES.items()
        if (status := asked(library, "nvmlDeviceGetViolationStatus", handle, getattr(library, policy))) is not None
    }
    return counted or None


def _momentary(library: Library, handle: Handle) -> tuple[str, ...]:
    mask = asked(library, "nvmlDeviceGetCurrentClocksEventReasons", handle)
    if mask is None:  # drivers before 535 know it by its older name only
        mask = asked(library, "nvmlDeviceGetCurrentClocksThrottleReasons", handle) or 0
    return tuple(what for what, names in _REASONS.items() if any(mask & getattr(library, name) for name in names))
