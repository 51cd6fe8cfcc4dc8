"""Comparisons in pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.decision.scoring.ahp import TOLERATED, compare, matrix

# Saaty 2008, Decision making with the analytic hierarchy process, table 3: which drink is consumed more in the U.S.
# Coffee, wine, tea, beer, sodas, milk, water; weights .177 .019 .042 .116 .190 .129 .327, CR .022.
DRINKS = np.array(
    [
        [1, 9, 5, 2, 1, 1, 1 / 2],
        [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
        [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
        [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
        [1, 9, 4, 2, 1, 2, 1 / 2],
        [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
        [2, 9, 9, 3, 2, 3, 1],
    ]
)


def test_saatys_drinks() -> None:
    found = compare(DRINKS)
    assert found.weights == pytest.approx([0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], abs=0.0006)
    assert found.ratio == pytest.approx(0.022, abs=0.0006)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=2, max_size=7))
def test_comparisons_that_agree_give_the_weights_back(weights: list[float]) -> None:
    w = np.array(weights) / sum(weights)
    found = compare(w[:, None] / w[None, :])
    assert found.weights == pytest.approx(w, rel=1e-6)
    assert found.ratio == pytest.approx(0, abs=1e-6)


def test_the_odd_one_out_is_named_with_what_would_fit() -> None:
    w = np.array([8, 4, 2, 1]) / 15
    told = w[:, None] / w[None, :]
    told[0, 3], told[3, 0] = 1 / 5, 5.0
    found = compare(told)
    assert found.ratio > TOLERATED
    assert found.reconsider == (0, 3)
    assert found.fitting > 1, "the others say that the first matters more"


def test_two_items_cannot_contradict() -> None:
    found = compare(np.array([[1, 3], [1 / 3, 1]]))
    assert (found.ratio, found.reconsider) == (0.0, None)
    assert found.weights == pytest.approx([0.75, 0.25])


def test_pairs_may_be_told_in_either_order_and_none_may_be_missing() -> None:
    assert matrix("ab", {("b", "a"): 4})[0, 1] == 0.25
    with pytest.raises(ValueError, match="a and c are not compared"):
        matrix("abc", {("a", "b"): 1, ("b", "c"): 1})


@pytest.mark.parametrize("bad", [np.ones((1, 1)), np.ones((10, 10)), np.array([[1, 2], [2, 1]]), np.zeros((2, 2))])
def test_what_is_no_comparison_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"can be compared|must be positive"):
        compare(bad)
