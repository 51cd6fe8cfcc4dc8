"""Which criteria can't matter to a team's answers: they drop out, weigh nothing, and nothing is asked about them."""

from __future__ import annotations

from advisor.answers import Answers, Priorities
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import CriterionSpec
from advisor.model.evidence import Dropped


def because(spec: CriterionSpec, answers: Answers) -> str:
    """Why a criterion can't matter, "" if it may. What somebody weighs in her or his own words always counts."""
    reason = next((exclusion.because for exclusion in spec.never if exclusion.applies(answers)), "")
    return "" if reason and _named(spec.id, answers) else reason


def dropped(answers: Answers, knowledge: Knowledge) -> tuple[Dropped, ...]:
    """Every criterion that can't matter, in the order of ``data/criteria.yaml``."""
    return tuple(Dropped(spec.criterion, reason) for spec in knowledge.criteria if (reason := because(spec, answers)))


def _named(criterion: str, answers: Answers) -> bool:
    who = [voice.priorities for voice in answers.voices] or [answers.priorities]
    return any(name.partition(".")[0] == criterion for priorities in who for name in _names(priorities.counted))


def _names(priorities: Priorities) -> tuple[str, ...]:
    weighed = (name for name, swing in priorities.swings.items() if swing > 0)
    return (*priorities.ranking, *weighed, *priorities.ranges, *priorities.compared)
