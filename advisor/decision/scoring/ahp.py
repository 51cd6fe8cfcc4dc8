"""Weights from comparisons in pairs (AHP; Saaty 1980): the principal eigenvector, and how far they contradict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from advisor.decision.scoring.value_functions import Array

#: Mean consistency index of random matrices, by size (Saaty 1980; below 3 nothing can contradict).
RANDOM_INDEX: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45)
#: From here on Saaty asks to reconsider.
TOLERATED: Final = 0.10


@dataclass(frozen=True, slots=True)
class Compared:
    """What n items compared in pairs come to."""

    weights: Array  # (n,), sum 1
    ratio: float  # consistency ratio CR ≥ 0; above 0.10 the comparisons contradict each other
    reconsider: tuple[int, int] | None  # the pair that contradicts the others most; None if nothing contradicts
    fitting: float  # what the others together would say to that pair; 1 if there is none


def matrix(items: Sequence[str], ratios: Mapping[tuple[str, str], float]) -> Array:
    """The reciprocal matrix, shape (n, n). Each pair once, in either order. Raises ValueError if one is missing."""
    found = np.ones((len(items), len(items)))
    for (i, first), (j, second) in combinations(enumerate(items), 2):
        if (first, second) in ratios:
            found[i, j] = ratios[first, second]
        elif (second, first) in ratios:
            found[i, j] = 1 / ratios[second, first]
        else:
            raise ValueError(f"{first} and {second} are not compared with each other")
        found[j, i] = 1 / found[i, j]
    return found


def compare(comparisons: Array) -> Compared:
    """Weights and consistency of a positive reciprocal matrix of up to nine items.

    CR = ((λ − n) / (n − 1)) / RI(n) with λ the principal eigenvalue. Raises ValueError for another matrix.
    """
    n = len(comparisons)
    if comparisons.shape != (n, n) or not 2 <= n < len(RANDOM_INDEX):
        raise ValueError(f"2 to {len(RANDOM_INDEX) - 1} items can be compared, not {comparisons.shape}")
    if np.any(comparisons <= 0) or not np.allclose(comparisons * comparisons.T, 1):
        raise ValueError("comparisons must be positive, and one way the reciprocal of the other")
    values, vectors = np.linalg.eig(comparisons)
    largest = int(np.argmax(values.real))
    weights = np.abs(vectors[:, largest].real)
    weights /= weights.sum()
    index = max(0.0, (float(values[largest].real) - n) / (n - 1))
    ratio = index / RANDOM_INDEX[n] if RANDOM_INDEX[n] else 0.0
    pair, fitting = _oddest(comparisons)
    return Compared(weights, ratio, pair, fitting)


def _oddest(comparisons: Array) -> tuple[tuple[int, int] | None, float]:
    """The pair whose entry is furthest, as a ratio, from what the others say of it: the mean of all ways round,
    (Π_{k≠i,j} a_ik a_kj)^(1/(n−2)). The eigenvector's own quotient would hide it, as the pair has moved that as well.
    """
    n = len(comparisons)
    if n < 3:
        return None, 1.0
    logs = np.log(comparisons)
    around = (logs @ np.ones((n, n)) + np.ones((n, n)) @ logs - 2 * logs) / (n - 2)  # sums over k, without k = i and j
    off = np.triu(np.abs(logs - around), 1)
    i, j = (int(k) for k in np.unravel_index(np.argmax(off), off.shape))
    return ((i, j), float(np.exp(around[i, j]))) if off[i, j] > 1e-9 else (None, 1.0)
