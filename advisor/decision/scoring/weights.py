"""Weights that a team might mean, as draws from the simplex. Arrays are (criteria, samples); columns sum to 1.

Never normalised uniforms: with eight criteria they almost never let one weight pass ½ (0.0002 of the draws, against
0.0625 for the uniform simplex).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from advisor.decision.scoring.value_functions import Array

#: Sweeps after which the pairwise sampler's means and spreads no longer move (tests/advisor/scoring).
SWEEPS = 12
_BLOCKS = 16  # groups of chains, small enough for the processor's cache
Single = NDArray[np.float32]


def uniform_simplex(criteria: int, samples: int, rng: np.random.Generator) -> Array:
    """Nothing said: Dirichlet(1, …, 1), uniform on the simplex. Shape (criteria, samples)."""
    drawn = rng.standard_exponential((criteria, samples))
    return np.asarray(drawn / drawn.sum(axis=0))


def ordered_simplex(criteria: int, samples: int, rng: np.random.Generator) -> Array:
    """A ranking: uniform on {w₁ ≥ w₂ ≥ … ≥ wₙ}; row 0 weighs most. Shape (criteria, samples).

    Its mean is the rank-order centroid (Barron & Barrett 1996).
    """
    return np.sort(uniform_simplex(criteria, samples, rng), axis=0)[::-1]


def rank_order_centroid(criteria: int) -> Array:
    """Mean of the uniform ordered simplex: wᵣ = (1/n) Σ_{i=r}^{n} 1/i, best rank first. Shape (criteria,)."""
    return np.asarray(np.cumsum(1.0 / np.arange(criteria, 0, -1))[::-1] / criteria)


def ranked_above(own: Array, below: Array | None, ordered: Array) -> Array:
    """Swings of what was ranked, best rank first, all of them above the rest. Shape (ranked, samples).

    ``own`` (ranked, samples) are the swings without a ranking, ``below`` (samples,) the largest of what wasn't ranked,
    ``ordered`` (ranked + 1, samples) weights in descending order, of which the last stands for that largest: how far
    the ranked ones are above it is as open as in a ranking of everything. A ranking only raises: nothing comes below
    its own swing. Where everything was ranked (``below`` is None), ``ordered`` (ranked, samples) says all.
    """
    if below is None:
        return ordered
    lifted = np.maximum(own, below * ordered[:-1] / np.maximum(ordered[-1], 1e-9))
    return np.asarray(np.maximum.accumulate(lifted[::-1])[::-1])


def normalised(swings: Array) -> Array:
    """Weights of drawn swings ≥ 0, shape (criteria, samples). Raises ValueError where a draw has no swing above 0."""
    total = swings.sum(axis=0)
    if np.any(total <= 0):
        raise ValueError("a swing must be above 0")
    return np.asarray(swings / total)


def within_bounds(
    low: ArrayLike, high: ArrayLike, samples: int, rng: np.random.Generator, *, sweeps: int = SWEEPS
) -> Array:
    """Intervals: uniform on {w on the simplex : low ≤ w ≤ high}, by hit-and-run. Shape (criteria, samples).

    ``samples`` chains run side by side. A step's direction moves weight between two criteria (all criteria at once, in
    disjoint random pairs), and the point on that chord is uniform: hit-and-run (Smith 1984) along the
    directions eᵢ − eⱼ, which keep the sum at 1. Criteria with low = high are fixed. Raises ValueError where the
    intervals leave no point on the simplex.
    """
    least, most = np.asarray(low, float), np.asarray(high, float)
    if np.any(least < 0) or np.any(most < least):
        raise ValueError("intervals need 0 ≤ low ≤ high")
    spare, room = 1.0 - least.sum(), (most - least).sum()
    if spare < -1e-9 or spare > room + 1e-9:
        raise ValueError(
            f"intervals leave no weights that sum to 1: lows sum to {least.sum():.3g}, highs to {most.sum():.3g}"
        )
    start = least + (most - least) * (min(max(spare, 0.0) / room, 1.0) if room > 0 else 0.0)
    free = np.flatnonzero(most - least > 1e-12)
    chains = np.repeat(start[:, None], samples, axis=1)
    if len(free) >= 2:
        chains[free] = _pairwise(start[free], least[free], most[free], samples, rng, sweeps)
    return chains


def _pairwise(start: Array, low: Array, high: Array, samples: int, rng: np.random.Generator, sweeps: int) -> Array:
    """The chains of ``within_bounds``. Single precision: a weight is not known to seven digits, and time is."""
    wide = np.empty((len(start), samples))
    for block in np.array_split(np.arange(samples), min(_BLOCKS, samples)):  # its own order of pairs for each block
        wide[:, block] = _block(start, low, high, len(block), rng, sweeps)
    return np.asarray(wide * (start.sum() / wide.sum(axis=0)))


def _block(start: Array, low: Array, high: Array, samples: int, rng: np.random.Generator, sweeps: int) -> Single:
    least, most = low.astype(np.float32)[:, None], high.astype(np.float32)[:, None]
    chains = np.repeat(start.astype(np.float32)[:, None], samples, axis=1)
    half = len(start) // 2
    for _ in range(sweeps):
        order = rng.permutation(len(start))
        a, b = order[:half], order[half : 2 * half]
        both = chains[a]
        both += chains[b]
        lowest = np.maximum(both - most[b], least[a])
        highest = np.minimum(both - least[b], most[a])
        highest -= lowest
        highest *= rng.random(highest.shape, dtype=np.float32)
        highest += lowest
        chains[a] = highest
        both -= highest
        chains[b] = both
    return chains
