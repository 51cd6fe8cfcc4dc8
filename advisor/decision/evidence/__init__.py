"""Answers, facts, routes and probes in; the rows of the decision out, each with its values and what they rest on."""

from __future__ import annotations

from advisor.answers import Answers, TargetId
from advisor.decision.evidence import judgements, mean_ratios, measurements, published_models, relevance, routes, team
from advisor.decision.evidence.assessment import Assessment
from advisor.decision.evidence.starting_points import starting_points
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import (
    BestRouteSpec,
    CriterionSpec,
    JudgementSpec,
    MigrationSpec,
    RatioSpec,
    RatiosSpec,
    SkillsSpec,
)
from probes.results import RunResult

__all__ = ["Assessment", "assess", "rows_of"]


def assess(answers: Answers, knowledge: Knowledge, run: RunResult | None = None) -> tuple[Assessment, ...]:
    """Every row that applies to these answers, in the order of ``data/criteria.yaml``."""
    return tuple(row for spec in knowledge.criteria for row in rows_of(spec, answers, knowledge, run))


def rows_of(spec: CriterionSpec, answers: Answers, knowledge: Knowledge, run: RunResult | None) -> list[Assessment]:
    """The rows of one criterion: one, or one a target; none where it can't matter or another row says the same."""
    if relevance.because(spec, answers):
        return []
    value = spec.value
    match value:
        case RatioSpec():
            return [measurements.assess(spec, value, answers, run, knowledge)]
        case RatiosSpec():
            return [mean_ratios.assess(spec, value, answers, run, knowledge)]
        case BestRouteSpec():
            return routes.assess(spec, answers, knowledge)
        case SkillsSpec():
            return [team.skills(spec, value, answers)]
        case MigrationSpec():
            return [team.migration(spec, value, answers, knowledge)]
        case JudgementSpec() if value.from_route and _by_route_alone(value.from_route, answers):
            return _beside_its_target(spec, value.from_route, answers, knowledge)
        case JudgementSpec():
            row = judgements.judgement(spec, value, answers, knowledge)
            return [published_models.capped(row, spec, value, answers, run)]


def _by_route_alone(hardware: TargetId, answers: Answers) -> bool:
    """Whether the way to ``hardware`` is all there is to judge: its own row tells of it where it is a target as well,
    and what else the team trains on is judged here."""
    is_target = any(target.id == hardware for target in answers.targets)
    return hardware in answers.hardware.train and not (is_target and len(answers.hardware.train) > 1)


def _beside_its_target(
    spec: CriterionSpec, hardware: TargetId, answers: Answers, knowledge: Knowledge
) -> list[Assessment]:
    """What is hardware and target at once counts as the heavier of the two: never twice, and never less for being both.

    The target's row counts in full, this one by what it weighs beyond that.
    """
    starts = starting_points(answers, knowledge)
    as_target = sum(
        starts[other.id].swing * routes.part(target.importance, len(answers.targets))
        for other in knowledge.criteria
        if isinstance(other.value, BestRouteSpec)
        for target in answers.targets
        if target.id == hardware
    )
    beyond = starts[spec.id].swing - as_target
    if beyond <= 0:
        return []
    share = beyond / starts[spec.id].swing
    return [routes.to_target(spec.criterion, spec.id, hardware, answers, knowledge, share=share)]
