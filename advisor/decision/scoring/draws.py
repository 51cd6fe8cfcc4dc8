"""Random numbers that stay the same from one call to the next (common random numbers), and their transforms.

Each draw is keyed by a name, so that a criterion keeps its random numbers when another one comes or goes, and a
moved slider changes the answer by what it weighs and not by chance.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from advisor.decision.scoring.value_functions import Array
from probes.distributions import normal_cdf


@lru_cache(maxsize=256)
def _drawn(kind: str, key: str, seed: int, samples: int) -> Array:
    rng = np.random.default_rng([seed, zlib.crc32(f"{kind}:{key}".encode())])
    drawn = rng.standard_normal(samples) if kind == "normal" else rng.random(samples)
    drawn.flags.writeable = False  # shared by every caller
    return drawn


@lru_cache(maxsize=256)
def _correlated(key: str, common: str, correlation: float, seed: int, samples: int) -> Array:
    shared, own = _drawn("normal", common, seed, samples), _drawn("normal", key, seed, samples)
    weight = np.sqrt(abs(correlation))
    drawn = normal_cdf(np.sign(correlation) * weight * shared + np.sqrt(1 - weight**2) * own)
    drawn.flags.writeable = False
    return drawn


@lru_cache(maxsize=256)
def _triangular(
    key: str, common: str, correlation: float, seed: int, samples: int, low: float, likely: float, high: float
) -> Array:
    u = _correlated(key, common, correlation, seed, samples) if correlation else _drawn("uniform", key, seed, samples)
    drawn = triangular(u, low, likely, high)
    drawn.flags.writeable = False
    return drawn


@lru_cache(maxsize=256)
def _log_uniform(key: str, common: str, correlation: float, seed: int, samples: int, factor: float) -> Array:
    u = _correlated(key, common, correlation, seed, samples) if correlation else _drawn("uniform", key, seed, samples)
    drawn = np.exp((2 * u - 1) * np.log(factor))
    drawn.flags.writeable = False
    return np.asarray(drawn)


@dataclass(frozen=True, slots=True)
class Stream:
    """Named random numbers of one seed: the same name gives the same ``samples`` numbers."""

    seed: int
    samples: int

    def uniform(self, key: str) -> Array:
        """Uniform on [0, 1), shape (samples,), read-only."""
        return _drawn("uniform", key, self.seed, self.samples)

    def normal(self, key: str) -> Array:
        """Standard normal, shape (samples,), read-only."""
        return _drawn("normal", key, self.seed, self.samples)

    def triangular(
        self, key: str, low: float, likely: float, high: float, *, common: str = "", correlation: float = 0.0
    ) -> Array:
        """Triangular on [low, high], shape (samples,), read-only.

        Draws that name the same ``common`` cause move together (one-factor Gaussian copula): normal scores load on it
        by sign(correlation)·√|correlation|, so that two of one sign correlate by |correlation|.
        """
        return _triangular(key, common, correlation, self.seed, self.samples, low, likely, high)

    def log_uniform(self, key: str, factor: float, *, common: str = "", correlation: float = 0.0) -> Array:
        """Log-uniform between 1/``factor`` and ``factor`` ≥ 1, shape (samples,), read-only; ``common`` as above."""
        return _log_uniform(key, common, correlation, self.seed, self.samples, factor)


def triangular(u: Array, low: float, likely: float, high: float) -> Array:
    """Triangular distribution by inversion of ``u`` in [0, 1); same shape. Needs low ≤ likely ≤ high."""
    if not low <= likely <= high:
        raise ValueError(f"need low ≤ likely ≤ high, not {low!r}, {likely!r}, {high!r}")
    width = high - low
    if width == 0:
        return np.full_like(u, likely)
    below = likely - low
    rising = low + np.sqrt(u * (width * below))
    falling = high - np.sqrt((1 - u) * (width * (high - likely)))
    return np.where(u * width < below, rising, falling)
