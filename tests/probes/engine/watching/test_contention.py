"""Witnesses of other people's work: from fake counters and a fake /proc, without timing anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.engine.watching import counters
from probes.engine.watching.contention import ContentionWatch, clock_speed, happened, waited
from probes.engine.watching.counters import NOTHING, Core, CounterChange, Counters, Own, change, ended

#: Ten seconds on two cores, the measured processes on one of them: they used all of it, and nobody else was there.
ALONE = CounterChange(
    seconds=10.0, total=20.0, others=0.0, steal=0.0, room=10.0, intruders=0.0, cpu=10.0, switches=200, waiting=0.0
)
PINNED = frozenset({1})


def moment(
    seconds: float, *, busy: tuple[float, float] = (0.0, 0.0), measured: dict[int, Own] | None = None, **more: float
) -> Counters:
    """Two cores; whatever isn't busy is idle."""
    cores = tuple(Core(seconds, used, more.get("steal", 0.0)) for used in busy)
    helpers = {9: Own(more["helper"])} if "helper" in more else {}
    return Counters(seconds, cores, more.get("waiting", 0.0), measured or {}, helpers)


# ---------------------------------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({}, ()),
        # tf.function at batch 1 on one core of a quiet machine: its own threads wait for each other.
        ({"waiting": 1.3, "switches": 20_000}, ()),
        ({"waiting": 0.9, "intruders": 3.0}, ()),
        (
            {"waiting": 4.0, "intruders": 3.0},
            ("tasks waited for a CPU in 40 % of the time, and others used 30 % of our cores",),
        ),
        (
            {"switches": 1700, "intruders": 3.0},
            ("measured processes were put aside 170 times in each second of their work",),
        ),
        ({"switches": 250, "intruders": 3.0}, ()),
        ({"steal": 1.0}, ("the hypervisor gave 5.0 % of the CPU time to others",)),
        ({"steal": 0.04}, ()),
        ({"others": 14.0}, ()),
        ({"others": 14.0, "waiting": None}, ("other programs used 70 % of the CPU",)),
        ({"others": 10.0, "waiting": None}, ()),
    ],
)
def test_what_counters_say(seen: dict[str, float], said: tuple[str, ...]) -> None:
    assert happened(replace(ALONE, **seen), ()) == said


@pytest.mark.parametrize(
    ("clocks", "braked"),
    [
        ((), False),
        ((0.0, 0.0, 0.0), False),  # the system doesn't tell
        ((2600.0, 2600.0, 2600.0), False),
        ((4800.0, 4100.0, 4000.0, 4000.0), False),  # turbo steps
        ((4800.0, 4700.0, 4800.0, 4700.0, 1900.0), False),  # one look in an idle moment
        ((4800.0, 4700.0, 2400.0, 2300.0), True),
    ],
)
def test_a_clock_that_is_held_down(clocks: tuple[float, ...], braked: bool) -> None:
    assert bool(happened(ALONE, clocks)) == braked
    assert not braked or "after 2 of 4 measurements" in happened(ALONE, clocks)[0]


