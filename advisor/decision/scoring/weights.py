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


def partly_ranked(ranked: int, rest: Array, rng: np.random.Generator) -> Array:
    """A ranking of some: the first ``ranked`` rows in order, every other below them.

    ``rest`` (others, samples) holds draws of what is known about the others (their swings); in each draw they share
    the smaller weights of an ordered simplex in that order. With no others it is ``ordered_simplex``.
    Shape (ranked + others, samples).
    """
    others, samples = rest.shape
    ordered = ordered_simplex(ranked + others, samples, rng)
    if others == 0:
        return ordered
    places = np.argsort(np.argsort(-rest, axis=0), axis=0)
    return np.concatenate([ordered[:ranked], np.take_along_axis(ordered[ranked:], places, axis=0)])


def exact(swings: ArrayLike, samples: int) -> Array:
    """Weights said outright: swings ≥ 0, shape (criteria,), normalised and repeated. Shape (criteria, samples)."""
    given = np.asarray(swings, float)
    if np.any(given < 0) or given.sum() <= 0:
        raise ValueError(f"swings must not be negative, and one must be above 0, not {swings!r}")
    return np.repeat((given / given.sum())[:, None], samples, axis=1)


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


def around(swings: ArrayLike, factors: ArrayLike, samples: int, rng: np.random.Generator) -> Array:
    """Swings known up to a factor: sₖ log-uniform between s̄ₖ/fₖ and s̄ₖ·fₖ, then normalised. Shape (criteria, samples).

    ``factors`` ≥ 1, shape (criteria,); 1 is a swing that was said. All swings 0: nothing was said, uniform simplex.
    Unlike the uniform distribution between the same bounds (``within_bounds``), it keeps its mean at the swings: there,
    doubt would shift weight from the heavy criteria to the light ones (by a tenth at factor 2, a quarter at factor 4),
    and so move the answer.
    """
    given, spread = np.asarray(swings, float), np.asarray(factors, float)
    if np.any(given < 0) or np.any(spread < 1):
        raise ValueError("swings must not be negative and factors not below 1")
    if given.sum() <= 0:
        return uniform_simplex(len(given), samples, rng)
    if np.all(spread == 1):
        return exact(given, samples)
    drawn = given[:, None] * np.exp(rng.uniform(-1, 1, (len(given), samples)) * np.log(spread)[:, None])
    return np.asarray(drawn / drawn.sum(axis=0))
