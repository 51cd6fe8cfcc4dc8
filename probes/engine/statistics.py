"""From log-ratios to an estimate with an interval. Pure functions; no constant in here is fitted to a result.

The data are nested: superblocks in instances (one build of both sides) in processes (one fresh pair). Blocks of one
instance are no replicates: they share its memory layout, and taking them as independent gave 30 % false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

CONFIDENCE = 0.95

#: Standard deviation of the log-ratio between fresh pairs beyond what their instances explain. A run of few pairs
#: can't estimate it. From A/A runs of PyTorch against itself, process means seen against explained by their
#: instances: 1.1-1.9 against 0.8-1.0 % at batch 1, 0.6-1.6 against 1.4 % at batch 256, 3.2-4.4 against
#: 3.2-4.3 % for the training step; hence about 1.5 % at the upper end.
TIME_FLOOR = 0.015
#: The same for memory, which repeats to within a few pages: allocators and page cache leave well under 1 %.
MEMORY_FLOOR = 0.01
#: What a single value may be off by before anything was seen twice: the widest spread of new instances above.
PRIOR_SPREAD = 0.10

#: Equality margin δ, fixed beforehand: ratios within ± 5 % are «equal» on a machine that others may share.
MARGIN = 0.05

_FARTHEST = 20.0  # log-ratios are cut here: e²⁰ is beyond any machine, and infinities don't fit into JSON


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean log-ratio with its t interval."""

    log: float
    half_width: float
    freedom: int  # degrees of freedom; 0 where nothing was seen twice

    @property
    def low(self) -> float:
        """Lower end, log scale."""
        return max(self.log - self.half_width, -_FARTHEST)

    @property
    def high(self) -> float:
        """Upper end, log scale."""
        return min(self.log + self.half_width, _FARTHEST)


def hodges_lehmann(values: ArrayLike) -> float:
    """Median of all pairwise means, each value with itself included: (n,) -> scalar.

    Robust like the median (breakdown 29 %), efficient like the mean (95 % at the normal).
    Hodges & Lehmann 1963, Ann. Math. Statist. 34:598. Raises ValueError for no values.
    """
    x = np.asarray(values, dtype=float)
    if x.size == 0:
        raise ValueError("hodges_lehmann: no values")
    i, j = np.triu_indices(x.size)
    return float(np.median((x[i] + x[j]) / 2))


def nested(processes: Sequence[Sequence[float]], floor: float) -> Estimate:
    """Mean of process means and a 95 % interval from log-ratios of instances, one sequence a process.

    Two witnesses of the variance of a process mean are pooled by their degrees of freedom, as in a moderated t
    (Smyth 2004, Stat. Appl. Genet. Mol. Biol. 3:3): what the instances predict, floor² + s_w²/m with R(m − 1), and
    what the means show, s_b² with R − 1. The variance is never below what the means show: with few processes a pool
    alone would drown a machine whose processes really differ. The interval is never narrower than the floor's own,
    whose spread is stated and not estimated, hence a normal one. Coverage is simulated in the tests: at least 95 % for
    the spreads above, about 90 % where processes differ by twice the floor.

    Raises ValueError if there is no process or an empty one.
    """
    if not processes or not all(processes):
        raise ValueError("nested: every process needs at least one instance")
    means = np.array([np.mean(instances) for instances in processes])
    rounds = len(means)
    within_freedom = sum(len(instances) - 1 for instances in processes)
    between_freedom = rounds - 1
    freedom = within_freedom + between_freedom
    if freedom == 0:
        half = float(stdtrit(1, _upper())) * PRIOR_SPREAD
        return Estimate(float(means[0]), half, 0)
    squares = sum(float(np.sum(np.square(np.asarray(i) - np.mean(i)))) for i in processes)
    # Instances of a process that was cut short count for what they are: the harmonic mean of the numbers.
    harmonic = rounds / sum(1 / len(instances) for instances in processes)
    predicted = floor**2 + (squares / within_freedom / harmonic if within_freedom else 0.0)
    shown = float(np.var(means, ddof=1)) if between_freedom else 0.0
    pooled = (within_freedom * predicted + between_freedom * shown) / freedom
    variance = max(pooled, shown)
    half = max(stdtrit(freedom, _upper()) * math.sqrt(variance), ndtri(_upper()) * floor) / math.sqrt(rounds)
    return Estimate(float(means.mean()), float(half), freedom)


def _upper() -> float:
    return 1 - (1 - CONFIDENCE) / 2