@given(st.floats(0, 10), st.floats(0, 10), st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_nobody_is_accused_who_was_not_there(waiting: float, cpu: float, switches: int) -> None:
    assert happened(replace(ALONE, waiting=waiting, cpu=cpu, switches=switches), ()) == ()
    assert waited(replace(ALONE, waiting=waiting)) == 0.0


# ---------------------------------------------------------------------------------------- who used what


def test_the_measured_core_less_what_is_measured_is_an_intruders() -> None:
    before = moment(0.0, measured={7: Own(5.0, 10, PINNED), 8: Own(0.0, 0, PINNED)}, helper=1.0)
    now = moment(
        10.0,
        busy=(6.0, 9.0),
        measured={7: Own(8.0, 60, PINNED), 8: Own(2.0, 5, PINNED)},
        helper=1.5,
        waiting=3.0,
    )
    seen = change(before, now)
    assert (seen.room, seen.cpu, seen.switches, seen.waiting) == (10.0, 5.0, 55, 3.0)
    assert seen.intruders == 9.0 - 5.0
    assert seen.others == 15.0 - 5.0 - 0.5, "a helper is nobody else, but may be in the way"


def test_processes_that_may_run_anywhere_share_all_cores() -> None:
    before = moment(0.0, measured={7: Own(0.0)}, helper=0.0)
    seen = change(before, moment(10.0, busy=(8.0, 8.0), measured={7: Own(9.0)}, helper=1.0))
    assert (seen.room, seen.intruders, seen.others) == (20.0, 6.0, 6.0)


def test_a_new_process_has_done_all_its_work_since() -> None:
    seen = change(moment(0.0), moment(10.0, busy=(0.0, 4.0), measured={7: Own(4.0, 3, PINNED)}))
    assert (seen.cpu, seen.switches, seen.intruders, seen.others) == (4.0, 3, 0.0, 0.0)


def test_clocks_that_disagree_by_a_tick_accuse_nobody() -> None:
    seen = change(moment(0.0), moment(10.0, busy=(0.0, 3.99), measured={7: Own(4.0, 0, PINNED)}))
    assert (seen.intruders, seen.others) == (0.0, 0.0)


def test_changes_add_up() -> None:
    twice = replace(ALONE, **{name: 2 * getattr(ALONE, name) for name in ALONE.__slots__})
    assert twice == NOTHING + ALONE + ALONE
    assert (ALONE + replace(ALONE, waiting=None)).waiting is None


# ---------------------------------------------------------------------------------------- looking


class Machine:
    """Hands out moments, one a look."""

    def __init__(self, *moments: Counters) -> None:
        self._moments: Iterator[Counters] = iter(moments)

    def __call__(self, measured: Collection[int], helpers: Collection[int]) -> Counters:
        assert os.getpid() in helpers
        return next(self._moments)


def _own(cpu: float) -> dict[int, Own]:
    return {7: Own(cpu, 0, PINNED)}


def test_a_watch_adds_up_what_it_sees_from_look_to_look() -> None:
    watch = ContentionWatch(
        ours=lambda: (7,),
        read=Machine(
            moment(0.0),
            moment(10.0, busy=(0.0, 10.0), measured=_own(10.0), waiting=0.0),
            moment(20.0, busy=(0.0, 20.0), measured=_own(14.0), waiting=6.0),
        ),
        megahertz=lambda: 0.0,
    )
    assert watch.disturbances() == (), "nothing was seen yet"
    watch.look()
    assert watch.disturbances() == ()
    watch.look()
    assert watch.disturbances() == ("tasks waited for a CPU in 30 % of the time, and others used 30 % of our cores",)
    assert watch.disturbances() == watch.disturbances(), "asking is not looking"


def test_what_an_ended_process_did_last_is_nobody_elses() -> None:
    moments = (moment(0.0, measured=_own(0.0)), moment(10.0, busy=(0.0, 9.0), waiting=5.0))
    assert ended(*moments)
    watch = ContentionWatch(ours=lambda: (), read=Machine(*moments), megahertz=lambda: 0.0)
    watch.look()
    assert watch.disturbances() == ()


# ---------------------------------------------------------------------------------------- the system's own words

PROC = {
    "stat": "cpu  300 0 100 500 50 0 0 50 0 0\ncpu0 100 0 50 300 25 0 0 25 0 0\ncpu1 200 0 50 200 25 0 0 25 0 0\n",
    "pressure/cpu": "some avg10=12.50 avg60=1.00 avg300=0.10 total=2500000\nfull avg10=0.00 total=0\n",
}


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A /proc of two cores."""
    if sys.platform != "linux":
        pytest.skip("only Linux has a /proc")
    for name, text in PROC.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="ascii")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("proc")
def test_linux_is_read() -> None:
    seen = counters.read(())
    assert seen.waiting == 2.5
    assert seen.cores == (Core(5.0, 1.5, 0.25), Core(5.0, 2.5, 0.25))  # 100 ticks a second
    assert not seen.measured


def test_a_kernel_without_pressure_tells_less(proc: Path) -> None:
    (proc / "pressure" / "cpu").unlink()
    assert counters.read(()).waiting is None


def test_this_process_can_be_read_and_a_dead_one_is_left_out() -> None:
    seen = counters.read((os.getpid(), 2**22 + 1))
    assert set(seen.measured) == {os.getpid()}
    assert seen.measured[os.getpid()].cpu > 0
    assert len(seen.cores) == psutil.cpu_count()
    assert all(core.total >= core.busy >= 0 for core in seen.cores)
    assert os.getpid() not in counters.descendants()


@pytest.mark.parametrize("error", [NotImplementedError, AttributeError, OSError])
def test_a_system_without_clock_speeds_is_no_failure(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def refuse(percpu: bool) -> None:
        raise error

    monkeypatch.setattr(psutil, "cpu_freq", refuse)
    assert clock_speed() == 0.0
