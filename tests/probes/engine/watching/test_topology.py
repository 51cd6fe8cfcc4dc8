"""Which cores there are, and what may be had of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from probes.engine.watching import topology
from probes.engine.watching.topology import Processor
from tests.probes import fake_processor as fake
from tests.probes.fake_processor import Tree


def seen(tree: Tree, root: Path) -> Processor:
    return topology.read(tree.at(root), tree.allowed or tree.cores)


@pytest.mark.parametrize(
    ("tree", "physical", "efficiency"),
    [
        (fake.VIRTUAL, 2, set()),
        (fake.HYBRID, 14, set(range(12, 20))),
        (fake.AMD, 8, set()),
        (fake.BY_CLOCK, 4, {4, 5}),
        (fake.BIG_LITTLE, 8, {0, 1, 2, 3}),
        (fake.ONE, 1, set()),
        (fake.TWO_SIBLINGS, 1, set()),
        (fake.WSL, 8, set()),
        (fake.BARE, 4, set()),
        (fake.TWO_PACKAGES, 4, set()),
    ],
)
def test_kinds_and_siblings(tree: Tree, physical: int, efficiency: set[int], tmp_path: Path) -> None:
    found = seen(tree, tmp_path)
    assert {core.number for core in found.cores} == (tree.allowed or tree.cores)
    assert found.physical == found.room == physical
    assert {core.number for core in found.cores if core.efficiency} == efficiency
    assert found.wsl is (tree is fake.WSL)


def test_types_below_the_cpus_tell_as_well(tmp_path: Path) -> None:
    files = {**fake.VIRTUAL.files, f"{fake.CPUS}/types/intel_atom_0/cpulist": "0"}
    assert [core.efficiency for core in seen(Tree(files, frozenset({0, 1})), tmp_path).cores] == [True, False]


def test_what_is_no_list_is_none(tmp_path: Path) -> None:
    assert topology.numbers("0-2, 8") == {0, 1, 2, 8}
    assert topology.numbers("") == topology.numbers("n/a") == topology.numbers("-3") == frozenset()
    broken = dict.fromkeys(fake.HYBRID.files, "?")
    found = seen(Tree(broken, fake.HYBRID.cores), tmp_path)
    assert not any(core.efficiency for core in found.cores)
    assert found.quota is None


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({}, None),
        ({"sys/fs/cgroup/cpu.max": "150000 100000"}, 1.5),  # a container that hides its group
        ({"sys/fs/cgroup/cpu.max": "max 100000"}, None),
        ({"proc/self/cgroup": "0::/a/b", "sys/fs/cgroup/a/cpu.max": "50000 100000"}, 0.5),
        (
            {
                "proc/self/cgroup": "0::/a/b",
                "sys/fs/cgroup/a/cpu.max": "400000 100000",
                "sys/fs/cgroup/a/b/cpu.max": "200000 50000",
            },
            4.0,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/1\n0::/",
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us": "250000",
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us": "100000",
            },
            2.5,
        ),
        (
            {
                "proc/self/cgroup": "1:cpu:/docker/1",  # which the container itself doesn't see
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "100000",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            1.0,
        ),
        ({"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, None),
        ({"proc/self/cgroup": "0::/../x", "sys/fs/cgroup/x/cpu.max": "what"}, None),
    ],
)
def test_the_tightest_quota_of_either_version_holds(files: dict[str, str], quota: float | None, tmp_path: Path) -> None:
    found = topology.read(Tree(files, frozenset()).at(tmp_path), {0, 1, 2, 3, 4, 5})
    assert found.quota == quota
    assert found.room == (6 if quota is None else max(1, int(quota)))


def test_this_machine_is_read() -> None:
    found = topology.read()
    assert {core.number for core in found.cores} == topology.affinity()
    assert all(core.number in core.siblings and 0 < core.speed <= 1 for core in found.cores)


@pytest.mark.parametrize(
    ("tree", "one", "other", "share"),
    [
        (fake.VIRTUAL, {0}, {1}, "1 of 2 CPUs, on 1 core"),
        (fake.AMD, {0, 1}, {6, 7}, "2 of 16 CPUs, on 2 cores"),
        (fake.AMD, {3, 11}, {0, 8}, "2 of 16 CPUs, on 1 core"),
        (fake.HYBRID, {0, 12}, {4, 19}, "2 of 20 CPUs, on 2 cores, 1 for efficiency"),
        (fake.TWO_PACKAGES, {0, 4}, {2, 6}, "2 of 8 CPUs, on 2 cores, of 2 packages"),
        (fake.VIRTUAL, {0, 1}, {0, 1}, ""),
    ],
)
def test_as_much_of_the_same_is_the_same_share(
    tree: Tree, one: set[int], other: set[int], share: str, tmp_path: Path
) -> None:
    root = tree.at(tmp_path)
    found = {topology.share(topology.read(root, allowed), len(tree.cores)) for allowed in (one, other)}
    assert found == {share}


def test_another_kind_of_core_and_two_threads_of_one_are_another_share(tmp_path: Path) -> None:
    root = fake.HYBRID.at(tmp_path)
    shares = [topology.share(topology.read(root, allowed), 20) for allowed in ({0, 1}, {0, 2}, {12, 13}, {0})]
    assert len(set(shares)) == 4


def test_where_no_cores_are_known_nothing_is_said_of_a_share() -> None:
    assert topology.share(Processor(), 8) == ""
