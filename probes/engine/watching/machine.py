"""What this machine is: a record for people and a fingerprint that keeps results of different machines apart."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import psutil

from probes.engine.watching import topology
from probes.engine.watching.topology import read_text
from probes.places import against
from probes.schema import TITLES, Device, Framework, Interpreter, Machine
from probes.system import nvml, variables
from probes.system.installed import version_of
from probes.system.quantities import counted

LIBRARIES = ("torch", "tensorflow", "keras", "numpy", "scikit-learn")
#: Of each side, the packages that are measured.
FRAMEWORK_LIBRARIES: Mapping[Framework, tuple[str, ...]] = {
    "pytorch": ("torch",),
    "tensorflow": ("tensorflow", "keras"),
}
_GIB = 2**30
#: What Linux tells of a processor's generation, on x86 and on Arm, and how it is called here.
_GENERATION = {"cpu family": "family", "model": "model", "CPU implementer": "implementer", "CPU part": "part"}
#: What a driver that can run CUDA programs shows of itself: Linux, WSL, Jetson, and AMD's for PyTorch's ROCm build.
_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", "/dev/nvhost-gpu", "/dev/kfd")
#: Fewer cores than this are busy with the system, the server and the pair itself.
FEWEST_DEDICATED = 4

SharingKind = Literal["gpu", "dedicated", "shared"]


@dataclass(frozen=True, slots=True)
class MachineClass:
    """How steady a machine can be expected to be, and why: what the equality margin goes by."""

    kind: SharingKind
    reasons: tuple[str, ...]  # for people


@cache
def read() -> Machine:
    """This machine, read once a process. Imports no framework."""
    cpu, nvidia = _cpu(), nvml.describe()
    gpus = nvidia.gpus
    logical = psutil.cpu_count() or 1
    physical = psutil.cpu_count(logical=False) or logical
    memory = psutil.virtual_memory().total
    versions = {name: version_of(name) or "not installed" for name in LIBRARIES} | dict(nvidia.versions)
    limits = _container_limits()
    system = f"{platform.system()} {platform.release()}" if platform.system() != "Linux" else _distribution()
    seen = Machine(
        fingerprint="",
        name="",
        cpu=cpu,
        physical_cores=physical,
        logical_cores=logical,
        memory_bytes=memory,
        gpus=gpus,
        os=system,
        kernel=platform.release(),
        python=platform.python_version(),
        virtualisation=_virtualisation(),
        versions=versions,
        container_limits=limits,
    )
    return replace(seen, fingerprint=fingerprint_of(seen), name=name_of(seen))


def fingerprint_of(machine: Machine) -> str:
    """16 hex digits over hardware, operating system and versions, where both sides run in the app's interpreter."""
    identity = [
        machine.cpu,
        machine.physical_cores,
        machine.logical_cores,
        round(machine.memory_bytes / _GIB),
        machine.gpus,
        machine.os,
        machine.kernel,
        dict(machine.versions),
        dict(machine.container_limits),
    ]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def name_of(machine: Machine) -> str:
    """ "AMD EPYC 7B13, 2 cores, 24 GiB": for people."""
    cores = counted(machine.physical_cores, "core")
    return ", ".join((machine.cpu, cores, f"{machine.memory_bytes / _GIB:.0f} GiB", *machine.gpus))


def seen_by(interpreters: Mapping[Framework, Interpreter], here: Machine | None = None) -> Machine:
    """This machine with the versions that are measured where a side has an interpreter of its own; ``here``: as it is
    for the app itself. What was measured in another interpreter has another fingerprint, even with the same versions.
    """
    here = here or read()
    if not interpreters:
        return here
    versions, one = dict(here.versions), against(interpreters)
    for side, told in sorted(interpreters.items()):
        measured = {"python": told.python, **told.versions}
        owner = told.name if one else TITLES[side]
        versions |= {_called(name, side, told, owner): version for name, version in measured.items()}
    names = {side: told.name for side, told in sorted(interpreters.items())}
    identity = json.dumps([here.fingerprint, versions, names], sort_keys=True)
    return replace(here, versions=versions, fingerprint=hashlib.sha256(identity.encode()).hexdigest()[:16])


