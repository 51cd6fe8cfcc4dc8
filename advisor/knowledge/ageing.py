"""How knowledge ages: what a fact is still worth some months after it was seen.

A fact loses its worth by halves, as radioactive matter does: with ``a`` its age and ``h`` the half-life of its topic
(``data/ageing.yaml``), its *freshness* is 2^(−a/h): 1 when it was just seen, ½ after one half-life. Freshness is the
share of the fact's precision that is left, and precision is one over the square of a range. So the half-range of a
judgement grows to ``w / √freshness``: by 19 % after half a half-life, by 41 % after one, twofold after two. It grows
without a jump and ends at the whole scale. *Stale* is only a word for «older than one half-life»: nothing jumps there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final

from pydantic import Field

from advisor.knowledge.reading import KnowledgeError, build, unique
from advisor.model import Age, Fact, Route

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
    because: Annotated[str, Field(min_length=1)]


def seen(as_of: str) -> date:
    """The day of ``2026-11-22``; of ``2026-11`` or ``2026`` the middle, which errs least. Raises ValueError."""
    return date.fromisoformat({4: f"{as_of}-07-01", 7: f"{as_of}-15"}.get(len(as_of), as_of))


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


def half_lives(written: object) -> tuple[HalfLife, ...]:
    """Read ``half_lives:``. Raises KnowledgeError naming path and value."""
    found = tuple(build(list[HalfLife], written, "ageing.yaml: half_lives"))
    unique((rule.topic for rule in found), "ageing.yaml")
    return found


def half_life(topic: str, rules: Iterable[HalfLife]) -> HalfLife:
    """The rule of the longest topic that ``topic`` is or lies below. Raises KnowledgeError if there is none."""
    fitting = [rule for rule in rules if f"{topic}.".startswith(f"{rule.topic}.")]
    if not fitting:
        raise KnowledgeError(f"ageing.yaml: no half-life for the topic {topic!r}; add one for it or a topic above it")
    return max(fitting, key=lambda rule: len(rule.topic))


def aged_routes(routes: Iterable[Route], rules: Sequence[HalfLife], day: date) -> tuple[Route, ...]:
    """The routes as old as their judgement is on ``day``. Raises KnowledgeError for a topic without a half-life."""
    return tuple(
        replace(route, age=Age(months(seen(route.as_of), day), half_life(route.topic, rules).months))
        for route in routes
    )


def aged(facts: Mapping[str, Fact], rules: Sequence[HalfLife], day: date) -> dict[str, Fact]:
    """The facts as old as they are on ``day``. Raises KnowledgeError for a topic without a half-life."""
    spans = {topic: half_life(topic, rules).months for topic in {fact.topic for fact in facts.values()}}
    return {
        name: replace(fact, age=Age(months(seen(fact.as_of), day), spans[fact.topic])) for name, fact in facts.items()
    }
