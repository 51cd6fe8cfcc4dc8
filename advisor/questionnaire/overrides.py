"""What the types can't tell of facts that a team sets itself: that they name a judged criterion, and no day to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import CriterionSpec, JudgementSpec
from advisor.model import Override
from advisor.questionnaire.errors import AnswersError, shown


def judged(knowledge: Knowledge) -> dict[str, CriterionSpec]:
    """The criteria that may be set, by id: those that are judged from facts. The others are measured or answered."""
    return {spec.id: spec for spec in knowledge.criteria if isinstance(spec.value, JudgementSpec)}


def check(overrides: Sequence[Override], knowledge: Knowledge, today: date | None) -> None:
    """Raise AnswersError for the first one that can't be meant. ``today``: the latest day, where one is known."""
    known = {spec.id for spec in knowledge.criteria}
    for i, override in enumerate(overrides):
        if override.criterion not in (allowed := judged(knowledge)):
            problem = " is not judged from facts" if override.criterion in known else " is not allowed"
            where = f"overrides[{i}].criterion"
            raise AnswersError(where, shown(override.criterion), ", ".join(allowed), problem=problem)
        if today is not None and override.date > (latest := _latest(today)):
            raise AnswersError(f"overrides[{i}].date", f"{override.date} is still to come", f"days up to {latest}", "")


def _latest(today: date) -> date:
    """Days are written down where people live, and ours is UTC's: theirs may have begun already."""
    return today + timedelta(days=1)
