"""Answers, facts, routes and probes in; the rows of the decision out, each with its values and what they rest on."""

from __future__ import annotations

from dataclasses import replace

from advisor.answers import Answers
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
            return [_as_hardware_too(row, answers, knowledge) for row in routes.assess(spec, answers, knowledge)]
        case SkillsSpec():
            return [team.skills(spec, value, answers)]
        case MigrationSpec():
            return [team.migration(spec, value, answers, knowledge)]
        case JudgementSpec() if value.from_route and value.from_route in answers.hardware.train:
            if not any(target.id == value.from_route for target in answers.targets):
                return [routes.to_target(spec.criterion, spec.id, value.from_route, answers, knowledge, share=1.0)]
            # The target's row tells of it; what else the team trains on is judged here.
            return [judgements.judgement(spec, value, answers, knowledge)] if len(answers.hardware.train) > 1 else []
        case JudgementSpec():
            row = judgements.judgement(spec, value, answers, knowledge)
            return [published_models.capped(row, spec, value, answers, run)]


def _as_hardware_too(row: Assessment, answers: Answers, knowledge: Knowledge) -> Assessment:
    """What is target and hardware at once has one row, and counts in it as the heavier of the two."""
    for spec in knowledge.criteria:
        if (
            isinstance(spec.value, JudgementSpec)
            and spec.value.from_route == row.target
            and answers.hardware.train == (row.target,)
            and not relevance.because(spec, answers)
        ):
            starts = starting_points(answers, knowledge)
            return replace(row, share=max(row.share, starts[spec.id].swing / starts[row.family].swing))
    return row
