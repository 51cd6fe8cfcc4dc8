"""Random numbers that stay put, and the triangular distribution."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.decision.scoring.draws import Stream, triangular


def test_the_same_name_gives_the_same_numbers() -> None:
    assert (Stream(3, 500).uniform("a") == Stream(3, 500).uniform("a")).all()
    assert (Stream(3, 500).uniform("a") != Stream(3, 500).uniform("b")).any()
    assert (Stream(3, 500).uniform("a") != Stream(4, 500).uniform("a")).any()


def test_nobody_can_change_shared_numbers() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Stream(0, 10).normal("a")[0] = 1


def test_triangular_quantiles() -> None:
    u = (np.arange(1_000) + 0.5) / 1_000
    x = triangular(u, 1, 2, 5)  # F(x) = (x−a)²/((b−a)(c−a)) up to the mode c, and 1 − (b−x)²/((b−a)(b−c)) above it
    assert np.where(x <= 2, (x - 1) ** 2 / 4, 1 - (5 - x) ** 2 / 12) == pytest.approx(u)
    assert triangular(u, 2, 2, 2) == pytest.approx(np.full(1_000, 2.0))
    with pytest.raises(ValueError, match="low ≤ likely ≤ high"):
        triangular(u, 2, 1, 3)


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of their ranks; no two are alike."""
    return float(np.corrcoef(one.argsort().argsort(), other.argsort().argsort())[0, 1])


def test_draws_of_one_cause_move_together() -> None:
    stream = Stream(0, 20_000)

    def drawn(key: str, correlation: float) -> np.ndarray:
        return stream.triangular(key, 0, 0.5, 1, common="cause", correlation=correlation)

    # Spearman's ρ of a Gaussian copula with correlation r is (6/π)·asin(r/2): 0.483 for r = 0.5.
    assert spearman(drawn("a", 0.5), drawn("b", 0.5)) == pytest.approx(0.483, abs=0.02)
    assert spearman(drawn("a", 0.5), drawn("b", -0.5)) == pytest.approx(-0.483, abs=0.02)
    assert drawn("a", 0.5).mean() == pytest.approx(0.5, abs=0.01)
    assert drawn("a", 0.5).std() == pytest.approx(np.sqrt(1 / 24), abs=0.01)


def test_log_uniform_stays_within_its_factor_and_is_even_in_logs() -> None:
    drawn = Stream(0, 20_000).log_uniform("a", 3)
    assert drawn.min() >= 1 / 3
    assert drawn.max() <= 3
    assert np.quantile(np.log(drawn) / np.log(3), [0.25, 0.5, 0.75]) == pytest.approx([-0.5, 0, 0.5], abs=0.02)
    assert (Stream(0, 100).log_uniform("a", 1) == 1).all()


def test_log_uniform_draws_of_one_cause_keep_their_distribution_and_move_together() -> None:
    stream = Stream(0, 20_000)
    one, other = (stream.log_uniform(key, 3, common="cause", correlation=0.5) for key in "ab")
    assert np.quantile(np.log(one) / np.log(3), [0.25, 0.5, 0.75]) == pytest.approx([-0.5, 0, 0.5], abs=0.02)
    assert spearman(one, other) == pytest.approx(0.483, abs=0.02)  # as above
