"""Named budgets in seconds, and which of them a number of seconds is like."""

from __future__ import annotations

from collections.abc import Mapping

from probes.schema import LEVELS, Level

SECONDS: Mapping[str, float] = {"quick": 75.0, "standard": 360.0, "thorough": 1800.0}
SECONDS_BEFORE = {**SECONDS, "quick": 90.0}  # of records that don't say what was planned
#: Seconds from which a budget takes the probes of a level by itself, if none were named.
FROM: Mapping[Level, float] = {"quick": 0.0, "standard": 240.0, "thorough": 1200.0}


def level(budget: Level | float) -> Level:
    """The largest level that a budget has time for."""
    if isinstance(budget, str):
        return budget
    return next(name for name in reversed(LEVELS) if budget >= FROM[name])
