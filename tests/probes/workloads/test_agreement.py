"""When two halves compute the same, and what is said when they don't."""

from __future__ import annotations

import numpy as np
import pytest

from probes.workloads.agreement import OUTPUT_TOLERANCE, UPDATE_TOLERANCE, compare


def arrays(**changes: object) -> dict[str, np.ndarray]:
    base = {
        "outputs": np.linspace(-1, 1, 8, dtype=np.float32),
        "loss": np.float32(2.3),
        "update/fc.kernel": np.full((4, 4), 1e-3, np.float32),
        "update/bn.variance": np.full(4, 0.05, np.float32),
    }
    return {name: np.asarray(value) for name, value in (base | changes).items()}


def test_equal_halves_agree() -> None:
    deviations, reason = compare(arrays(), arrays())
    assert reason == ""
    assert deviations == {"outputs": 0.0, "loss": 0.0, "weights": 0.0, "update": 0.0, "variance": 0.0}


@pytest.mark.parametrize(
    ("name", "factor", "said"),
    [
        ("outputs", 1 + 3 * OUTPUT_TOLERANCE, "outputs by 0.0003"),
        ("loss", 1.001, "loss by 0.0023"),
        ("update/fc.kernel", 1 + 2 * UPDATE_TOLERANCE, "update by 0.02"),
        ("update/bn.variance", 1.5, "variance by 0.025"),
    ],
)
def test_a_deviation_beyond_its_tolerance_is_named_with_both(name: str, factor: float, said: str) -> None:
    _, reason = compare(arrays(), arrays(**{name: arrays()[name] * factor}))
    assert said in reason
    assert "allowed" in reason


def test_bessels_correction_is_no_disagreement() -> None:
    assert compare(arrays(), arrays(**{"update/bn.variance": arrays()["update/bn.variance"] * 64 / 63}))[1] == ""


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_never_agrees_not_even_with_itself(bad: float) -> None:
    broken = arrays(loss=bad)
    assert compare(broken, broken)[1] == "loss holds values that are not finite"


def test_other_names_or_shapes_do_not_compare() -> None:
    assert "name different arrays: ['extra']" in compare(arrays(), arrays(extra=1.0))[1]
    assert "outputs has shape (8,) in PyTorch, (3,)" in compare(arrays(), arrays(outputs=np.zeros(3)))[1]
