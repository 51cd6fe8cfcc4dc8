"""The answer if one more question were answered: expected difference and probability, without drawing anything."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from advisor.answers import Answers
from advisor.decision.evidence import relevance, rows_of
from advisor.decision.evidence.starting_points import parts_of_causes, starting_point, starting_points
from advisor.decision.evidence.swings import said
from advisor.decision.evidence.vetoes import missing, required_by
from advisor.decision.scoring.smaa import Smaa
from advisor.decision.scoring.value_functions import Array
from advisor.knowledge import Knowledge
from advisor.knowledge.conditions import answered
from advisor.knowledge.criteria import (
    BestRouteSpec,
    CriterionSpec,
    JudgementSpec,
    MigrationSpec,
    RatioSpec,
    RatiosSpec,
    SkillsSpec,
)
from probes.distributions import normal_cdf, normal_quantile
from probes.results import RunResult
from probes.schema import Framework

Option = str | bool | int
_SUREST: Final = 0.9995  # of a share of draws: beyond it they can't tell how sure it is
_LEAST: Final = 0.05  # of the variance: what no answer takes away


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the answer stands: the probability that PyTorch is ahead, mean and standard deviation of the difference."""

    probability: float
    mean: float
    sd: float

    @classmethod
    def of(cls, result: Smaa) -> Standing:
        """That of draws."""
        difference = result.totals[0] - result.totals[1]
        return cls(float(result.acceptability[0]), float(difference.mean()), float(difference.std()))

    def moved(self, mean: Array, variance: Array) -> Array:
        """Probability under other means and variances (as parts of the present one); any shape.

        A normal approximation, calibrated by the present probability: what moves nothing gives exactly that. Where all
        draws agree the probability says only that the answer is at least so sure, and takes nothing from the mean's
        distance to 0: else a wider spread alone would turn it.
        """
        sd = self.sd * np.sqrt(np.maximum(variance, _LEAST))
        p = min(max(self.probability, 1 - _SUREST), _SUREST)
        if self.sd <= 0:
            return np.full(mean.shape, p)
        correction = float(normal_quantile(p)) - self.mean / self.sd
        if self.probability >= _SUREST:
            correction = max(correction, 0.0)
        elif self.probability <= 1 - _SUREST:
            correction = min(correction, 0.0)
        return normal_cdf(correction + mean / sd)


@dataclass(frozen=True, slots=True)
class Supposed:
    """What an answer comes to: expected difference, and probability that PyTorch is ahead, one entry an option."""

    difference: Array
    probability: Array


@dataclass(frozen=True, slots=True)
class _Sums:
    """Over the rows of a criterion, each times its part of the swing."""

    pytorch: float
    tensorflow: float
    share: float
    variance: float


