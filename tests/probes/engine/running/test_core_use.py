"""Which cores a run gets, and how idle threads wait there."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.engine.running import core_use
from probes.engine.running.core_use import CoreUse, choose, place
from probes.engine.watching import topology
from probes.engine.watching.counters import NOTHING, Core, Counters
from probes.engine.watching.topology import Processor
from probes.results import Round
from probes.schema import FRAMEWORKS, RunRequest
from tests.probes import fake_processor as fake
from tests.probes.fake_processor import Tree
from tests.samples import MACHINE

OWN = replace(MACHINE, physical_cores=8, logical_cores=16)
SEVERAL = RunRequest(threads=4)
#: Hundreds of trees of a hundred small files each: on a disk, they take ten times as long. None: where others lie.
IN_MEMORY = next((place for place in ("/dev/shm",) if os.access(place, os.W_OK)), None)  # noqa: S108


def seen(tree: Tree, root: Path) -> Processor:
    return topology.read(tree.at(root), tree.allowed or tree.cores)


@pytest.mark.parametrize(
    ("tree", "threads", "cores", "why"),
    [
        (fake.VIRTUAL, 1, (1,), "1 of 2 cores"),
        (fake.VIRTUAL, 2, (), "2 of 2 cores"),
        (fake.HYBRID, 1, (10,), "1 of 6 performance cores, 0 of 8 efficiency cores"),
        (fake.HYBRID, 6, (0, 2, 4, 6, 8, 10), "6 of 6 performance cores, 0 of 8 efficiency cores"),
        (fake.HYBRID, 7, (0, 2, 4, 6, 8, 10, 19), "6 of 6 performance cores, 1 of 8 efficiency cores"),
        (fake.HYBRID, 15, (0, 2, 4, 6, 8, 10, 11, *range(12, 20)), "siblings share a core"),
        (fake.AMD, 2, (6, 7), "2 of 8 cores"),
        (fake.AMD, 9, (0, 1, 2, 3, 4, 5, 6, 7, 15), "8 of 8 cores, siblings share a core"),
        (fake.BY_CLOCK, 2, (0, 2), "2 of 2 performance cores, 0 of 2 efficiency cores"),
        (fake.BIG_LITTLE, 2, (6, 7), "2 of 4 performance cores, 0 of 4 efficiency cores"),
        (fake.BIG_LITTLE, 5, (3, 4, 5, 6, 7), "4 of 4 performance cores, 1 of 4 efficiency cores"),
        (fake.ONE, 1, (), "1 of 1 core"),
        (fake.TWO_SIBLINGS, 1, (3,), "1 of 1 core"),
        (fake.TWO_SIBLINGS, 2, (), "1 of 1 core, siblings share a core"),
        (fake.CONTAINER, 1, (7,), "1 of 8 cores, quota 1.5 CPUs"),
        (fake.WSL, 1, (7,), "under WSL Windows places them"),
        (fake.BARE, 1, (3,), "1 of 4 cores"),
        (fake.TWO_PACKAGES, 2, (4, 6), "2 of 4 cores"),
    ],
)
def test_places(tree: Tree, threads: int, cores: tuple[int, ...], why: str, tmp_path: Path) -> None:
    found = place(seen(tree, tmp_path), threads)
    assert found.cores == cores
    assert why in found.why
    assert not found.refusal


@pytest.mark.parametrize(
    ("tree", "quota", "threads", "said"),
    [
        (fake.ONE, None, 2, "Choose at most 1 thread, or grant"),
        (fake.TWO_SIBLINGS, None, 3, "Choose at most 2 threads"),
        (fake.CONTAINER, 1.5, 2, "quota is 1.5 CPUs. To measure, choose 1 or fewer threads, or raise it"),
        (fake.AMD, 0.5, 1, "quota is 0.5 CPUs. To measure, raise it (docker run --cpus=2"),
        (Tree({}, frozenset()), 0.5, 1, "quota is 0.5"),
    ],
)
def test_what_can_not_be_clocked_is_refused_with_what_to_do(
    tree: Tree, quota: float | None, threads: int, said: str, tmp_path: Path
) -> None:
    found = place(replace(seen(tree, tmp_path), quota=quota), threads)
    assert said in found.refusal
    assert found.cores == ()


@pytest.mark.parametrize(
    ("tree", "quota", "note"),
    [
        (fake.ONE, None, "only one core"),
        (fake.TWO_SIBLINGS, None, "only one core"),
        (fake.AMD, 1.0, "leaves nothing to the control process"),
        (fake.AMD, 1.5, ""),
        (fake.AMD, None, ""),
    ],
)
def test_a_tight_place_is_told(tree: Tree, quota: float | None, note: str, tmp_path: Path) -> None:
    said = place(replace(seen(tree, tmp_path), quota=quota), 1).note
    assert note in said
    assert bool(said) is bool(note)


@dataclass(frozen=True)
class Truth:
    """A machine as it is, and the files that tell of it."""

    tree: Tree
    siblings: dict[int, frozenset[int]]
    speed: dict[int, float]  # 1 for performance cores

    @property
    def processor(self) -> Processor:
        with TemporaryDirectory(dir=IN_MEMORY) as root:
            return seen(self.tree, Path(root))


@st.composite
def machines(draw: st.DrawFn) -> Truth:
    """Any cores in any numbering, told of in any of the ways there are, of which some may be used."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    numbers = iter(draw(st.permutations(range(sum(sizes)))))
    physical = [[next(numbers) for _ in range(size)] for size in sizes]
    speeds = [1.0, *(draw(st.sampled_from([0.4, 0.7, 1.0])) for _ in sizes[1:])]
    speed = {n: fast for fast, cores in zip(speeds, physical, strict=True) for n in cores}
    way = draw(st.sampled_from(["list", "capacity", "clock"]))
    figures = {} if way == "list" else {way: {n: str(int(1000 * fast)) for n, fast in speed.items()}}
    slower = ",".join(str(n) for n, fast in speed.items() if fast < 1)
    files = dict(fake.tree(physical, {"sys/devices/cpu_atom/cpus": slower} if way == "list" else {}, **figures).files)
    if draw(st.booleans()):  # by core ids alone
        files = {name: text for name, text in files.items() if not name.endswith("thread_siblings_list")}
    allowed = frozenset(draw(st.sets(st.sampled_from(sorted(speed)), min_size=1)))
    told = {n: 0.5 if fast < 1 else 1.0 for n, fast in speed.items()} if way == "list" else speed
    return Truth(Tree(files, allowed), {n: frozenset(cores) for cores in physical for n in cores}, told)


