"""From log-ratios to an estimate with an interval. Pure functions; no constant in here is fitted to a result.

The data are nested: superblocks in instances (one build of both sides) in processes (one fresh pair). Blocks of one
instance are no replicates: they share its memory layout, and taking them as independent gave 30 % false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.distributions import normal_cdf, normal_quantile, student_cdf, student_quantile
from probes.engine.planning.significance import ALPHA

#: Standard deviation of the log-ratio between fresh pairs beyond what their instances explain. A run of few pairs
#: can't estimate it. From A/A runs of PyTorch against itself, process means seen against explained by their
#: instances: 1.1-1.9 against 0.8-1.0 % at batch 1, 0.6-1.6 against 1.4 % at batch 256, 3.2-4.4 against
#: 3.2-4.3 % for the training step; hence about 1.5 % at the upper end.
TIME_FLOOR = 0.015
#: What a single value may be off by before anything was seen twice: the widest spread of new instances above.
PRIOR_SPREAD = 0.10

_FARTHEST = 20.0  # log-ratios are cut here: e²⁰ is beyond any machine, and infinities don't fit into JSON


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean log-ratio with its errors. Its interval holds two claims at once: t for what was seen, normal for the
    stated floor; the wider one counts."""

    log: float
    error: float  # standard error by what was seen
    floor_error: float  # standard error that the stated between-process spread alone would give
    freedom: float  # degrees of freedom; 0 where nothing was seen twice
    alpha: float = ALPHA  # of the two-sided interval

    @property
    def half_width(self) -> float:
        """Half of the interval, log scale."""
        upper = 1 - self.alpha / 2
        seen = float(student_quantile(max(1, self.freedom), upper)) * self.error
        return max(seen, float(normal_quantile(upper)) * self.floor_error)

    @property
    def low(self) -> float:
        """Lower end, log scale."""
        return max(self.log - self.half_width, -_FARTHEST)

    @property
    def high(self) -> float:
        """Upper end, log scale."""
        return min(self.log + self.half_width, _FARTHEST)

    def p_different(self) -> float:
        """Two-sided p-value of «no difference»: the smallest α whose interval leaves 0 out."""
        return self._p(abs(self.log))

    def p_equal(self, margin: float) -> float:
        """p-value of «not equal within ± ``margin``» (log scale): the smallest α whose interval lies inside.

        Two one-sided tests (Schuirmann 1987, J. Pharmacokinet. Biopharm. 15:657), each at α/2, so that claim and
        interval say the same.
        """
        return self._p(margin - abs(self.log))

    def _p(self, distance: float) -> float:
        if distance <= 0:
            return 1.0
        seen = float(student_cdf(max(1, self.freedom), -distance / self.error)) if self.error else 0.0
        stated = float(normal_cdf(-distance / self.floor_error)) if self.floor_error else 0.0
        return min(1.0, 2 * max(seen, stated))


def six(value: float) -> float:
    """Six significant digits: more than any clock here has, and a third of the file."""
    return float(f"{value:.6g}")


def hodges_lehmann(values: ArrayLike) -> float:
    """Median of all pairwise means, each value with itself included: (n,) -> scalar.

    Robust like the median (breakdown 29 %), efficient like the mean (95 % at the normal).
    Hodges & Lehmann 1963, Ann. Math. Statist. 34:598. Raises ValueError for no values.
    """
    x = np.asarray(values, dtype=float)
    if x.size == 0:
        raise ValueError("hodges_lehmann: no values")
    i, j = _pairs(x.size)
    return float(np.median((x[i] + x[j]) / 2))


@lru_cache(maxsize=64)
def _pairs(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of all pairs of ``size`` values, each with itself included; finding them takes longer than the means."""
    i, j = np.triu_indices(size)
    return i, j


def _variance(values: Sequence[float], mean: float) -> float:
    """``statistics.variance(values, mean)`` to the last bit, so that records are recomputed bit for bit, in a fifth of
    the time: the denominators of binary fractions divide one another, so no fraction needs to be reduced."""
    squares = [((value - mean) * (value - mean)).as_integer_ratio() for value in values]
    whole = max(denominator for _, denominator in squares)
    total = sum(numerator * (whole // denominator) for numerator, denominator in squares)
    return total / (whole * (len(values) - 1))


def nested(
    processes: Sequence[Sequence[float]], floor: float, floor_freedom: int = 0, *, satterthwaite: bool = False
) -> Estimate:
    """Mean of process means and its errors from log-ratios of instances, one sequence a process.

    Two witnesses of the variance of a process mean are pooled by their degrees of freedom, as in a moderated t
    (Smyth 2004, Stat. Appl. Genet. Mol. Biol. 3:3): what is predicted, floor² + s_w²/m, and what the means show, s_b²
    with R − 1. The prediction's freedom is Satterthwaite's (1946, Biometrics Bull. 2:110), of a floor that counts for
    ``floor_freedom`` and instances that have R(m − 1): many instances make no stated floor surer. Without
    ``satterthwaite``, as in records of before, both freedoms are added. The variance is never below what the means
    show: with few processes a pool alone would drown a machine whose processes really differ. The interval is never
    narrower than the floor's own. Coverage is simulated in the tests: 95, 93 and 90 % where processes differ by
    once, twice and three times the floor.

    Raises ValueError if there is no process or an empty one.
    """
    if not processes or not all(processes):
        raise ValueError("nested: every process needs at least one instance")
    means = [fmean(instances) for instances in processes]
    mean, rounds = fmean(means), len(means)
    within_freedom = sum(len(instances) - 1 for instances in processes)
    between_freedom = rounds - 1
    squares = sum((value - own) ** 2 for own, instances in zip(means, processes, strict=True) for value in instances)
    # Instances of a process that was cut short count for what they are: the harmonic mean of the numbers.
    harmonic = rounds / sum(1 / len(instances) for instances in processes)
    within = squares / within_freedom / harmonic if within_freedom else 0.0
    predicted = floor**2 + within
    predicted_freedom: float = within_freedom + floor_freedom
    if satterthwaite and floor_freedom and predicted:
        scatter = floor**4 / floor_freedom + (within**2 / within_freedom if within_freedom else 0.0)
        predicted_freedom = predicted**2 / scatter
    freedom = predicted_freedom + between_freedom
    if freedom == 0:
        return Estimate(mean, PRIOR_SPREAD, 0.0, 0)
    shown = _variance(means, mean) if between_freedom else 0.0
    pooled = (predicted_freedom * predicted + between_freedom * shown) / freedom
    error = math.sqrt(max(pooled, shown) / rounds)
    return Estimate(mean, error, floor / math.sqrt(rounds), freedom)


def two_clusters(values: Sequence[float]) -> tuple[float, float] | None:
    """The means of two clusters, the lower first, or None: values of one normal kind fall apart so in a run of a
    thousand.

    The split is at the widest gap that leaves two values on either side; six are needed. The distance of both means, in
    standard deviations within, must exceed 4 + 55/n (simulated 0.999 quantiles of n normal values: 13.3, 10.9, 7.4 and
    5.1 for n = 6, 8, 11 and 20).
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    if ordered.size < 6:
        return None
    cut = int(np.argmax(np.diff(ordered)[1:-1])) + 2
    low, high = ordered[:cut], ordered[cut:]
    within = math.sqrt((((low - low.mean()) ** 2).sum() + ((high - high.mean()) ** 2).sum()) / (ordered.size - 2))
    distance = float(high.mean() - low.mean())
    return (float(low.mean()), float(high.mean())) if distance > (4 + 55 / ordered.size) * within else None
