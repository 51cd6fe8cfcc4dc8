"""The search for the largest rate: laws that hold for whatever a server does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.serving.search import CLOSE, FASTEST, SLOWEST, RateSearch

MOST_TRIALS = 60


def walk(search: RateSearch, keeps: list[bool] | None = None, capacity: float = 0.0) -> list[tuple[float, bool]]:
    """Let it search: against a server that keeps the limit up to ``capacity``, or one that does as ``keeps`` says."""
    tried = []
    while (rate := search.next()) is not None:
        kept = keeps[len(tried) % len(keeps)] if keeps else rate <= capacity
        tried.append((rate, kept))
        search.tell(rate, kept=kept)
        assert len(tried) <= MOST_TRIALS, "it does not end"
    return tried


@given(start=st.floats(0.2, 50_000), capacity=st.floats(0.2, 90_000))
def test_it_brackets_a_steady_server_within_a_tenth(start: float, capacity: float) -> None:
    search = RateSearch(start)
    walk(search, capacity=capacity)
    assert search.kept is not None
    assert search.kept <= capacity
    if search.broke is not None:
        assert capacity < search.broke <= search.kept * CLOSE * (1 + 1e-9)
    else:
        assert search.kept == FASTEST


@given(start=st.floats(SLOWEST, FASTEST), keeps=st.lists(st.booleans(), min_size=1, max_size=20))
def test_whatever_a_server_does_it_ends_in_order(start: float, keeps: list[bool]) -> None:
    search = RateSearch(start)
    tried = walk(search, keeps)
    broke = [rate for rate, kept in tried if not kept]
    if search.kept is not None:
        assert (search.kept, True) in tried, "a rate that was never seen to keep the limit"
        assert all(search.kept < rate for rate in broke), "it broke at a rate not above the one that kept"
    else:
        assert min(broke) == SLOWEST


def test_a_rate_outside_the_bracket_is_refused() -> None:
    search = RateSearch(10)
    search.tell(10, kept=True)
    with pytest.raises(ValueError, match="rate: 5 lies outside 10 to None"):
        search.tell(5, kept=False)


@pytest.mark.parametrize("start", [0, -1.0, float("nan")])
def test_a_start_that_is_no_rate_is_refused(start: float) -> None:
    with pytest.raises(ValueError, match=r"start: .*allowed: more than 0"):
        RateSearch(start)