@settings(deadline=None)
@given(machines(), st.data())
def test_whatever_the_machine_no_weaker_place_is_taken_while_a_better_one_is_free(
    truth: Truth, data: st.DataObject
) -> None:
    allowed = truth.tree.cores
    threads = data.draw(st.integers(1, len(allowed)))
    found = place(truth.processor, threads)
    chosen = set(found.cores or allowed)
    taken = {truth.siblings[n] for n in chosen}
    free = [n for n in allowed if truth.siblings[n] not in taken]
    assert chosen <= allowed
    assert len(chosen) == threads
    assert all(truth.speed[n] <= min(truth.speed[m] for m in chosen) for n in free), "a stronger core is free"
    assert len(taken) == threads or not free, "siblings only where there is no other core"
    assert found.exclusive is (len(taken) == threads)


@settings(deadline=None)
@given(machines())
def test_server_and_client_share_no_core_where_there_are_two(truth: Truth) -> None:
    server, client = core_use.apart(truth.processor)
    assert not set(server) & set(client)
    assert (server == client == ()) is (len(truth.tree.cores) == 1)
    if len({truth.siblings[n] for n in truth.tree.cores}) > 1:
        assert server
        assert not {truth.siblings[n] for n in server} & {truth.siblings[n] for n in client}


def quiet() -> tuple[str, ...]:
    return ()


def busy() -> tuple[str, ...]:
    return ("others keep 3.0 cores busy",)


def test_threads_may_spin_on_a_quiet_machine_of_ones_own_and_nowhere_else(tmp_path: Path) -> None:
    processor = seen(fake.AMD, tmp_path)
    found = choose(SEVERAL, (), here=OWN, processor=processor, look=quiet)
    assert found.waiting.startswith("default: 8 cores of its own")
    assert [found.passive(threads) for threads in (1, 2, 8, 9)] == [True, False, False, True]
    for machine, look, why in (
        (OWN, busy, "others keep 3.0 cores busy"),
        (replace(OWN, virtualisation="virtual machine"), quiet, "it is a virtual machine"),
        (replace(OWN, container_limits={"cpu.max": "4"}), quiet, "limited (cpu.max)"),
        (MACHINE, quiet, "2 cores leave none"),
    ):
        found = choose(SEVERAL, (), here=machine, processor=processor, look=look)
        assert found.waiting.startswith("passive: ")
        assert why in found.waiting
        assert found.passive(4)


def test_a_run_that_goes_on_keeps_cores_and_waiting(tmp_path: Path) -> None:
    processor = seen(fake.AMD, tmp_path)
    said = {"cores": "0,1,2,3", "waiting": "default: found quiet"}
    done = Round(0, (), environment=dict.fromkeys(FRAMEWORKS, said))
    found = choose(SEVERAL, (), [Round(0, ()), done], here=OWN, processor=processor, look=busy)
    assert (found.placement(4).cores, found.waiting) == ((0, 1, 2, 3), "default: found quiet")
    assert found.placement(2).cores == (6, 7), "other numbers of threads have no cores to keep"
    before = replace(done, environment={"pytorch": {"cores": "5", "OMP_WAIT_POLICY": "PASSIVE"}})
    found = choose(RunRequest(), (), [before], here=OWN, processor=processor, look=quiet)
    assert (found.placement(1).cores, found.waiting) == ((5,), "passive: as in the rounds before")
    fewer = replace(processor, cores=processor.cores[:2])
    assert choose(RunRequest(), (), [before], here=OWN, processor=fewer).placement(1).cores == (1,)


def test_all_cores_are_those_that_can_run_at_once(tmp_path: Path) -> None:
    assert CoreUse(seen(fake.CONTAINER, tmp_path), "").at_most(64) == 1
    assert core_use.UNBOUND.at_most(64) == 64
    assert not core_use.UNBOUND.placement(64).refusal


def test_who_else_is_at_work_shows_in_half_a_second() -> None:
    pauses: list[float] = []
    moments = iter(
        Counters(seconds, (Core(seconds, used, 0.0),) * 4, None, {}, {}) for seconds, used in ((0.0, 0.0), (0.5, 0.25))
    )
    (said,) = core_use.neighbours(lambda *_: next(moments), pauses.append)
    assert said == "others keep 2.0 cores busy"
    assert pauses == [core_use.LOOK_SECONDS]
    assert core_use.crowd(replace(NOTHING, seconds=0.5, total=8.0, room=8.0, others=0.1)) == ()
    assert core_use.crowd(NOTHING) == ()
