"""How much each criterion matters to a team that says nothing of it: its own swing, the rules, and what it shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from advisor.answers import Answers
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import Cause, CriterionSpec

MOST: Final = 100.0


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """A criterion's swing before the team says anything of it, 0 to 100, and what moved it."""

    swing: float
    because: tuple[str, ...]


def starting_points(answers: Answers, knowledge: Knowledge) -> dict[str, StartingPoint]:
    """Of every criterion: its own swing, moved by the rules that apply; criteria of one cause share that cause's swing.

    What the members of a cause weigh together is the cause's swing times the mean of their rules' factors, each
    counting by its own swing: however many criteria look at one cause, it counts once.
    """
    parts = parts_of_causes(knowledge)
    return {spec.id: starting_point(spec, answers, parts.get(spec.id)) for spec in knowledge.criteria}


@dataclass(frozen=True, slots=True)
class PartOfCause:
    """That a criterion is a member of a cause: which part of its own swing that leaves it."""

    cause: Cause
    part: float


def parts_of_causes(knowledge: Knowledge) -> Mapping[str, PartOfCause]:
    """By criterion; those that have no cause in common with others are left out."""
    own = {spec.id: spec.swing for spec in knowledge.criteria}
    parts: dict[str, PartOfCause] = {}
    for cause in knowledge.causes:
        total = sum(own.get(member, 0.0) for member in cause.members)
        parts |= {member: PartOfCause(cause, cause.swing / total if total else 1.0) for member in cause.members}
    return parts


def starting_point(spec: CriterionSpec, answers: Answers, member: PartOfCause | None) -> StartingPoint:
    """Of one criterion, a ``member`` of a cause or none."""
    swing, because = spec.swing, []
    for rule in spec.rules:
        if rule.applies(answers):
            swing *= rule.factor
            because.append(f"because {rule.because}, ×{rule.factor:g}")
    if member is not None:
        swing *= member.part
        number = len(member.cause.members)
        because.append(f"because {number} criteria look at «{member.cause.title}», which counts once")
    return StartingPoint(min(swing, MOST), tuple(because))
