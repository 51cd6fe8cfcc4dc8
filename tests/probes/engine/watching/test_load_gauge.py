"""Quiet, busy or contended: from counters, without a machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from probes.engine.watching import load_gauge
from probes.engine.watching.counters import Core, CounterChange, Counters, Own
from probes.engine.watching.load_gauge import FRESH_SECONDS, STALE_SECONDS, WINDOW_SECONDS, Census, Gauge, judge

#: Ten seconds on two cores with nobody there.
IDLE = CounterChange(
    seconds=10.0, total=20.0, others=0.0, steal=0.0, room=20.0, intruders=0.0, cpu=0.0, switches=0, waiting=0.0
)


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, "quiet", ""),
        ({"others": 4.0}, "quiet", ""),
        ({"others": 8.0}, "busy", "other programs use 40 % of the CPU"),
        ({"others": 14.0}, "contended", "other programs use 70 % of the CPU"),
        # Our own: one core in full, whose threads wait for each other.
        ({"room": 10.0, "cpu": 10.0, "waiting": 1.4}, "quiet", ""),
        ({"intruders": 2.0, "waiting": 4.0}, "contended", "some task waited for a CPU 40 % of the time"),
        ({"steal": 1.0}, "contended", "the hypervisor gave 5.0 % of the CPU time to other machines"),
    ],
)
def test_levels(changes: dict[str, float], level: str, said: str) -> None:
    load = judge(replace(IDLE, **changes))
    assert load.level == level
    assert said in "; ".join(load.reasons)
    assert bool(load.advice) == (level != "quiet")


def test_a_system_without_pressure_says_that_it_tells_less() -> None:
    load = judge(replace(IDLE, waiting=None))
    assert load.level == "quiet"
    assert "doesn't tell who waits" in load.reasons[0]


def test_advice_fits_the_cause() -> None:
    stolen, crowded = judge(replace(IDLE, steal=1.0)).advice, judge(replace(IDLE, others=14.0)).advice
    assert load_gauge.ELSEWHERE in stolen
    assert load_gauge.CLOSE not in stolen, "no browser tab on this machine takes another machine's time"
    assert load_gauge.CLOSE in crowded
    assert load_gauge.ELSEWHERE not in crowded


# ---------------------------------------------------------------------------------------- over time


class World:
    """Two cores at a time that moves when told to; ``others`` and ours use so many of them."""

    def __init__(self) -> None:
        self.now = self._others = self._ours = 0.0
        self.pid = 7

    def goes_on(self, seconds: float, *, others: float = 0.0, ours: float = 0.0) -> None:
        self.now += seconds
        self._others += seconds * others
        self._ours += seconds * ours

    def replaces_its_child(self) -> None:
        """The next round: its new child hasn't done anything yet, and nobody knows what the old one did last."""
        self.pid, self._others, self._ours = self.pid + 1, self._others + self._ours, 0.0

    def read(self) -> Counters:
        busy = (self._others + self._ours) / 2
        return Counters(self.now, (Core(self.now, busy, 0.0),) * 2, 0.0, {self.pid: Own(self._ours)}, {})


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def gauge(world: World) -> Gauge:
    """One that has looked once."""
    found = Gauge(world.read, lambda: world.now)
    assert found.read() is None, "one look tells nothing"
    return found


def level(gauge: Gauge) -> str:
    load = gauge.read()
    assert load is not None
    return load.level


def test_the_second_look_tells(world: World, gauge: Gauge) -> None:
    world.goes_on(FRESH_SECONDS / 2, others=2)
    assert gauge.read() is None, "too soon"
    world.goes_on(FRESH_SECONDS / 2, others=2)
    assert level(gauge) == "contended"


def test_what_is_measured_is_no_neighbour(world: World, gauge: Gauge) -> None:
    world.goes_on(FRESH_SECONDS, ours=1.0, others=0.1)
    assert level(gauge) == "quiet"


def test_now_is_the_last_ten_seconds(world: World, gauge: Gauge) -> None:
    world.goes_on(FRESH_SECONDS, others=2)
    assert level(gauge) == "contended"
    levels = []
    for _ in range(round(WINDOW_SECONDS / FRESH_SECONDS)):
        world.goes_on(FRESH_SECONDS)
        levels.append(level(gauge))
    assert levels[0] == "busy", "it fades"
    assert levels[-1] == "quiet"


def test_what_happened_while_nobody_looked_is_not_now(world: World, gauge: Gauge) -> None:
    world.goes_on(STALE_SECONDS + 1, others=2)
    assert gauge.read() is None
    world.goes_on(FRESH_SECONDS)
    assert level(gauge) == "quiet"


def test_a_round_that_ends_says_nothing_of_neighbours(world: World, gauge: Gauge) -> None:
    world.goes_on(FRESH_SECONDS, ours=1.0)
    assert level(gauge) == "quiet"
    world.goes_on(FRESH_SECONDS, ours=2.0)
    world.replaces_its_child()
    assert level(gauge) == "quiet", "the old child's last seconds are not other people's"


# ---------------------------------------------------------------------------------------- who is who

PROCESSES: dict[int, tuple[tuple[str, ...], int]] = {
    1: (("init",), 0),
    2: (("python", "-m", "streamlit", "run", "app.py"), 1),
    3: (("python", "-m", "advisor", "agent", "--parent", "2"), 2),
    4: (("python", "-m", "probes.engine.child.worker", "pytorch", "3"), 3),
    5: (("cc1plus", "kernel.cpp"), 4),
    6: (("chromium",), 2),
    7: (("python", "-m", "probes", "run"), 1),
    8: (("grep", "probes.engine.child.worker"), 1),
    10: (("python", "-m", "probes.check.worker", "tensorflow", "7"), 7),
}


def test_our_processes_are_found_among_all() -> None:
    asked: list[int] = []

    def describe(pid: int) -> tuple[tuple[str, ...], int]:
        asked.append(pid)
        if pid == 9:
            raise psutil.NoSuchProcess(pid)
        return PROCESSES[pid]

    here = [*PROCESSES, 9]
    census = Census(lambda: iter(here), describe)
    worker = "probes.engine.child.worker"
    found = {1: "", 2: "", 3: "advisor", 4: worker, 5: worker, 6: "", 7: "probes", 8: "", 9: ""}
    found[10] = "probes.check.worker"
    assert census.find() == found
    here.remove(4)
    assert census.find() == {pid: module for pid, module in found.items() if pid != 4}
    assert len(asked) == len(found), "each is looked at once"


def test_this_machine_can_be_read() -> None:
    census = Census()
    first, second = census.read(), census.read()
    assert second.seconds >= first.seconds
    assert first.helpers, "this process is one"


def test_it_is_ready_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    moments: Iterator[Counters] = iter([World().read()] * 2)
    monkeypatch.setattr(Census, "read", lambda _: next(moments))
    assert Gauge().read() is None
