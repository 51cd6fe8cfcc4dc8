"""Deviations are shares of what is compared, and the numbers themselves tell what kind of difference it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.compare import deviations
from probes.compare.pairing import Side

_A = np.random.default_rng(0).standard_normal((4, 3, 5, 5))


def _step(ours: np.ndarray, theirs: np.ndarray, kind: str = "dense") -> deviations.ComparedStep:
    return deviations.step(kind, ("a", "b"), ours, theirs)


@given(st.floats(1e-3, 1e3))
def test_a_deviation_does_not_depend_on_the_scale(scale: float) -> None:
    theirs = _A.copy()
    theirs[1, 2, 3, 4] += 0.1
    assert _step(scale * _A, scale * theirs).deviation == pytest.approx(0.1 / np.abs(_A).max())


def test_channels_last_is_no_difference() -> None:
    found = _step(_A, np.moveaxis(_A, 1, -1))
    assert found.deviation == 0
    assert not found.parts


@pytest.mark.parametrize(
    ("ours", "theirs", "note"),
    [
        (_A.reshape(4, -1), np.moveaxis(_A, 1, -1).reshape(4, -1), "the same numbers in another order"),
        (_A, 3 * _A, "Keras gives 3 times as much"),
        (np.log(_A[..., :2, 0] ** 2), np.array([[[0.25, 0.75]] * 3] * 4), "Keras gives probabilities"),
        (_A, np.where(_A > 2, np.nan, _A), "Keras gives values that are not finite"),
        (_A, _A[:, :2], "the shapes don't compare"),
    ],
)
def test_what_kind_of_difference_it_is(ours: np.ndarray, theirs: np.ndarray, note: str) -> None:
    found = _step(ours, theirs)
    assert found.parts
    assert found.note.startswith(note)


def test_the_last_output_of_a_recurrent_layer_is_compared_with_the_last_of_all() -> None:
    assert _step(_A[0], _A[0][:, -1], "recurrent").deviation == 0


def test_the_gradient_that_differs_most_is_named_and_one_that_is_rounding_is_not() -> None:
    ours = {"gradient/a.kernel": np.ones(4), "gradient/b.bias": np.full(4, 1e-9), "gradient/c.kernel": np.ones(4)}
    theirs = {"gradient/A.kernel": 1.001 * np.ones(4), "gradient/B.bias": -np.full(4, 1e-9)}
    theirs["gradient/C.kernel"] = np.array([1, 1, 1, 1.5])
    layers = {"a": "A", "b": "B", "c": "C"}
    found = deviations.gradient(Side((), {}, ours), Side((), {}, theirs), layers)
    assert found is not None
    assert (found.name, found.deviation) == ("c.kernel", pytest.approx(0.25))


def test_a_weight_that_was_turned_over_has_its_gradient_turned_too() -> None:
    ours = {"weight/a.kernel": np.array([1.0, 2.0]), "gradient/a.kernel": np.array([3.0, 4.0])}
    theirs = {"weight/A.kernel": np.array([2.0, 1.0]), "gradient/A.kernel": np.array([4.0, 3.0])}
    found = deviations.gradient(Side((), {}, ours), Side((), {}, theirs), {"a": "A"})
    assert found is not None
    assert found.deviation == 0


def test_moving_means_are_compared_by_what_a_step_changed() -> None:
    before = {"weight/a.mean": np.full(2, 100.0), "after/a.mean": np.full(2, 100.1)}
    slower = {"weight/A.mean": np.full(2, 100.0), "after/A.mean": np.full(2, 100.01)}
    found = deviations.statistic(Side((), {}, before), Side((), {}, slower), {"a": "A"})
    assert found is not None
    assert found.deviation == pytest.approx(0.9)


def test_nothing_trained_has_no_gradient() -> None:
    assert deviations.gradient(Side((), {}), Side((), {}), {}) is None
