"""SMAA-2 against the published thrombolytics example and against what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.decision.scoring.smaa import Smaa, rank_acceptability, shares, smaa, standard_error
from advisor.decision.scoring.value_functions import Array
from advisor.decision.scoring.weights import normalised, ordered_simplex, uniform_simplex

N = 60_000

# Heparin against enoxaparin (the two alternatives of rsmaa's example data, modelled as on drugis.org): events as Beta
# distributions, fewer are better, linear between the ends of the scale. Criteria: proximal DVT, distal DVT, bleeding.
EVENTS = [((20, 116), (8, 121), (0.0, 0.25)), ((40, 96), (32, 97), (0.15, 0.40)), ((1, 135), (5, 124), (0.0, 0.1))]


def exact(*swings: float) -> Array:
    """The same weights in every draw."""
    return normalised(np.repeat(np.array(swings)[:, None], N, axis=1))


@pytest.fixture(scope="module")
def values() -> Array:
    rng = np.random.default_rng(1)
    drawn = np.empty((2, 3, N))
    for k, (first, second, (best, worst)) in enumerate(EVENTS):
        for i, parameters in enumerate((first, second)):
            drawn[i, k] = (worst - rng.beta(*parameters, N)) / (worst - best)
    return drawn


@pytest.fixture(scope="module")
def no_preference(values: Array) -> Smaa:
    return smaa(values, uniform_simplex(3, N, np.random.default_rng(2)))


def test_acceptability_of_rsmaa(no_preference: Smaa) -> None:
    # gertvv/rsmaa, smaa/tests/Examples/smaa-Ex.Rout.save
    assert no_preference.acceptability == pytest.approx([0.3504, 0.6496], abs=0.02)


def test_central_weights_and_confidence_of_rsmaa(no_preference: Smaa) -> None:
    # gertvv/rsmaa, smaa/tests/Examples/smaa-Ex.Rout.save
    assert no_preference.central_weights[0] == pytest.approx([0.1865, 0.2772, 0.5363], abs=0.02)
    assert no_preference.central_weights[1] == pytest.approx([0.4073, 0.3641, 0.2285], abs=0.02)
    assert no_preference.confidence == pytest.approx([0.6682, 0.8956], abs=0.02)


def test_acceptability_of_rsmaa_at_exact_weights(values: Array) -> None:
    # gertvv/rsmaa, smaa/tests/Examples/smaa-Ex.Rout.save: smaa(meas, c(0.5, 0.2, 0.3))
    assert smaa(values, exact(0.5, 0.2, 0.3)).acceptability == pytest.approx([0.1279, 0.8721], abs=0.02)


def test_thrombolytics_of_drugis(values: Array, no_preference: Smaa) -> None:
    """Rank-1 acceptability of the first alternative under no preference, an ordering and exact weights."""
    # drugis.org, thrombolytics example (all criteria decreasing, linear partial values)
    assert no_preference.acceptability[0] == pytest.approx(0.3381, abs=0.02)
    ordered = ordered_simplex(3, N, np.random.default_rng(3))[[0, 2, 1]]  # proximal > bleeding > distal
    assert smaa(values, ordered).acceptability[0] == pytest.approx(0.1369, abs=0.02)
    assert smaa(values, exact(4, 1, 2)).acceptability[0] == pytest.approx(0.1049, abs=0.02)


def test_the_model_means_what_the_source_says() -> None:
    """The Beta means: the draws above are of the right distributions."""
    rng = np.random.default_rng(0)
    assert rng.beta(20, 116, N).mean() == pytest.approx(0.1471, abs=1e-3)
    assert rng.beta(5, 124, N).mean() == pytest.approx(0.0388, abs=1e-3)


def test_a_dominated_alternative_has_no_central_weights() -> None:
    """Missing, not 0: nobody would choose it, so there is no «those who choose it»."""
    better = np.full((3, 500), 0.8)
    result = smaa(np.stack([better, better - 0.3]), uniform_simplex(3, 500, np.random.default_rng(0)))
    assert result.acceptability == pytest.approx([1, 0])
    assert np.isnan(result.central_weights[1]).all()
    assert np.isnan(result.confidence[1])
    assert result.confidence[0] == 1


def test_ties_are_shared() -> None:
    same = np.random.default_rng(0).random((3, 500))
    result = smaa(np.stack([same, same]), uniform_simplex(3, 500, np.random.default_rng(1)))
    assert result.acceptability == pytest.approx([0.5, 0.5])


def test_three_alternatives_add_up() -> None:
    rng = np.random.default_rng(0)
    result = smaa(rng.random((3, 4, 2_000)), uniform_simplex(4, 2_000, rng))
    assert result.acceptability.sum() == pytest.approx(1)
    assert result.central_weights.sum(axis=1) == pytest.approx([1, 1, 1])


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="must be"):
        smaa(np.zeros((2, 3, 10)), np.zeros((2, 10)))


def test_standard_error_of_a_share() -> None:
    assert standard_error(0.5, 10_000) == pytest.approx(0.005)
    assert standard_error(1.0, 10_000) == 0


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**31), st.booleans())
def test_rank_acceptability_is_what_sorting_each_draw_gives(count: int, seed: int, coarse: bool) -> None:
    """Coarse totals tie often; those that tie share the ranks that they take together (Lahdelma & Salminen 2001)."""
    totals = np.random.default_rng(seed).random((count, 30))
    totals = np.round(totals, 1) if coarse else totals
    expected = np.zeros((count, count))
    for draw in totals.T:
        for i, value in enumerate(draw):
            better, tied = int((draw > value + 1e-12).sum()), int((abs(draw - value) <= 1e-12).sum())
            expected[i, better : better + tied] += 1 / tied / totals.shape[1]
    found = rank_acceptability(totals)
    assert found == pytest.approx(expected)
    assert found[:, 0] == pytest.approx(shares(totals).mean(axis=1)), "the first rank is the acceptability"
