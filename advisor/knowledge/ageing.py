"""How knowledge ages: what a fact is still worth some months after it was seen.

A fact loses its worth by halves, as radioactive matter does: with ``a`` its age and ``h`` the half-life of its topic
(``data/ageing.yaml``), its *freshness* is 2^(−a/h): 1 when it was just seen, ½ after one half-life. Freshness is the
share of the fact's precision that is left, and precision is one over the square of a range. So the half-range of a
judgement grows to ``w / √freshness``: by 19 % after half a half-life, by 41 % after one, twofold after two. It grows
without a jump and ends at the whole scale. *Stale* is only a word for «older than one half-life»: nothing jumps there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Final

from pydantic import Field

from advisor.model.facts import Age
from advisor.wording.moments import day_of
from probes.system.data_files import DataError, DataFile, Once, Text

MONTH: Final = 365.25 / 12  # days
#: Half the range that leaves everything open, in levels: from any of the five anchors it reaches all others.
WIDEST: Final = 4.0
#: Topic of what a team sets itself.
TEAM: Final = "team"


@dataclass(frozen=True, slots=True)
class HalfLife:
    """In which time facts of a topic, and of all topics below it, lose half their worth."""

    topic: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)*$")]
    months: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    because: Text


class HalfLives(DataFile):
    """``data/ageing.yaml``."""

    file: ClassVar[str] = "ageing.yaml"
    half_lives: Once[HalfLife]


def months(since: date, until: date) -> float:
    """Months from one day to the other, at least 0: what was seen later was not old before."""
    return max(0.0, (until - since).days / MONTH)


def freshness(age: Age) -> float:
    """The share of its worth that is left: 2^(−age/half-life), from 1 towards 0."""
    return math.exp2(-age.months / age.half_life)


def stale(age: Age) -> bool:
    """Whether it is older than one half-life."""
    return age.months > age.half_life


def widened(half_range: float, age: Age) -> float:
    """A half-range that was right when fresh (levels, above 0 to WIDEST), at that age: w / √freshness, to WIDEST."""
    return half_range / max(math.sqrt(freshness(age)), half_range / WIDEST)


def words(age: Age) -> str:
    """«stale: 14 months old, half-life 12», or nothing while it is fresh."""
    return f"stale: {age.months:.3g} months old, half-life {age.half_life:g}" if stale(age) else ""


def half_life(topic: str, rules: Iterable[HalfLife]) -> HalfLife:
    """The rule of the longest topic that ``topic`` is or lies below. Raises DataError if there is none."""
    fitting = [rule for rule in rules if f"{topic}.".startswith(f"{rule.topic}.")]
    if not fitting:
        raise DataError(f"ageing.yaml: no half-life for the topic {topic!r}; add one for it or a topic above it")
    return max(fitting, key=lambda rule: len(rule.topic))


def age(as_of: str, topic: str, rules: Iterable[HalfLife], day: date) -> Age:
    """How old what was seen then is on ``day``. Raises DataError for a topic without a half-life."""
    return Age(months(day_of(as_of), day), half_life(topic, rules).months)
