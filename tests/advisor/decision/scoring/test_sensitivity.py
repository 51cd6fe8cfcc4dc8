"""Flips and the value of information against published and closed forms."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.decision.scoring.sensitivity import evpi, flip_weights, partial_evpi, value_to_flip

NORMAL = NormalDist()
WEIGHTS = np.array([4, 1, 2]) / 7  # proximal DVT, distal DVT, bleeding


def unit_normal_loss(z: float) -> float:
    """L(z) = φ(z) − z(1 − Φ(z)), Raiffa & Schlaifer 1961."""
    return float(NORMAL.pdf(z) - z * NORMAL.cdf(-z))


def thrombolytics() -> np.ndarray:
    """Value differences at the means of the Betas (see test_smaa)."""
    means = [(20 / 136, 8 / 129), (40 / 136, 32 / 129), (1 / 136, 5 / 129)]
    return np.array([(second - first) / width for (first, second), width in zip(means, (0.25, 0.25, 0.1), strict=True)])


def test_flips_of_the_thrombolytics_example() -> None:
    # drugis.org, thrombolytics example at w = (4, 1, 2)/7: proximal, distal, bleeding
    at = flip_weights(WEIGHTS, thrombolytics())
    assert at[[0, 2]] == pytest.approx([0.3031, 0.4959], abs=5e-4)
    assert np.isnan(at[1])


@given(st.lists(st.tuples(st.floats(0.05, 1), st.floats(-1, 1)), min_size=2, max_size=8))
def test_at_the_flip_the_totals_tie(rows: list[tuple[float, float]]) -> None:
    weights = np.array([w for w, _ in rows]) / sum(w for w, _ in rows)
    differences = np.array([d for _, d in rows])
    for k, at in enumerate(flip_weights(weights, differences)):
        if not np.isnan(at):
            moved = weights * (1 - at) / (1 - weights[k])
            moved[k] = at
            assert moved @ differences == pytest.approx(0, abs=1e-9)


def test_no_weight_flips_what_all_criteria_agree_on() -> None:
    assert np.isnan(flip_weights([0.5, 0.3, 0.2], [0.1, 0.4, 0.0])).all()


def test_a_single_criterion_has_nothing_to_flip_against() -> None:
    assert np.isnan(flip_weights([1.0], [0.3])).all()


def test_value_to_flip() -> None:
    needed = value_to_flip([0.5, 0.5], [0.4, -0.1])
    assert needed == pytest.approx([0.1, -0.4])
    assert np.isnan(value_to_flip([0.1, 0.9], [0.0, 0.5])[0])


@pytest.mark.parametrize(("z", "loss"), [(0, 0.3989), (1, 0.0833)])
def test_evpi_of_a_standard_normal_difference(z: float, loss: float) -> None:
    # Raiffa & Schlaifer 1961, table of the unit normal loss integral: L(0) = .3989, L(1) = .0833
    assert unit_normal_loss(z) == pytest.approx(loss, abs=5e-5)
    assert evpi(z + np.random.default_rng(1).standard_normal(400_000)) == pytest.approx(loss, abs=0.004)


@pytest.mark.parametrize("mean", [-0.2, 0.0, 0.1, 0.3])
def test_evpi_of_a_normal_difference(mean: float) -> None:
    """σ·L(|μ|/σ), Raiffa & Schlaifer 1961."""
    drawn = mean + 0.2 * np.random.default_rng(0).standard_normal(400_000)
    assert evpi(drawn) == pytest.approx(0.2 * unit_normal_loss(abs(mean) / 0.2), abs=0.001)


def test_knowing_one_part_is_worth_less_than_knowing_all() -> None:
    rng = np.random.default_rng(0)
    shares = np.stack([0.3 * rng.standard_normal(100_000), 0.1 * rng.standard_normal(100_000), np.zeros(100_000)])
    gains = partial_evpi(0.05, shares + np.array([[0.05], [0], [0]]))
    assert gains[0] == pytest.approx(0.3 * unit_normal_loss(0.05 / 0.3), abs=0.002)
    assert gains[0] > gains[1] > gains[2] == 0
    assert gains[0] < evpi(0.05 + shares.sum(axis=0)) + 0.001
