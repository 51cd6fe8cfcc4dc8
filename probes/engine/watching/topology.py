"""Which cores this process may use: which are slower ones, which are two of one, and how much of their time it gets."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CPUS = "sys/devices/system/cpu"
#: Where the kernel lists the efficiency cores of Intel's hybrid processors; the second of some with a third kind.
_EFFICIENCY_LISTS = ("sys/devices/cpu_atom/cpus", "sys/devices/cpu_lowpower/cpus")
_EFFICIENCY_TYPES = "intel_atom*/cpulist"  # below _CPUS/types
#: A core below this share of the best one's capacity or clock is of another kind. Favoured cores of one kind differ by
#: a few per cent, the two upper of ARM's three tiers by some 15; efficiency cores of laptops have 0.7 to 0.75.
SAME_KIND = 0.8


@dataclass(frozen=True, slots=True)
class LogicalCore:
    """One CPU as the system counts them."""

    number: int
    siblings: frozenset[int]  # of one physical core, this one included
    package: int = 0
    efficiency: bool = False  # of the slower kind on a machine that has several
    speed: float = 1.0  # capacity or largest clock, as a share of the machine's best


@dataclass(frozen=True, slots=True)
class Processor:
    """What this process may use. Without ``cores``, the system has no such notion (macOS) and nothing is pinned."""

    cores: tuple[LogicalCore, ...] = ()
    quota: float | None = None  # CPUs' worth of time that its control groups grant; None: all
    wsl: bool = False  # Windows places the virtual cores and shows nothing of their kinds

    @property
    def physical(self) -> int:
        """Physical cores of which at least one thread may be used; 0 where that isn't known."""
        return len({core.siblings for core in self.cores})

    @property
    def room(self) -> int | None:
        """The threads that can run at once, a core and a whole CPU of the quota each, at least 1; None if not known."""
        bounds = [self.physical] if self.cores else []
        bounds += [max(1, int(self.quota))] if self.quota is not None else []
        return min(bounds, default=None)


@cache
def here() -> Processor:
    """This process's, read once."""
    return read()


def read(root: Path = Path("/"), allowed: Collection[int] | None = None) -> Processor:
    """What the files below ``root`` say of the cores in ``allowed`` (those of this process).

    A missing file is no error: cores that nothing is known of are of one kind, and have no siblings.
    """
    allowed = affinity() if allowed is None else allowed
    folders = {int(path.name[3:]): path for path in (root / _CPUS).glob("cpu[0-9]*") if path.name[3:].isdigit()}
    packages = {n: _whole(folder / "topology/physical_package_id") or 0 for n, folder in folders.items()}
    siblings, speeds, slower = _siblings(folders, packages), _speeds(folders), _efficiency_cores(root)
    return Processor(
        tuple(
            LogicalCore(
                number,
                siblings.get(number, frozenset()) | {number},
                packages.get(number, 0),
                efficiency=number in slower if slower else speeds.get(number, 1.0) < SAME_KIND,
                speed=speeds.get(number, 1.0),
            )
            for number in sorted(allowed)
        ),
        quota(root),
        wsl="microsoft" in read_text(root / "proc/version").lower(),
    )


def affinity() -> frozenset[int]:
    """The logical cores that this process may use; empty where the system has no such notion (macOS)."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def quota(root: Path = Path("/")) -> float | None:
    """CPUs' worth of time that the control groups of this process grant, the tightest of all levels; None: no limit."""
    found = [granted for folder, read_quota in _groups(root) if (granted := read_quota(folder)) is not None]
    return min(found, default=None)


def share(processor: Processor, logical: int) -> str:
    """What may be used of ``logical`` CPUs, in words that are the same wherever as much of the same may be used:
    «1 of 4 CPUs, on 1 core». "" for all of them, and where that isn't known."""
    cores = processor.cores
    if len(cores) in (0, logical):
        return ""
    said = [f"{len(cores)} of {logical} CPUs", f"on {processor.physical} core{'s' * (processor.physical != 1)}"]
    if slower := len({core.siblings for core in cores if core.efficiency}):
        said.append(f"{slower} for efficiency")
    if (packages := len({core.package for core in cores})) > 1:
        said.append(f"of {packages} packages")
    return ", ".join(said)


def numbers(text: str) -> frozenset[int]:
    """The kernel's lists: ``0-3,8`` are five cores."""
    found: set[int] = set()
    for part in filter(None, text.replace(" ", "").split(",")):
        first, _, last = part.partition("-")
        if first.isdigit() and (last or first).isdigit():
            found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def read_text(path: Path | str) -> str:
    """A small system file, "" where there is none (another system, a container that hides it)."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except (OSError, ValueError):
        return ""


def _siblings(folders: Mapping[int, Path], packages: Mapping[int, int]) -> dict[int, frozenset[int]]:
    """By the kernel's lists; where there are none, cores with one id in one package. Empty of what isn't known."""
    ids = {number: read_text(folder / "topology/core_id") for number, folder in folders.items()}
    found = {}
    for number, folder in folders.items():
        lists = (read_text(folder / "topology" / name) for name in ("core_cpus_list", "thread_siblings_list"))
        alike = (n for n in folders if ids[n] and (packages[n], ids[n]) == (packages[number], ids[number]))
        found[number] = numbers(next(filter(None, lists), "")) or frozenset(alike)
    return found


def _efficiency_cores(root: Path) -> frozenset[int]:
    lists = [root / name for name in _EFFICIENCY_LISTS] + sorted((root / _CPUS / "types").glob(_EFFICIENCY_TYPES))
    return frozenset[int]().union(*(numbers(read_text(path)) for path in lists))


def _speeds(folders: Mapping[int, Path]) -> dict[int, float]:
    """Each core's capacity, or else its largest clock, as a share of the best; empty where not all tell."""
    for name in ("cpu_capacity", "cpufreq/cpuinfo_max_freq"):
        figures = {number: _whole(folder / name) for number, folder in folders.items()}
        known = {number: figure for number, figure in figures.items() if figure}
        if known and len(known) == len(folders):
            return {number: figure / max(known.values()) for number, figure in known.items()}
    return {}


def _groups(root: Path) -> Iterator[tuple[Path, Callable[[Path], float | None]]]:
    """The folders of this process's control groups, with those above them, and how each tells of its quota."""
    mounts = root / "sys/fs/cgroup"
    ways: dict[str, Callable[[Path], float | None]] = {"": _quota_of_2, "cpu": _quota_of_1}
    lines = [line.split(":", 2) for line in read_text(root / "proc/self/cgroup").splitlines() if line.count(":") >= 2]
    for _, names, group in [*lines, ("", "", "/"), ("", "cpu", "/")]:  # in a container its own may be all there is
        kind = "cpu" if "cpu" in names.split(",") else names
        if kind in ways:
            parts = [part for part in group.split("/") if part not in ("", "..")]
            for mount in {mounts / names, mounts / kind, mounts / (kind or "unified")}:
                for depth in range(len(parts) + 1):
                    yield mount.joinpath(*parts[:depth]), ways[kind]


def _quota_of_2(folder: Path) -> float | None:
    granted, _, period = read_text(folder / "cpu.max").partition(" ")
    return int(granted) / int(period or 100_000) if granted.isdigit() and (period or "1").isdigit() else None


def _quota_of_1(folder: Path) -> float | None:
    granted, period = _whole(folder / "cpu.cfs_quota_us"), _whole(folder / "cpu.cfs_period_us")
    return granted / period if granted and period else None


def _whole(path: Path) -> int | None:
    """A whole number that isn't negative; None where there is none."""
    text = read_text(path)
    return int(text) if text.isdigit() else None
