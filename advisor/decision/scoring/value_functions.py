"""Partial value functions: from what was measured or judged to 0 (worst anchor) … 1 (best anchor).

Anchors come from outside the pair. Normalising within two alternatives would make any difference, however small,
0 against 1, so nothing here looks at the other framework except through their ratio.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def piecewise_linear(x: ArrayLike, cutoffs: Sequence[float], values: Sequence[float]) -> Array:
    """Linear between the points (cutoffs[i], values[i]), flat outside them; any shape in, the same shape out.

    A target and a limit are two points: ``piecewise_linear(ms, (target, limit), (1, 0))``. After rsmaa's
    ``smaa.pvf`` with ``outOfBounds="clip"``. Raises ValueError unless cutoffs rise and values lie in [0, 1].
    """
    points, heights = np.asarray(cutoffs, float), np.asarray(values, float)
    if points.ndim != 1 or points.shape != heights.shape or len(points) < 2:
        raise ValueError(f"cutoffs and values must be two lists of one length ≥ 2, not {cutoffs!r} and {values!r}")
    if np.any(np.diff(points) <= 0):
        raise ValueError(f"cutoffs must rise, not {cutoffs!r}")
    if np.any((heights < 0) | (heights > 1)):
        raise ValueError(f"values must lie in 0 to 1, not {values!r}")
    return np.asarray(np.interp(np.asarray(x, float), points, heights), dtype=float)


def log_ratio(log_r: ArrayLike, swing: float, margin: float = 0.0) -> Array:
    """Value of the first side from the natural log of (second side's cost / first side's cost); any shape.

    v = ½ + clip(ln r / (2 ln S), ±½), and the second side gets 1 − v. ``swing`` is S > 1, the ratio that is worth a
    full swing. Where the ratio lies inside the equivalence margin (1 + margin, both ways) both sides get exactly ½.
    Symmetric in the sides and free of units. Raises ValueError for S ≤ 1 or a negative margin.
    """
    if swing <= 1:
        raise ValueError(f"the ratio that is worth a full swing must be above 1, not {swing!r}")
    if margin < 0:
        raise ValueError(f"the equivalence margin must not be negative, not {margin!r}")
    logs = np.asarray(log_r, float)
    moved = np.clip(logs / (2 * np.log(swing)), -0.5, 0.5)
    return np.asarray(0.5 + np.where(np.abs(logs) <= np.log1p(margin) + 1e-12, 0.0, moved), dtype=float)


def ratio_at(value: float, swing: float) -> float:
    """The ratio at which ``log_ratio`` gives ``value`` (0 to 1): its inverse, between 1/S and S."""
    return float(np.exp((2 * value - 1) * np.log(swing)))


def level(levels: ArrayLike, steps: int = 5) -> Array:
    """Value of a judgement on a scale of ``steps`` written anchors, 1 (worst) to ``steps`` (best); any shape."""
    return np.asarray(np.clip((np.asarray(levels, float) - 1) / (steps - 1), 0.0, 1.0), dtype=float)
