"""Random numbers by name and seed, so that what is added or dropped moves nothing else (common random numbers)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from advisor.effort.rates import EffortRange

Draws: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EffortDraws:
    """``samples`` draws a name; the same seed and name give the same ones."""

    seed: int
    samples: int
    _made: dict[str, Draws] = field(default_factory=dict, compare=False)

    def level(self, key: str) -> Draws:
        """Uniform on (0, 1), shape (samples,)."""
        if key not in self._made:
            rng = np.random.default_rng([self.seed, zlib.crc32(key.encode())])
            drawn = ndtr(rng.standard_normal(self.samples))
            drawn.flags.writeable = False
            self._made[key] = drawn
        return self._made[key]

    def of(self, key: str, given: EffortRange) -> Draws:
        """Triangular. Ranges of one key rise and fall together: the larger range is larger in every draw."""
        u, (low, likely, high) = self.level(key), given.triple
        if low == high:
            return np.full(self.samples, likely)
        below = likely - low
        rising = low + np.sqrt(u * (high - low) * below)
        falling = high - np.sqrt((1 - u) * (high - low) * (high - likely))
        return np.where(u * (high - low) < below, rising, falling)

    def student(self, key: str, freedom: int) -> Draws:
        """Student's t with so many degrees of freedom."""
        return np.asarray(stdtrit(freedom, self.level(key)))