def _called(name: str, side: Framework, told: Interpreter, owner: str) -> str:
    """A framework's own packages are one side's alone; of anything else each side may have another version."""
    of_framework = told.framework == side and name in FRAMEWORK_LIBRARIES[side]
    return name if of_framework else f"{name} ({owner})"


def gpu_here(machine: Machine | None = None) -> bool:
    """Whether a framework may find a GPU: one was seen, or a driver is there whose GPUs can't be listed."""
    machine = machine or read()
    return bool(machine.gpus) or any(Path(path).exists() for path in _DRIVERS)


def machine_class(machine: Machine, *, device: Device = "auto", quiet: bool | None = None) -> MachineClass:
    """ "gpu", "dedicated" (a quiet machine of one's own) or "shared". Pure.

    ``device`` is the run's, "cpu" if that is what "auto" came to. ``quiet`` is what the machine's own witnesses or its
    self-check said, None if nobody has looked: a record shows what a machine is, not whether it is left alone. A GPU is
    taken for steady until somebody has looked: what launches its kernels is a core of the host.
    """
    if machine.gpus and device != "cpu" and quiet is not False:
        return MachineClass("gpu", (f"measured on {machine.gpus[0]}",))
    doubts = [f"no GPU was seen, so «{device}» comes to the CPU"] if device == "cuda" else []
    if machine.virtualisation:
        doubts.append(f"it is a {machine.virtualisation}")
    if limits := sorted(machine.container_limits):
        doubts.append(f"its share of the hardware is limited ({', '.join(limits)})")
    if machine.physical_cores < FEWEST_DEDICATED:
        doubts.append(f"{counted(machine.physical_cores, 'core leaves', 'cores leave')} none to the rest of the system")
    if not quiet:
        doubts.append("it was not found quiet" if quiet is False else "nothing has shown yet that it is left alone")
    if doubts:
        return MachineClass("shared", tuple(doubts))
    return MachineClass("dedicated", (f"{machine.physical_cores} cores of its own, no limits, and found quiet",))


def _cpu() -> str:
    """Its name, with what tells generations apart where the name doesn't: a virtual machine may say «AMD EPYC»."""
    lines = read_text("/proc/cpuinfo").partition("\n\n")[0].splitlines()  # of the first core
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    name = told.get("model name") or (
        _said("sysctl", "-n", "machdep.cpu.brand_string") if platform.system() == "Darwin" else platform.processor()
    )
    if re.search(r"\d", name.partition("@")[0]) and name != platform.machine():
        return name
    parts = [f"{word} {told[key]}" for key, word in _GENERATION.items() if key in told]
    name = name or platform.machine() or "unknown CPU"
    return f"{name} ({', '.join(parts)})" if parts else name


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return "Linux"


def _virtualisation() -> str:
    for line in read_text("/proc/cpuinfo").splitlines():
        if line.startswith("flags") and " hypervisor" in line:
            vendor = read_text("/sys/class/dmi/id/sys_vendor")
            return f"virtual machine ({vendor})" if vendor else "virtual machine"
    return "container" if Path("/.dockerenv").exists() else ""


def _container_limits() -> dict[str, str]:
    """What of the machine this process may not use: how much, and never which part. Equal machines are equal though one
    of them grants its first core and the other its second."""
    may_use = topology.here()
    limits = {
        "cores": topology.share(may_use, psutil.cpu_count() or 1),
        "cpu.max": "" if may_use.quota is None else f"{may_use.quota:g} CPUs",
        "memory.max": read_text("/sys/fs/cgroup/memory.max"),
    }
    return {name: value for name, value in limits.items() if value and value != "max"}


def usable_cores() -> int:
    """Physical cores, or fewer if this process may not use them all, or not all of their time."""
    cores = read().physical_cores
    return min(cores, topology.here().room or cores)


def _said(*command: str) -> str:
    """What a small tool prints, "" if it is missing or fails: then there is nothing of its kind to describe."""
    path = shutil.which(command[0])
    if path is None:
        return ""
    try:
        done = subprocess.run(
            [path, *command[1:]], env=variables.variables(), capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
