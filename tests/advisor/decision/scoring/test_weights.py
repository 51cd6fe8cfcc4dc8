"""Weights: on the simplex, uniform where they should be, inside what was said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.decision.scoring.weights import (
    SWEEPS,
    normalised,
    ordered_simplex,
    rank_order_centroid,
    ranked_above,
    uniform_simplex,
    within_bounds,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_rank_order_centroid_of_four() -> None:
    # Barron & Barrett 1996, table for n = 4
    assert rank_order_centroid(4) == pytest.approx([0.5208, 0.2708, 0.1458, 0.0625], abs=5e-5)


def test_the_mean_of_the_ordered_simplex_is_the_centroid() -> None:
    assert ordered_simplex(4, 100_000, rng()).mean(axis=1) == pytest.approx(rank_order_centroid(4), abs=0.005)


def test_uniform_on_the_simplex_lets_one_weight_pass_a_half() -> None:
    """P(max w > 1/2) = n·(1/2)^(n−1) = 0.0625 for eight criteria; normalised uniforms give 0.0002."""
    share = (uniform_simplex(8, 200_000, rng()).max(axis=0) > 0.5).mean()
    assert share == pytest.approx(0.0625, abs=0.003)


@pytest.mark.parametrize(
    ("differences", "probability"),
    # P(w·d > 0) = Σ_{dᵢ>0} dᵢ^(n−1) / Π_{j≠i} (dᵢ − dⱼ) for w uniform on the simplex: 0.3² / (0.8·0.3) and
    # 0.4³/(0.5·0.6·0.35) + 0.05³/(−0.35·0.15·0.25)
    [((0.3, -0.5, 0.0), 0.375), ((0.4, -0.1, -0.2, 0.05), 0.6)],
)
def test_closed_form_of_the_acceptability(differences: tuple[float, ...], probability: float) -> None:
    d = np.array(differences)
    assert (d @ uniform_simplex(len(d), 200_000, rng()) > 0).mean() == pytest.approx(probability, abs=0.005)
    n = len(d)
    closed = sum(d[i] ** (n - 1) / np.prod([d[i] - d[j] for j in range(n) if j != i]) for i in range(n) if d[i] > 0)
    assert closed == pytest.approx(probability, abs=1e-9)


def test_hit_and_run_without_bounds_is_the_uniform_simplex() -> None:
    """Each weight is Beta(1, n−1): mean 1/n, variance (n−1)/(n²(n+1)); the largest has mean H_n/n."""
    n = 20
    drawn = within_bounds(np.zeros(n), np.ones(n), 20_000, rng(), sweeps=20)
    assert drawn.mean(axis=1) == pytest.approx([1 / n] * n, abs=0.003)
    assert drawn.std(axis=1) == pytest.approx([np.sqrt((n - 1) / (n**2 * (n + 1)))] * n, rel=0.06)
    assert drawn.max(axis=0).mean() == pytest.approx(np.sum(1 / np.arange(1, n + 1)) / n, rel=0.02)


def test_hit_and_run_between_bounds_agrees_with_rejection() -> None:
    """Uniform on the box cut by the simplex, as rejection from the uniform simplex gives it."""
    low, high = np.array([0.1, 0.0, 0.2]), np.array([0.5, 0.4, 0.7])
    plain = uniform_simplex(3, 400_000, rng(1))
    kept = plain[:, ((plain >= low[:, None]) & (plain <= high[:, None])).all(axis=0)]
    drawn = within_bounds(low, high, 50_000, rng(2))
    assert drawn.mean(axis=1) == pytest.approx(kept.mean(axis=1), abs=0.005)
    assert drawn.std(axis=1) == pytest.approx(kept.std(axis=1), abs=0.005)


def test_the_chains_have_forgotten_where_they_started() -> None:
    """Default sweeps against four times as many: means and spreads no longer move."""
    swings = np.linspace(8, 80, 21)
    centre = swings / swings.sum()
    short, long = (
        within_bounds(centre / 2, centre * 2, 20_000, rng(seed), sweeps=n) for seed, n in ((3, SWEEPS), (4, 4 * SWEEPS))
    )
    assert short.mean(axis=1) == pytest.approx(long.mean(axis=1), rel=0.02)
    assert short.std(axis=1) == pytest.approx(long.std(axis=1), rel=0.05)


def test_a_draw_without_a_swing_has_no_weights() -> None:
    assert normalised(np.array([[4.0, 1.0], [1.0, 1.0]]))[0] == pytest.approx([0.8, 0.5])
    with pytest.raises(ValueError, match="above 0"):
        normalised(np.array([[4.0, 0.0], [1.0, 0.0]]))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_a_part_ranking_keeps_the_order_stays_above_the_rest_and_only_raises(ranked: int, seed: int) -> None:
    draws = rng(seed)
    own, below = draws.random((ranked, 200)), draws.random(200)
    lifted = ranked_above(own, below, ordered_simplex(ranked + 1, 200, draws))
    assert (np.diff(lifted, axis=0) <= 0).all()
    assert (lifted >= below).all()
    assert (lifted >= own).all()


def test_one_ranked_above_equals_is_as_far_above_as_in_a_ranking_of_two() -> None:
    """Of two ranked weights the first is uniform on ½ to 1."""
    lifted = ranked_above(np.ones((1, 50_000)), np.ones(50_000), ordered_simplex(2, 50_000, rng()))[0]
    share = lifted / (lifted + 1)
    assert share.mean() == pytest.approx(0.75, abs=0.005)
    assert share.std() == pytest.approx(0.5 / np.sqrt(12), abs=0.005)


def test_a_ranking_of_everything_is_the_ordered_simplex() -> None:
    ordered = ordered_simplex(4, 100, rng())
    assert (ranked_above(rng(1).random((4, 100)), None, ordered) == ordered).all()


def test_impossible_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="no weights that sum to 1"):
        within_bounds([0.6, 0.6], [0.9, 0.9], 10, rng())
    with pytest.raises(ValueError, match="low ≤ high"):
        within_bounds([0.5, 0.5], [0.4, 0.6], 10, rng())
