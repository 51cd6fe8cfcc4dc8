"""Which tests run side by side, and which wait for which."""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import cast

import pytest

from tests.processes import wait_until
from tests.taking_turns import in_order, place, turn

if os.name == "posix":
    import fcntl

posix = pytest.mark.skipif(os.name != "posix", reason="without locks of files nobody waits")
NONE, ALONE, MEASURES = (), ("alone",), ("measures",)
KINDS = (NONE, ALONE, MEASURES, (*ALONE, *MEASURES))
PATIENCE = 30.0


def item(run: str, *markers: str) -> pytest.Item:
    """As a worker has it in a test run of several workers; with "" for ``run`` in one of a single process."""
    config = SimpleNamespace(workerinput={"testrunuid": run}) if run else SimpleNamespace()
    made = SimpleNamespace(config=config, get_closest_marker=lambda name: name if name in markers else None)
    return cast("pytest.Item", made)


class Workers:
    """Of one test run; each test that began lasts until it is told to end."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.run, self._pool = secrets.token_hex(8), pool

    def begin(self, *markers: str) -> tuple[Event, Event]:
        """A test on a worker of its own: set once it has begun, and to be set for its end."""
        began, end = Event(), Event()

        def test() -> None:
            with turn(item(self.run, *markers)):
                began.set()
                assert end.wait(PATIENCE)

        self._pool.submit(test)
        return began, end

    def locked(self, name: str) -> bool:
        with place(self.run, name).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Workers]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        yield Workers(pool)


@posix
@pytest.mark.parametrize(("first", "second"), [(NONE, NONE), (NONE, MEASURES), (MEASURES, NONE)])
def test_these_run_side_by_side(workers: Workers, first: tuple[str, ...], second: tuple[str, ...]) -> None:
    running, end = workers.begin(*first)
    assert running.wait(PATIENCE)
    beside, its_end = workers.begin(*second)
    assert beside.wait(PATIENCE)
    end.set()
    its_end.set()


@posix
@pytest.mark.parametrize(
    ("first", "second"),
    [(MEASURES, MEASURES), *((ALONE, kind) for kind in KINDS), *((kind, ALONE) for kind in (NONE, MEASURES))],
)
def test_the_second_waits_for_the_end_of_the_first(
    workers: Workers, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    running, end = workers.begin(*first)
    assert running.wait(PATIENCE)
    waiting, its_end = workers.begin(*second)
    its_end.set()
    assert not waiting.wait(0.1)
    end.set()
    assert waiting.wait(PATIENCE)


@posix
def test_others_begin_while_one_waits_to_measure(workers: Workers) -> None:
    measuring, end = workers.begin(*MEASURES)
    assert measuring.wait(PATIENCE)
    next_one, its_end = workers.begin(*MEASURES)
    assert not next_one.wait(0.1)
    other, end_of_other = workers.begin()
    assert other.wait(PATIENCE)
    assert not next_one.is_set()
    for event in (end, its_end, end_of_other):
        event.set()


@posix
@pytest.mark.parametrize("kind", [NONE, MEASURES])
def test_nobody_begins_while_one_waits_to_be_alone(workers: Workers, kind: tuple[str, ...]) -> None:
    """Else it would wait for as long as there are tests."""
    running, end = workers.begin()
    assert running.wait(PATIENCE)
    alone, end_of_alone = workers.begin(*ALONE)
    wait_until(lambda: workers.locked("gate"), "it to wait")
    late, end_of_late = workers.begin(*kind)
    assert not late.wait(0.1)
    end.set()
    assert alone.wait(PATIENCE)
    assert not late.wait(0.1)
    end_of_alone.set()
    assert late.wait(PATIENCE)
    end_of_late.set()


@posix
def test_many_tests_of_all_kinds_come_to_their_end(workers: Workers) -> None:
    def worker(number: int) -> int:
        drawn = random.Random(number)
        for _ in range(100):
            with turn(item(workers.run, *drawn.choice(KINDS))):
                pass
        return number

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(worker, range(4), timeout=PATIENCE)) == [0, 1, 2, 3]


def test_in_a_single_process_nobody_waits() -> None:
    with turn(item("", *ALONE)), turn(item("", *MEASURES)), turn(item("")):
        pass


def test_files_that_measure_stand_evenly_among_those_that_cost_as_much() -> None:
    costs = {Path(name): cost for cost, names in enumerate(("ab", "cdefgh", "ij")) for name in names}
    measuring = {Path("c"), Path("d"), Path("j")}
    assert "".join(path.name for path in in_order(costs, measuring)) == "abecfgdhij"
    assert in_order(costs, set()) == sorted(costs)
