"""Random numbers by name and seed, so that what is added or dropped moves nothing else (common random numbers)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from advisor.effort.rates import EffortRange
from probes.distributions import normal_cdf, student_quantile

Draws: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EffortDraws:
    """``samples`` draws a name; the same seed and name give the same ones."""

    seed: int
    samples: int
    _levels: dict[str, Draws] = field(default_factory=dict, compare=False)
    _made: dict[tuple[str, EffortRange], Draws] = field(default_factory=dict, compare=False)

    def level(self, key: str) -> Draws:
        """Uniform on (0, 1), shape (samples,)."""
        if key not in self._levels:
            rng = np.random.default_rng([self.seed, zlib.crc32(key.encode())])
            self._levels[key] = _kept(normal_cdf(rng.standard_normal(self.samples)))
        return self._levels[key]

    def of(self, key: str, given: EffortRange) -> Draws:
        """Triangular. Ranges of one key rise and fall together: the larger range is larger in every draw."""
        if (key, given) not in self._made:
            self._made[key, given] = _kept(_triangular(self.level(key), *given.triple))
        return self._made[key, given]

    def student(self, key: str, freedom: int) -> Draws:
        """Student's t with so many degrees of freedom, shape (samples,)."""
        return student_quantile(freedom, self.level(key))


def _triangular(u: Draws, low: float, likely: float, high: float) -> Draws:
    """The quantiles ``u`` of the triangular distribution."""
    if low == high:
        return np.full_like(u, likely)
    below = likely - low
    rising = low + np.sqrt(u * (high - low) * below)
    falling = high - np.sqrt((1 - u) * (high - low) * (high - likely))
    return np.where(u * (high - low) < below, rising, falling)


def _kept(drawn: Draws) -> Draws:
    """Shared by all who ask, so that nobody may write into it."""
    drawn.flags.writeable = False
    return drawn
