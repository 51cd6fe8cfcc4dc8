"""Trees of system files as processors of many kinds show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CPUS = "sys/devices/system/cpu"


@dataclass(frozen=True)
class Tree:
    """The files below a root, and the cores that the process may use; all of them unless ``allowed`` says otherwise."""

    files: Mapping[str, str]
    cores: frozenset[int]
    allowed: frozenset[int] = field(default_factory=frozenset)

    def at(self, root: Path) -> Path:
        """Write them below ``root``."""
        for folder in {(root / name).parent for name in self.files}:
            folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (root / name).write_text(text + "\n", encoding="utf-8")
        return root


def tree(physical: Sequence[Sequence[int]], more: Mapping[str, str] | None = None, **each: Mapping[int, str]) -> Tree:
    """``physical``: the logical cores of each physical one. ``each``: a file of each core, by its number."""
    files = dict(more or {})
    for core_id, siblings in enumerate(physical):
        for number in siblings:
            place = f"{CPUS}/cpu{number}"
            files[f"{place}/topology/core_id"] = str(core_id)
            files[f"{place}/topology/physical_package_id"] = "0"
            files[f"{place}/topology/thread_siblings_list"] = ",".join(map(str, siblings))
            files |= {f"{place}/{FILES[name]}": said[number] for name, said in each.items()}
    return Tree(files, frozenset(n for siblings in physical for n in siblings))


FILES = {"capacity": "cpu_capacity", "clock": "cpufreq/cpuinfo_max_freq"}

VIRTUAL = tree([[0], [1]])
#: Six performance cores of two threads, then eight efficiency cores.
HYBRID = tree(
    [[2 * i, 2 * i + 1] for i in range(6)] + [[n] for n in range(12, 20)],
    {"sys/devices/cpu_core/cpus": "0-11", "sys/devices/cpu_atom/cpus": "12-19"},
)
#: Eight cores; the second threads are counted after all first ones.
AMD = tree([[n, n + 8] for n in range(8)])
#: The same without the list of types: kinds show in the clocks only (kHz).
BY_CLOCK = tree(
    [[0, 1], [2, 3], [4], [5]],
    clock={0: "4900000", 1: "4900000", 2: "5100000", 3: "5100000", 4: "3600000", 5: "3600000"},
)
BIG_LITTLE = tree(
    [[n] for n in range(8)],
    capacity=dict(enumerate(["325", "325", "325", "325", "870", "870", "870", "1024"])),
)
ONE = tree([[0]])
TWO_SIBLINGS = Tree(AMD.files, AMD.cores, frozenset({3, 11}))
CONTAINER = Tree({**AMD.files, "proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "150000 100000"}, AMD.cores)
WSL = Tree({"proc/version": "Linux version 5.15.153.1-microsoft-standard-WSL2"}, frozenset(range(8)))
BARE = Tree({}, frozenset(range(4)))
#: Core ids, but no list of siblings; the ids begin anew in the second package.
TWO_PACKAGES = Tree(
    {
        f"{CPUS}/cpu{n}/topology/{name}": str(value)
        for n in range(8)
        for name, value in (("core_id", n // 2 % 2), ("physical_package_id", n // 4))
    },
    frozenset(range(8)),
)
