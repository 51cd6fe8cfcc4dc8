"""The normal distribution and Student's t: probabilities and quantiles, of numbers or whole arrays.

SciPy is imported by the first call and not before: half a second that «--help» and short commands don't need.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def normal_cdf(z: ArrayLike) -> NDArray[np.float64]:
    """P(Z ≤ z) of a standard normal Z, in [0, 1]; shape of ``z``."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z))


def normal_quantile(p: ArrayLike) -> NDArray[np.float64]:
    """The z with P(Z ≤ z) = ``p`` in [0, 1]; infinite at its ends. Shape of ``p``."""
    from scipy.special import ndtri

    return np.asarray(ndtri(p))


def student_cdf(freedom: float, t: ArrayLike) -> NDArray[np.float64]:
    """P(T ≤ t) of a Student's T with ``freedom`` > 0 degrees, in [0, 1]; shape of ``t``."""
    from scipy.special import stdtr

    return np.asarray(stdtr(freedom, t))


def student_quantile(freedom: float, p: ArrayLike) -> NDArray[np.float64]:
    """The t with P(T ≤ t) = ``p`` in (0, 1), of ``freedom`` > 0 degrees; shape of ``p``."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(freedom, p))
