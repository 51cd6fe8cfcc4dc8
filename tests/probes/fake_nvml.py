# ruff: noqa: N802, N815 - the names are the library's
"""A management library that answers from a script: ``sys.modules["pynvml"] = FakeNvml(...)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class NVMLError(Exception):
    """What the library raises for whatever it can't do."""


@dataclass(frozen=True)
class State:
    """What the GPU would say at one moment."""

    mhz: int = 1980
    celsius: int = 55
    limited_ns: dict[int, int] | None = field(default_factory=dict)  # by policy; None: this GPU doesn't count
    reasons: int | None = 0  # None: this GPU doesn't say
    pids: tuple[int, ...] = ()
    millijoules: int | None = 0  # None: no counter


class FakeNvml:
    """One GPU. ``states`` are what it says at one reading after the other; the last one stays."""

    NVML_CLOCK_SM, NVML_TEMPERATURE_GPU = 1, 0
    NVML_PERF_POLICY_POWER, NVML_PERF_POLICY_THERMAL = 0, 1
    NVML_PERF_POLICY_BOARD_LIMIT, NVML_PERF_POLICY_RELIABILITY = 3, 5
    nvmlClocksEventReasonGpuIdle = 0x1
    nvmlClocksEventReasonSwPowerCap = 0x4
    nvmlClocksEventReasonHwSlowdown = 0x8
    nvmlClocksEventReasonSwThermalSlowdown = 0x20
    nvmlClocksEventReasonHwThermalSlowdown = 0x40
    nvmlClocksEventReasonHwPowerBrakeSlowdown = 0x80
    NVMLError = NVMLError

    def __init__(self, states: Sequence[State] = (State(),), *, broken: str = "", old_driver: bool = False) -> None:
        self._states, self._broken, self._old = list(states), broken, old_driver
        self.open = 0
        self.asked_for: list[object] = []

    def nvmlInit(self) -> None:
        if self._broken:
            raise NVMLError(self._broken)
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlSystemGetDriverVersion(self) -> str:
        return "580.65.06"

    def nvmlSystemGetCudaDriverVersion_v2(self) -> int:
        return 13010

    def nvmlDeviceGetCount(self) -> int:
        return 1

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        self.asked_for.append(index)
        if index:
            raise NVMLError("Not Found")
        return "handle"

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        self.asked_for.append(uuid)
        return "handle"

    def nvmlDeviceGetName(self, handle: str) -> str:
        return "NVIDIA Sample"

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:
        return SimpleNamespace(total=80 * 2**30)

    def _next(self) -> None:
        self._state = self._states.pop(0) if len(self._states) > 1 else self._states[0]

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:
        self._next()
        if self._state.millijoules is None:
            raise NVMLError("Not Supported")
        return self._state.millijoules

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> list[Any]:
        """A reading asks this first: the next state begins."""
        self._next()
        return [SimpleNamespace(pid=pid) for pid in self._state.pids]

    def nvmlDeviceGetClockInfo(self, handle: str, kind: int) -> int:
        return self._state.mhz

    def nvmlDeviceGetTemperature(self, handle: str, sensor: int) -> int:
        return self._state.celsius

    def nvmlDeviceGetViolationStatus(self, handle: str, policy: int) -> Any:
        if self._state.limited_ns is None:
            raise NVMLError("Not Supported")
        return SimpleNamespace(violationTime=self._state.limited_ns.get(policy, 0))

    def nvmlDeviceGetCurrentClocksEventReasons(self, handle: str) -> int:
        if self._old:
            raise NVMLError("Function Not Found")
        return self._said()

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: str) -> int:
        return self._said()

    def _said(self) -> int:
        if self._state.reasons is None:
            raise NVMLError("Not Supported")
        return self._state.reasons
