"""Where pinned packages are to run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from advisor.lifecycle.dates import (
    GENERATIONS,
    SYSTEMS,
    ClockInputError,
    GpuGeneration,
    Lifecycle,
    PythonLine,
    WheelSystem,
)

SYSTEM_NAMES: Final[Mapping[str, WheelSystem]] = {
    "linux": "linux-x86_64",
    "windows": "windows-x86_64",
    **{system: system for system in SYSTEMS},
}
SYSTEM_TITLES: Final[Mapping[WheelSystem, str]] = {
    "linux-x86_64": "Linux (x86-64)",
    "linux-aarch64": "Linux on ARM",
    "macos-x86_64": "macOS on Intel",
    "macos-arm64": "macOS on Apple silicon",
    "windows-x86_64": "Windows (x86-64)",
    "windows-arm64": "Windows on ARM",
}
_PLATFORMS: Final = {
    "linux": ("posix", "Linux", "linux"),
    "macos": ("posix", "Darwin", "darwin"),
    "windows": ("nt", "Windows", "win32"),
}
_PROCESSORS: Final = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}


class MachineError(ClockInputError):
    """A field that can't be used: names it, its value and what is allowed."""


@dataclass(frozen=True, slots=True)
class InstallTarget:
    """A Python (``3.11``), a system, and of an NVIDIA GPU its generation and the newest CUDA that its driver knows.

    No GPU: nothing is said of GPUs. No CUDA: nothing of drivers. ``supposed``: fields that nobody named. ``glibc`` and
    ``toolkit`` (an installed CUDA) are what images of the project have, "" where they don't say it; a glibc of ``0`` is
    none (Alpine has musl).
    """

    python: str
    system: WheelSystem
    gpu: GpuGeneration | None = None
    cuda: str = ""
    supposed: tuple[str, ...] = ()
    glibc: str = ""
    toolkit: str = ""

    def environment(self) -> dict[str, str]:
        """The names that markers of requirements use."""
        system, _, processor = self.system.partition("-")
        os_name, platform_system, sys_platform = _PLATFORMS[system]
        machine = "AMD64" if self.system == "windows-x86_64" else _PROCESSORS[processor]
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": os_name,
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": platform_system,
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": sys_platform,
        }


def in_images(target: InstallTarget, images: Sequence[str], known: Lifecycle) -> InstallTarget:
    """With the glibc and the CUDA that the images have, where all that say it say the same. Linux alone has images."""
    if not target.system.startswith("linux"):
        return target
    lines = [known.distribution(image) for image in images]
    glibc = {line.glibc for line in lines if line} | {"0" for image in images if re.search(r"\balpine", image.lower())}
    cuda = {found[1] for image in images if (found := re.search(r"nvidia/cuda:(\d+\.\d+)", image.lower()))}
    return replace(target, glibc=glibc.pop() if len(glibc) == 1 else "", toolkit=cuda.pop() if len(cuda) == 1 else "")


def machine(
    pythons: tuple[PythonLine, ...],
    file_python: str,
    *,
    python: str = "",
    system: str = "",
    gpu: str = "",
    cuda: str = "",
) -> InstallTarget:
    """From what somebody said; "" is not said. ``file_python``: the range that the file asks for.

    A Python that isn't said is the file's, if it allows one alone; a system is Linux. Raises MachineError.
    """
    known = [line.id for line in pythons]
    supposed = []
    if not python:
        python = _of_file(file_python, known)
        supposed.append("python")
    found = re.fullmatch(r"(\d+\.\d+)(\.\d+)?", python)
    if found is None or found[1] not in known:
        raise MachineError(f"--python: {python!r} is not allowed; allowed: {', '.join(known)}, with a patch or without")
    if not system:
        system = "linux"
        supposed.append("os")
    if system not in SYSTEM_NAMES:
        raise MachineError(f"--os: {system!r} is not allowed; allowed: {', '.join(SYSTEM_NAMES)}")
    if gpu and gpu not in (*GENERATIONS, "none"):
        raise MachineError(f"--gpu: {gpu!r} is not allowed; allowed: none, {', '.join(GENERATIONS)}")
    if cuda and not re.fullmatch(r"\d{1,2}\.\d{1,2}", cuda):
        raise MachineError(f"--cuda: {cuda!r} is not allowed; allowed: a version as 12.4, as nvidia-smi shows it")
    if cuda and gpu == "none":
        raise MachineError("--cuda: can't be meant without a GPU; leave it out, or name a generation with --gpu")
    generation = next((name for name in GENERATIONS if name == gpu), None)
    return InstallTarget(found[1], SYSTEM_NAMES[system], generation, cuda, tuple(supposed))


def _of_file(wanted: str, known: list[str]) -> str:
    """The one Python that the file allows."""
    try:
        range_ = SpecifierSet(wanted)
    except InvalidSpecifier:
        wanted, range_ = "", SpecifierSet()
    fitting = [version for version in known if wanted and f"{version}.99" in range_] or [
        version for version in known if wanted and any(f"{version}.{patch}" in range_ for patch in range(40))
    ]
    if len(fitting) == 1:
        return fitting[0]
    said = f"the file allows {', '.join(fitting)}" if fitting else "the file doesn't say it"
    raise MachineError(f"--python: is needed: {said}; allowed: {', '.join(known)}")
