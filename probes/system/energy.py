"""Energy counters: of the processor's packages (RAPL) and of NVIDIA's GPUs (NVML), in joules since some moment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from probes.system.nvml import UnreadableError, asked, gpu_of, open_library

#: Intel's and AMD's counters alike; the kernel's name is of the first. A virtual machine shows none.
POWERCAP = Path("/sys/class/powercap")
MICRO, MILLI = 1e-6, 1e-3

Joules = Callable[[], float]


class PackageCounter:
    """Joules that all packages of the processor have taken, whoever made them work."""

    def __init__(self, folder: Path = POWERCAP) -> None:
        """Raises UnreadableError, with what to do where something can be done."""
        self._packages = [zone for zone in sorted(folder.glob("intel-rapl:*")) if zone.name.count(":") == 1]
        if not self._packages:
            raise UnreadableError(
                "the processor shows no energy counter here (RAPL): virtual machines and containers hide it"
            )
        try:
            self._last = [_number(zone / "energy_uj") for zone in self._packages]
            self._ranges = [_number(zone / "max_energy_range_uj") for zone in self._packages]
        except PermissionError:
            raise UnreadableError(
                "only root may read the processor's energy counter: sudo chmod a+r "
                f"{folder}/intel-rapl:*/energy_uj allows it until the next boot"
            ) from None
        except (OSError, ValueError) as error:
            raise UnreadableError(f"the processor's energy counter can't be read: {error}") from error
        self._taken = 0

    def joules(self) -> float:
        """Since this object was made. A counter starts again at 0 beyond its range: at 100 W after some 40 minutes, so
        that it has to be read more often than that."""
        now = [_number(zone / "energy_uj") for zone in self._packages]
        for before, after, longest in zip(self._last, now, self._ranges, strict=True):
            self._taken += after - before if after >= before else after - before + longest + 1
        self._last = now
        return self._taken * MICRO


@contextmanager
def meter(device: str, folder: Path = POWERCAP) -> Iterator[Joules]:
    """The counter of what does the work on ``device``, "cpu" or "cuda". Raises UnreadableError."""
    if device == "cpu":
        yield PackageCounter(folder).joules
        return
    library = open_library()
    try:
        handle = gpu_of(library, os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0].strip() or "0")
        if asked(library, "nvmlDeviceGetTotalEnergyConsumption", handle) is None:
            raise UnreadableError("this GPU has no energy counter: NVIDIA's have one since Volta")
        yield lambda: float(library.nvmlDeviceGetTotalEnergyConsumption(handle)) * MILLI
    finally:
        library.nvmlShutdown()


def why_not(folder: Path = POWERCAP) -> str:
    """Why nothing can be read here at all; "" where one of the counters can."""
    reasons = []
    for device in ("cpu", "cuda"):
        try:
            with meter(device, folder):
                return ""
        except UnreadableError as error:
            reasons.append(str(error))
    return f"Not measurable here: {'; '.join(reasons)}."


def _number(file: Path) -> int:
    return int(file.read_text(encoding="ascii"))
