"""What would change the answer: the weight at which it flips, and what perfect knowledge would be worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from advisor.decision.scoring.value_functions import Array


def flip_weights(weights: ArrayLike, differences: ArrayLike) -> Array:
    """Weight of each criterion at which the answer flips, the others keeping their proportions; NaN where none does.

    With dₖ the value difference on criterion k and D the renormalised mean difference of the others,
    w·dₖ + (1 − w)·D = 0 at w* = D / (D − dₖ). ``weights`` sum to 1, both shapes (n,), result (n,).
    """
    w, d = np.asarray(weights, float), np.asarray(differences, float)
    rest = 1.0 - w
    with np.errstate(all="ignore"):
        others = np.where(rest > 1e-12, (w @ d - w * d) / rest, np.nan)
        at = others / (others - d)
    turns = (at >= 0) & (at <= 1) & (d * others < 0)  # at d = 0 the totals only tie, at weight 1
    return np.where(turns, at, np.nan)


def value_to_flip(weights: ArrayLike, differences: ArrayLike) -> Array:
    """Value difference that each criterion alone would have to show for a tie; NaN outside [−1, 1]. Shapes as above."""
    w, d = np.asarray(weights, float), np.asarray(differences, float)
    with np.errstate(all="ignore"):
        needed = -(w @ d - w * d) / w
    return np.where(np.abs(needed) <= 1, needed, np.nan)


def evpi(difference: ArrayLike) -> float:
    """Expected value of perfect information from draws of Δ: E[max(Δ, 0)] − max(E[Δ], 0) ≥ 0, in Δ's unit."""
    drawn = np.asarray(difference, float)
    return float(max(np.maximum(drawn, 0).mean() - max(drawn.mean(), 0.0), 0.0))


def partial_evpi(mean: float, shares: Array) -> Array:
    """Expected value of perfect information on each criterion alone.

    ``mean`` is E[Δ]; ``shares`` (n, samples) are draws of w̄ₖ·dₖ. Values of different criteria are independent and
    weights are a matter of taste that no probe resolves, so E[Δ | dₖ] = E[Δ] + w̄ₖ(dₖ − E[dₖ]). Shape (n,), ≥ 0.
    """
    moved = shares + (mean - shares.mean(axis=1, keepdims=True))
    return np.asarray(np.maximum(np.maximum(moved, 0).mean(axis=1) - max(mean, 0.0), 0.0))


def certainty(p: ArrayLike, leaning: float, clear: float) -> Array:
    """How settled an answer is at the probability ``p`` that one side is ahead; any shape, result in [0, 1].

    0 at even odds, ½ where the leading side's probability reaches ``leaning``, 1 from ``clear`` on, linear between.
    """
    drawn = np.asarray(p, float)
    return np.asarray(np.interp(np.maximum(drawn, 1 - drawn), (0.5, leaning, clear), (0.0, 0.5, 1.0)))


def strength_gain(now: float, after: ArrayLike, leaning: float, clear: float) -> float:
    """What knowing something does to the strength of the answer, in [0, 1]: the mean over what may come out.

    ``now`` and ``after`` (any shape) are probabilities that one side is ahead. Becoming surer counts as what
    ``certainty`` rises by; becoming less sure counts half of that: it is worth knowing, and the search goes on.
    """
    moved = certainty(after, leaning, clear) - certainty(now, leaning, clear)
    return float(np.where(moved > 0, moved, -moved / 2).mean())
