"""What the types can't tell of facts that a team sets itself: that they name a judged criterion, and no day to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from pydantic import ValidationError

from advisor.answers import Answers, Override
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import CriterionSpec, JudgementSpec
from advisor.questionnaire.errors import AnswersError, from_pydantic, shown


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
        if today is not None and override.date > (last := latest(today)):
            raise AnswersError(f"overrides[{i}].date", f"{override.date} is still to come", f"days up to {last}", "")


def taken(written: Mapping[str, object], knowledge: Knowledge, today: date) -> Override:
    """A form's fields as an override. Raises AnswersError naming the field, its value and what is allowed."""
    try:
        override = Override.model_validate(written)
    except ValidationError as error:
        raise from_pydantic(error, Override) from error
    check((override,), knowledge, today)
    return override


def added(answers: Answers, override: Override) -> Answers:
    """The answers with it, in the place of what was set for the same side of the same criterion."""
    kept = {other.key: other for other in answers.overrides}
    return answers.model_copy(update={"overrides": tuple({**kept, override.key: override}.values())})


def removed(answers: Answers, key: str) -> Answers:
    """The answers without it."""
    return answers.model_copy(update={"overrides": tuple(o for o in answers.overrides if o.key != key)})


def latest(today: date) -> date:
    """Days are written down where people live, and ours is UTC's: theirs may have begun already."""
    return today + timedelta(days=1)
