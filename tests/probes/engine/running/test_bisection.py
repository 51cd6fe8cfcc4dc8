"""Finding the largest batch that fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.engine.running.bisection import CLOSE, NothingFitsError, largest


@given(true=st.integers(1, 2**16), guess=st.integers(1, 2**17))
def test_it_is_found_to_within_a_tenth_and_never_above(true: int, guess: int) -> None:
    asked: list[int] = []

    def fits(number: int) -> bool:
        asked.append(number)
        return number <= true

    found = largest(fits, guess=guess)
    assert found <= true < max(found + 1.0, found * (1 + CLOSE)) or found == true == 2**16
    assert fits(found)
    assert len(asked) == len(set(asked)) + 1, "nothing is tried twice"
    assert len(asked) <= 16 + 5 + 1


def test_a_good_guess_saves_trials() -> None:
    asked: list[int] = []
    largest(lambda n: not asked.append(n) and n <= 1000, guess=1000)
    assert len(asked) <= 6


def test_what_does_not_fit_at_all_says_so() -> None:
    with pytest.raises(NothingFitsError, match="not even 1 fits"):
        largest(lambda number: False, guess=100)
