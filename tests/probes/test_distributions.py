"""Probabilities and quantiles are those of the tables, of numbers and of arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from probes.distributions import normal_cdf, normal_quantile, student_cdf, student_quantile

SHARES = np.array([0.001, 0.25, 0.5, 0.9, 0.999])


@pytest.mark.parametrize("p", SHARES)
def test_the_normal_quantile_is_pythons_own(p: float) -> None:
    assert float(normal_quantile(p)) == pytest.approx(NormalDist().inv_cdf(p), abs=1e-12)


@pytest.mark.parametrize(("freedom", "t"), [(1, 12.706), (4, 2.776), (30, 2.042)])
def test_students_quantile_is_that_of_the_tables(freedom: float, t: float) -> None:
    assert float(student_quantile(freedom, 0.975)) == pytest.approx(t, abs=5e-4)


@pytest.mark.parametrize(
    ("cdf", "quantile"),
    [(normal_cdf, normal_quantile), (partial(student_cdf, 3.5), partial(student_quantile, 3.5))],
    ids=["normal", "student"],
)
def test_a_quantile_is_where_the_probability_is_reached(
    cdf: Callable[[ArrayLike], NDArray[np.float64]], quantile: Callable[[ArrayLike], NDArray[np.float64]]
) -> None:
    assert cdf(quantile(SHARES)) == pytest.approx(SHARES)
    assert cdf(0.0) == 0.5
