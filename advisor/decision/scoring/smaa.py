"""SMAA-2: which alternative wins for how many of the values and weights that may be true (Lahdelma & Salminen 2001)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from advisor.decision.scoring.value_functions import Array

_FOR_RANGES: Final = 5_000
_TIE: Final = 1e-12  # total values that are so near each other tie


@dataclass(frozen=True, slots=True)
class Smaa:
    """What ``smaa`` found for m alternatives on n criteria. NaN where an alternative never wins."""

    acceptability: Array  # (m,) share of the draws in which it comes first; ties are shared
    central_weights: Array  # (m, n) mean weights of the draws that it wins
    confidence: Array  # (m,) share of the value draws that it wins at its central weights
    totals: Array  # (m, samples) weighted values


def smaa(values: Array, weights: Array) -> Smaa:
    """Acceptability indices, central weights, confidence factors.

    ``values`` (m, n, samples) in [0, 1]; ``weights`` (n, samples), columns summing to 1. Raises ValueError when the
    shapes don't fit. Formulas: Lahdelma & Salminen 2001, eqs. 6, 9, 10.
    """
    if values.ndim != 3 or weights.shape != values.shape[1:]:
        raise ValueError(f"values {values.shape} must be (m, n, samples), weights {weights.shape} (n, samples)")
    totals = np.einsum("mns,ns->ms", values, weights)
    won = shares(totals)
    acceptability = won.mean(axis=1)
    central = np.full((values.shape[0], values.shape[1]), np.nan)
    confidence = np.full(values.shape[0], np.nan)
    for i in np.flatnonzero(acceptability > 0):
        central[i] = weights @ won[i] / won[i].sum()
        confidence[i] = shares(np.einsum("mns,n->ms", values, central[i]))[i].mean()
    return Smaa(acceptability, central, confidence, totals)


def shares(totals: Array) -> Array:
    """Of every draw's win, (m, samples) like the ``totals``: 1 for the best, shared equally between those that tie."""
    best = (totals >= totals.max(axis=0) - _TIE).astype(float)
    return np.asarray(best / best.sum(axis=0))


def rank_acceptability(totals: Array) -> Array:
    """For m alternatives the share of the draws at each rank, (m, m), best rank first; ``totals`` (m, samples).

    Those that tie share their ranks equally, so rows and columns sum to 1 (Lahdelma & Salminen 2001, eq. 5).
    """
    count, samples = totals.shape
    better, tied = np.zeros((count, samples), np.intp), np.ones((count, samples), np.intp)
    for i in range(count):
        for j in range(i + 1, count):
            lead = totals[i] - totals[j]
            wins, loses = lead > _TIE, lead < -_TIE
            better[i] += loses
            better[j] += wins
            level = ~(wins | loses)
            tied[i] += level
            tied[j] += level
    ranks = np.zeros((count, count))
    for i in range(count):
        found = np.bincount(better[i] * (count + 1) + tied[i], minlength=count * (count + 1))
        for place in np.flatnonzero(found):
            first, among = divmod(int(place), count + 1)
            ranks[i, first : first + among] += found[place] / among
    return np.asarray(ranks / samples)


def ranges(draws: Array) -> tuple[Array, Array]:
    """Lower and upper end of the 90 % range of every row of ``draws`` (rows, samples), each (rows,).

    Of the first 5,000 draws: a range is drawn as a line, and sorting is what costs.
    """
    low, high = np.quantile(draws[:, :_FOR_RANGES], [0.05, 0.95], axis=1)
    return low, high


def standard_error(p: float, samples: int) -> float:
    """Of a share p over independent draws: √(p(1−p)/N)."""
    return float(np.sqrt(max(p * (1 - p), 0.0) / samples))
