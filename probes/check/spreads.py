"""How identical sides scatter, from trials: within a process pair and between pairs. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from probes.check.schema import Spread, Trial


def spread_of(trials: Sequence[Trial], pair_seconds: float, pairs: int) -> Spread:
    """Pooled over trials of one probe and framework that were done in ``pairs`` pairs.

    The variance between pairs is what pair means show beyond what their instances explain: s_b² − s_w²/m (the usual
    moment estimate of a one-way random layout), not below 0. Raises ValueError for no trial.
    """
    if not trials:
        raise ValueError("spread_of: no trials")
    logs = [np.asarray(pair) for trial in trials for pair in trial.logs]
    freedom = sum(len(pair) - 1 for pair in logs)
    within = math.sqrt(sum(float(np.sum((pair - pair.mean()) ** 2)) for pair in logs) / max(1, freedom))
    shown = [float(np.var([np.mean(pair) for pair in trial.logs], ddof=1)) for trial in trials if len(trial.logs) > 1]
    explained = within**2 / float(np.mean([len(pair) for pair in logs]))
    between = math.sqrt(max(0.0, float(np.mean(shown)) - explained)) if shown else 0.0
    instances = sum(len(pair) for pair in logs)
    return Spread(
        probe=trials[0].probe,
        framework=trials[0].framework,
        within=round(within, 5),
        between=round(between, 5),
        instances=instances,
        pairs=pairs,
        instance_seconds=round(sum(trial.seconds for trial in trials) / instances, 3),
        pair_seconds=round(pair_seconds, 2),
    )
