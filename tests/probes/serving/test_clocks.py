"""How long a trial is, and what a search does with trials that say nothing; LoadGen is a function here."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.serving import clocks, figures
from probes.serving.schema import Issued, LoadTrial

LIMIT = 0.1


class Server:
    """Answers in 10 ms up to its capacity and in 1 s above; the client is late in the tests of ``late_in``."""

    def __init__(self, capacity: float, late_in: tuple[int, ...] = ()) -> None:
        self.capacity, self.late_in, self.tests = capacity, late_in, itertools.count()

    def __call__(self, do: str, *, timeout: float, **plan: Any) -> Mapping[str, Any]:
        late = next(self.tests) in self.late_in
        broken = late or plan["rate"] > self.capacity
        found = issued([1.0 if broken else 0.01] * plan["queries"], late=0.5 if late else 0.0)
        return {"issued": asdict(found)}


def issued(seconds: list[float], late: float = 0.0) -> Issued:
    return Issued("Server", figures.pack(seconds), len(seconds), 1.0, True, late_s=late)


def search(server: Server) -> list[LoadTrial]:
    trials = clocks.search(
        server, issued([0.01] * 100), seconds=60, limit_s=LIMIT, seed=0, tell=lambda _: None, settle=lambda: None
    )
    return list(trials)


def test_the_bracket_closes_around_the_capacity() -> None:
    best, broke = figures.bracket(search(Server(133)), LIMIT)
    assert best is not None
    assert broke is not None
    assert best.rate <= 133 < broke.rate <= best.rate * 1.1001
    assert figures.certain(best, LIMIT)


def test_a_trial_in_which_the_client_was_late_is_done_again() -> None:
    trials = search(Server(133, late_in=(0, 2)))
    rates = [trial.rate for trial in trials]
    assert rates[0] == rates[1] == pytest.approx(50)
    assert rates[2] == rates[3] == pytest.approx(100)
    best, broke = figures.bracket(trials, LIMIT)
    assert best is not None
    assert broke is not None
    assert best.rate <= 133 < broke.rate


@given(rate=st.floats(0.1, 100_000), left=st.floats(1, 600), trials=st.integers(0, 8))
def test_trials_are_bounded_in_count_and_time(rate: float, left: float, trials: int) -> None:
    queries = clocks.planned(rate, left, trials)
    assert clocks.FEWEST_QUERIES <= queries <= clocks.MOST_QUERIES
    assert queries == clocks.FEWEST_QUERIES or (queries - 1) / rate <= left


@pytest.mark.parametrize(("rate", "queries"), [(1000.0, 5600), (100.0, 662), (20.0, 224)])
def test_a_percentile_gets_its_queries_within_two_shares(rate: float, queries: int) -> None:
    assert clocks.planned(rate, 28.0, 5) == queries
