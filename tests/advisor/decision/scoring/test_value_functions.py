"""Value functions against published numbers and their laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.decision.scoring.value_functions import level, log_ratio, piecewise_linear, ratio_at

logs = st.floats(-6, 6, allow_nan=False)


def test_piecewise_value_between_cutoffs() -> None:
    # decision analysis of rsmaa: cut-offs 50/75/90/100 -> 1/.8/.5/0; 60 lies two fifths of the way to 75.
    assert piecewise_linear(60, (50, 75, 90, 100), (1, 0.8, 0.5, 0)) == pytest.approx(0.92)


def test_piecewise_values_of_rsmaas_own_example() -> None:
    # gertvv/rsmaa, smaa/tests/Examples/smaa-Ex.Rout.save, example smaa.pvf
    values = piecewise_linear([50, 90, 100, 10, 40, 101, 120], (50, 75, 90, 100), (1, 0.8, 0.5, 0))
    assert values == pytest.approx([1.0, 0.5, 0.0, 1.0, 1.0, 0.0, 0.0])


def test_target_and_limit() -> None:
    assert piecewise_linear([10, 20, 60, 100, 500], (20, 100), (1, 0)) == pytest.approx([1, 1, 0.5, 0, 0])


@pytest.mark.parametrize(
    ("cutoffs", "values", "message"),
    [
        ((1, 1), (1, 0), "cutoffs must rise"),
        ((1, 2), (1, 2), "0 to 1"),
        ((1,), (1,), "length ≥ 2"),
        ((1, 2), (1,), "one length"),
    ],
)
def test_piecewise_refuses(cutoffs: tuple[float, ...], values: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        piecewise_linear(1, cutoffs, values)


def test_the_full_swing_is_reached_at_its_ratio_and_not_passed() -> None:
    assert log_ratio(np.log([0.1, 0.25, 0.5, 1, 2, 4, 40]), 4) == pytest.approx([0, 0, 0.25, 0.5, 0.75, 1, 1])


def test_a_tiny_difference_is_a_tiny_value() -> None:
    """What normalising within the pair gets wrong: 10 ms against 10.01 ms is no 0 against 1."""
    assert float(log_ratio(np.log(10.01 / 10), 4)) == pytest.approx(0.50036, abs=1e-5)


def test_inside_the_margin_both_get_half() -> None:
    assert log_ratio(np.log([1 / 1.05, 0.99, 1, 1.04, 1.05]), 4, 0.05) == pytest.approx([0.5] * 5)
    assert float(log_ratio(np.log(1.06), 4, 0.05)) > 0.5


@given(logs, st.floats(1.1, 20), st.floats(0, 0.2))
def test_swapping_the_sides_swaps_the_values(log: float, swing: float, margin: float) -> None:
    assert float(log_ratio(log, swing, margin) + log_ratio(-log, swing, margin)) == pytest.approx(1)


@given(logs, logs, st.floats(1.1, 20), st.floats(0, 0.2))
def test_a_better_ratio_is_never_worth_less(a: float, b: float, swing: float, margin: float) -> None:
    low, high = sorted((a, b))
    assert log_ratio(low, swing, margin) <= log_ratio(high, swing, margin)


@given(st.floats(0.01, 0.99), st.floats(1.1, 20))
def test_ratio_at_is_the_inverse(value: float, swing: float) -> None:
    assert float(log_ratio(np.log(ratio_at(value, swing)), swing)) == pytest.approx(value)


@pytest.mark.parametrize(("swing", "margin"), [(1.0, 0.0), (0.5, 0.0), (4.0, -0.1)])
def test_log_ratio_refuses(swing: float, margin: float) -> None:
    with pytest.raises(ValueError, match="must"):
        log_ratio(0.0, swing, margin)


def test_five_levels() -> None:
    assert level([0.5, 1, 2, 3, 4.5, 5, 6]) == pytest.approx([0, 0, 0.25, 0.5, 0.875, 1, 1])
