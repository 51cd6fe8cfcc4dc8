"""What a machine can tell apart in which time, from how its identical sides scatter. Pure."""

from __future__ import annotations

import math

from probes.catalog import find
from probes.check.schema import Detection, Resolution, Spread
from probes.distributions import student_quantile
from probes.engine.judging.statistics import TIME_FLOOR
from probes.engine.planning.plan import FEWEST_INSTANCES, MOST_INSTANCES, looks_after
from probes.engine.planning.significance import ALPHA, STATED_FREEDOM, share

POWER = 0.95
EFFECTS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50)  # per cent
MOST_PAIRS = 40
#: Intervals are wider than the formula says, as their variance is never below what the means of few pairs show. With
#: this factor the promised power is there: 94-99 % found for six spreads and effects (600 simulated runs each).
WIDTH = 1.2


def seconds_to_tell(spread: Spread, effect: float) -> Detection | None:
    """The least time in which a run finds ``effect`` with 95 % power; None if 40 pairs are not enough.

    The interval's half width plus the same reach again for the power must fit into log(1 + effect):
    (t₁₋α⸝₂ + t₀.₉₅) √((b² + w²/m) / R) ≤ log(1 + effect), with R pairs of m instances, their spreads w and b (b not
    below the stated floor where fewer than five pairs were seen), the α of the last look of such a run, and the degrees
    of freedom of ``statistics.nested``. A rounding up to whole pairs is included.
    """
    stated = max(TIME_FLOOR, find(spread.probe).measure_spec.spread)
    between = spread.between if spread.pairs >= 5 else max(spread.between, stated)
    best: Detection | None = None
    for pairs in range(1, MOST_PAIRS + 1):
        for instances in range(FEWEST_INSTANCES, MOST_INSTANCES + 1):
            floor, within = between**2, spread.within**2 / instances
            known = floor**2 / STATED_FREEDOM + within**2 / (pairs * (instances - 1))
            freedom = (floor + within) ** 2 / known + pairs - 1 if known else 1.0
            alpha = ALPHA * share(1) / len(looks_after(pairs))
            reach = float(student_quantile(freedom, 1 - alpha / 2) + student_quantile(freedom, POWER))
            error = math.sqrt((floor + within) / pairs)
            if WIDTH * reach * error > math.log1p(effect):
                continue
            seconds = pairs * (spread.pair_seconds + instances * spread.instance_seconds)
            if best is None or seconds < best.seconds:
                best = Detection(effect, seconds, pairs, instances)
    return best


def resolution(spread: Spread) -> Resolution:
    """For effects of 1 to 50 %."""
    tells = (seconds_to_tell(spread, percent / 100) for percent in EFFECTS)
    return Resolution(spread.probe, spread.framework, tuple(tell for tell in tells if tell is not None))