_NOTHING: Final = _Sums(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Criterion:
    spec: CriterionSpec
    swing_reads: frozenset[str]
    value_reads: frozenset[str]
    never_reads: frozenset[str]
    swing: float
    sums: _Sums

    @property
    def is_out(self) -> bool:
        return self.sums == _NOTHING


class Outlook:
    """The answer under answers that might be given.

    Only what looks at that answer is assessed again, a criterion's swing apart from its values; expected values and
    starting points are enough to rank questions.
    """

    def __init__(self, answers: Answers, knowledge: Knowledge, run: RunResult | None, now: Standing) -> None:
        self._answers, self._knowledge, self._run, self._now = answers, knowledge, run, now
        self._parts = parts_of_causes(knowledge)
        self._required = required_by(knowledge)
        starts = {name: start.swing for name, start in starting_points(answers, knowledge).items()}
        self._said = said(answers.priorities.counted, starts)
        self._criteria = [
            _Criterion(
                spec,
                _swing_reads(spec),
                _value_reads(spec),
                _never_reads(spec),
                starts[spec.id],
                self._sums(spec, answers),
            )
            for spec in knowledge.criteria
        ]
        self._mean, self._variance = self._difference(self._answers, "")

    def supposing(self, path: str, options: Sequence[Option]) -> Supposed:
        """The answer under each option at ``path``. A side that misses a requirement is worth nothing."""
        differences, variances, settled = [], [], []
        for option in options:
            answers = answered(self._answers, path, option)
            out = missing(answers, self._knowledge) if path in self._required else frozenset()
            mean, variance = self._difference(answers, path, out)
            differences.append(mean)
            variances.append(variance)
            settled.append(self._settled(out))
        difference = np.array(differences)
        ratio = np.array(variances) / self._variance if self._variance > 0 else np.ones(len(options))
        after = self._now.moved(self._now.mean + difference - self._mean, ratio)
        return Supposed(difference, np.where(np.isnan(settled), after, settled))

    def _settled(self, out: frozenset[Framework]) -> float:
        """The probability where requirements decide, NaN where none does; «neither» is as settled as who led."""
        if not out:
            return math.nan
        return float("pytorch" not in out if len(out) == 1 else self._now.probability >= 0.5)

    def _difference(self, answers: Answers, path: str, out: frozenset[Framework] = frozenset()) -> tuple[float, float]:
        pytorch = tensorflow = weight = variance = 0.0
        for item in self._criteria:
            sums = self._sums_after(item, answers, path)
            swing = self._said.get(item.spec.id)
            if swing is not None:  # all its rows together
                swing = swing / sums.share if sums.share else 0.0
            elif path in item.swing_reads:
                swing = starting_point(item.spec, answers, self._parts.get(item.spec.id)).swing
            else:
                swing = item.swing
            pytorch, tensorflow = pytorch + swing * sums.pytorch, tensorflow + swing * sums.tensorflow
            weight, variance = weight + swing * sums.share, variance + swing**2 * sums.variance
        pytorch, tensorflow = pytorch * ("pytorch" not in out), tensorflow * ("tensorflow" not in out)
        return ((pytorch - tensorflow) / weight, variance / weight**2) if weight else (0.0, 0.0)

    def _sums_after(self, item: _Criterion, answers: Answers, path: str) -> _Sums:
        """What is left of a criterion once ``path`` is answered; only what that answer moves is assessed again."""
        if path in item.value_reads:
            return self._sums(item.spec, answers)
        if path not in item.never_reads:
            return item.sums
        if relevance.because(item.spec, answers):
            return _NOTHING
        return self._sums(item.spec, answers) if item.is_out else item.sums

    def _sums(self, spec: CriterionSpec, answers: Answers) -> _Sums:
        pytorch = tensorflow = share = variance = 0.0
        for row in rows_of(spec, answers, self._knowledge, self._run):
            values = row.values.mean()
            pytorch, tensorflow = pytorch + row.share * values[0], tensorflow + row.share * values[1]
            share, variance = share + row.share, variance + row.share**2 * row.values.variance()
        return _Sums(pytorch, tensorflow, share, variance)


def reads(spec: CriterionSpec) -> frozenset[str]:
    """Key paths of the answers that a criterion's swing or value looks at."""
    return _swing_reads(spec) | _value_reads(spec) | _never_reads(spec)


def _swing_reads(spec: CriterionSpec) -> frozenset[str]:
    return frozenset[str]().union(*(rule.reads for rule in spec.rules))


def _never_reads(spec: CriterionSpec) -> frozenset[str]:
    return frozenset[str]().union(*(exclusion.reads for exclusion in spec.never))


def _value_reads(spec: CriterionSpec) -> frozenset[str]:
    """Key paths of the answers that a criterion's value looks at, as long as it counts."""
    value = spec.value
    match value:
        case JudgementSpec():
            routed = ("hardware.train", "targets") if value.from_route else ()
            cases = (line.asks for case in value.cases for line in case.when.lines)
            return frozenset((*cases, *routed))
        case RatioSpec():
            return frozenset({f"hardware.{value.runs_on}", "targets", "stage", "project.domain"})
        case RatiosSpec():
            return frozenset({f"hardware.{value.runs_on}", "targets"})
        case BestRouteSpec():
            return frozenset({"targets"})
        case SkillsSpec():
            return frozenset({"team.skills.pytorch", "team.skills.tensorflow", "code.framework", "code.plan"})
        case MigrationSpec():
            return frozenset({"code.framework", "code.lines", "code.plan", "stage"})
