"""On which device a pair is measured, and why a framework doesn't see the GPU. Pure."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from probes.schema import FRAMEWORKS, TITLES, Device, Framework

#: What the record of both children must have in common, so that one isn't faster by doing less.
EQUAL_SETTINGS = ("tf32",)
_ITSELF: Mapping[Framework, Framework] = {framework: framework for framework in FRAMEWORKS}


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """One device for all that are measured; the others can't be, with the reason and what to do about it."""

    device: str
    unsupported: Mapping[Framework, str] = field(default_factory=dict)
    note: str = ""


def choose(
    wanted: Device,
    seen: Mapping[Framework, tuple[str, ...]],
    *,
    gpu_here: bool,
    runs: Mapping[Framework, Framework] = _ITSELF,
    titles: Mapping[Framework, str] = TITLES,
) -> DeviceChoice:
    """``seen``: the devices that each side's child sees. A GPU against a CPU compares nothing and is never measured.
    ``runs``: the framework at each side's place, ``titles``: what people call the sides.

    "auto" takes the GPU if all see it, else the CPU for all. "cuda" measures those that see it.
    """
    blind = [framework for framework, devices in seen.items() if "cuda" not in devices]
    if wanted == "cpu" or not blind:
        return DeviceChoice("cpu" if wanted == "cpu" else "cuda")
    if wanted == "cuda":
        return DeviceChoice("cuda", {side: why_no_gpu(runs[side], gpu_here=gpu_here) for side in blind})
    if len(blind) == len(seen):
        return DeviceChoice("cpu")
    reasons = "; ".join(f"{titles[side]}: {why_no_gpu(runs[side], gpu_here=gpu_here)}" for side in blind)
    return DeviceChoice("cpu", note=f"both were measured on the CPU, because only one of them sees the GPU. {reasons}")


def why_no_gpu(framework: Framework, *, gpu_here: bool, platform: str = sys.platform) -> str:
    """What a user can do. ``gpu_here``: whether this machine shows an NVIDIA GPU or its driver at all."""
    if not gpu_here or platform == "darwin":
        return "no CUDA device is seen, and this machine shows no NVIDIA GPU with a driver: choose the CPU"
    return f"no CUDA device is seen: {install_line(framework, platform)}"


def install_line(framework: Framework, platform: str = sys.platform) -> str:
    """How a framework's CUDA build is installed on Linux or Windows."""
    if framework == "tensorflow":
        line = 'pip install "tensorflow[and-cuda]==2.21.0"'
        return f"it has no CUDA build for Windows; in WSL2, {line}" if platform == "win32" else line
    if platform == "win32":
        return "install the CUDA build of torch 2.13.0 with the line that pytorch.org/get-started gives for your CUDA"
    return (
        "pip install --force-reinstall torch==2.13.0 from PyPI, which brings CUDA along on Linux (a version that ends "
        "in +cpu is the CPU build), or the line that pytorch.org/get-started gives for your driver"
    )


def unequal(environment: Mapping[Framework, Mapping[str, str]], titles: Mapping[Framework, str] = TITLES) -> str:
    """What the children of a pair may not differ in but do; "" if there is nothing of the kind."""
    for name in EQUAL_SETTINGS:
        values = {titles[framework]: record.get(name, "unknown") for framework, record in environment.items()}
        if len(set(values.values())) > 1:
            return f"{name} differs: {' and '.join(f'{value} in {title}' for title, value in values.items())}"
    kinds = {record.get("device") == "cpu" for record in environment.values()}
    return "one side is on the CPU and the other on a GPU" if len(kinds) > 1 else ""
