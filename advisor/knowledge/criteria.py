"""What a criterion is made of: its words, where its value comes from, its swing and the rules that move it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, Literal, Protocol, TypeVar, get_args

from pydantic import AfterValidator, Field, field_validator, model_validator

from advisor.answers import Answers, Domain, Stage, Swing, TargetId
from advisor.knowledge.conditions import ALWAYS, AnyOf, Condition, When
from advisor.model.evidence import Criterion
from advisor.model.facts import FactId
from probes.schema import Framework, ProbeId, Track
from probes.system.data_files import DataFile, Once, Text

JudgedLevel = Annotated[float, Field(ge=1, le=5, multiple_of=0.5, strict=True)]


def _in_order(range_: tuple[float, float, float]) -> tuple[float, float, float]:
    low, likely, high = range_
    if not 0 < low <= likely <= high < math.inf:
        raise ValueError(f"needs three positive numbers, in ascending order, not {low:g}, {likely:g}, {high:g}")
    return range_


#: A range of something of which there always is some: low, likely, high.
PositiveRange = Annotated[tuple[float, float, float], AfterValidator(_in_order)]
#: Lines a day as (slow, likely, fast); None: the code stays as it is.
Pace = PositiveRange | None


def _reachable(cases: tuple[_Case, ...]) -> tuple[_Case, ...]:
    """Of cases the first that fits is taken, so that none stands behind one that always does."""
    if any(case.when == ALWAYS for case in cases[:-1]):
        raise ValueError("a case without «when» always fits, and none behind it is ever taken; put it last")
    return cases


class _Conditioned(Protocol):
    @property
    def when(self) -> Condition: ...


_Case = TypeVar("_Case", bound=_Conditioned)
#: Entries of which the first that fits is taken.
FirstThatFits = Annotated[tuple[_Case, ...], AfterValidator(_reachable)]


class _Conditional:
    """Something that applies when ``when`` holds and nothing of ``unless`` does."""

    __slots__ = ()
    when: Condition
    unless: tuple[Condition, ...]

    def applies(self, answers: Answers) -> bool:
        return self.when.holds(answers) and not any(reason.holds(answers) for reason in self.unless)

    @property
    def reads(self) -> frozenset[str]:
        """Key paths of the answers that it looks at."""
        return frozenset(line.asks for condition in (self.when, *self.unless) for line in condition.lines)


@dataclass(frozen=True, slots=True)
class Rule(_Conditional):
    """When it applies, the swing is multiplied by ``factor``; ``because`` is said to the reader."""

    when: When
    factor: Annotated[float, Field(ge=0, le=5)]
    because: str
    unless: AnyOf = ()


@dataclass(frozen=True, slots=True)
class Exclusion(_Conditional):
    """When it applies, the criterion can't matter and drops out; ``because`` is said to the reader."""

    when: When
    because: Text
    unless: AnyOf = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """What several criteria have in common, so that it has one swing, 0 to 100, which they share by their own."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    title: Text
    swing: Swing
    because: Text
    members: Annotated[tuple[str, ...], Field(min_length=2)]  # ids of criteria


@dataclass(frozen=True, slots=True)
class StageAnchor:
    """What a full swing is at a stage, where that isn't what it is elsewhere, and why."""

    full: Annotated[float, Field(gt=1)]
    because: Text


def anchor_at(stage: Stage | None, stages: Mapping[Stage, StageAnchor]) -> StageAnchor | None:
    """That of the project's stage; None where it has none of its own, or the stage isn't answered."""
    return None if stage is None else stages.get(stage)


@dataclass(frozen=True, slots=True)
class RatioSpec:
    """Value from a measure's ratio. ``swing_ratio`` S: the ratio worth a full swing, unless the stage says so."""

    kind: Literal["ratio"]
    measure: str
    track: Track = "default"  # to be measured first where nothing of it was
    swing_ratio: Annotated[float, Field(gt=1)] = 4.0
    stages: Mapping[Stage, StageAnchor] = field(default_factory=dict)
    runs_on: Literal["train", "serve"] = "train"  # which hardware answer the probe stands for
    witness: str = ""  # a measure that is shown beside it and does not count


def _probe(text: str) -> str:
    """A probe's id on the default track, which stands for the best mode of each side."""
    if ProbeId.parse(text).track != "default":
        raise ValueError(f"probe: {text!r}; without a track")
    return text


@dataclass(frozen=True, slots=True)
class RatiosSpec:
    """Value from several probes that count alike: the geometric mean of the ratios of those that were measured.

    The networks are fixed, whatever the project's kind is: what these probes tell doesn't depend on it.
    """

    kind: Literal["ratios"]
    probes: Annotated[tuple[Annotated[str, AfterValidator(_probe)], ...], Field(min_length=1)]
    swing_ratio: Annotated[float, Field(gt=1)] = 4.0
    runs_on: Literal["train", "serve"] = "train"  # as in RatioSpec

    @property
    def measures(self) -> tuple[str, ...]:
        """Ids of the probes' measures, each once."""
        return tuple(dict.fromkeys(ProbeId.parse(probe).measure for probe in self.probes))


@dataclass(frozen=True, slots=True)
class Case:
    """A judgement for one situation, on the five-point scale of the criterion's anchors."""

    pytorch: JudgedLevel
    tensorflow: JudgedLevel
    because: Text
    facts: Annotated[tuple[FactId, ...], Field(min_length=1)]
    when: When = ALWAYS

    @property
    def levels(self) -> Mapping[Framework, float]:
        return {"pytorch": self.pytorch, "tensorflow": self.tensorflow}


@dataclass(frozen=True, slots=True)
class JudgementSpec:
    """Value from facts: five written anchors, worst first, and the first case that fits."""

    kind: Literal["judgement"]
    anchors: tuple[Text, Text, Text, Text, Text]
    cases: Annotated[FirstThatFits[Case], Field(min_length=1)]
    ask: str = ""  # the answer that is missing when no case fits
    from_route: TargetId | None = None  # hardware answer whose value is the route to the target of the same name
    # What a side is worth at most that has no implementation of a published model which the team had measured; 0: that
    # says nothing of this criterion.
    lacking: Annotated[float, Field(ge=0, le=5)] = 0.0


@dataclass(frozen=True, slots=True)
class BestRouteSpec:
    """Value from the best route to each chosen target; every target is a row of its own."""

    kind: Literal["route"]


@dataclass(frozen=True, slots=True)
class Carried:
    """How much of what people know of an older version serves with today's: parts of their level."""

    side: Framework
    least: Annotated[float, Field(ge=0, le=1)]
    likely: Annotated[float, Field(ge=0, le=1)]
    most: Annotated[float, Field(ge=0, le=1)]
    because: Text


@dataclass(frozen=True, slots=True)
class SkillsSpec:
    """Value from the team's own skills, 0 to 5 in steps that are good to ``doubt`` either way."""

    kind: Literal["skills"]
    doubt: Annotated[float, Field(gt=0, le=2)] = 0.75
    carried: Mapping[str, Carried] = field(default_factory=dict)  # by the code's framework, unless it is to be kept


#: By the code's framework, then by side: lines a day as (slow, likely, fast), None for staying as it is.
Rates = Mapping[str, Mapping[Framework, Pace]]


@dataclass(frozen=True, slots=True)
class MigrationSpec:
    """Value from person-days: none is 1, ``full`` and beyond is 0. Lines a day as [slow, likely, fast]."""

    kind: Literal["migration"]
    full: Annotated[float, Field(gt=0)]
    lines_unknown: PositiveRange
    rates: Rates
    facts: tuple[FactId, ...]
    stages: Mapping[Stage, StageAnchor] = field(default_factory=dict)  # instead of ``full``
    kept: Rates = field(default_factory=dict)
    #: By the code's framework and side: how it stays, to end «Your … code …»; where none is named, as it is.
    stays: Mapping[str, Mapping[Framework, Text]] = field(default_factory=dict)

    def lines_a_day(self, framework: str, *, keep: bool) -> Mapping[Framework, Pace]:
        """Lines a day to either side, None for staying as it is; where the code is to be kept, ``kept`` goes before."""
        return self.kept.get(framework, self.rates[framework]) if keep else self.rates[framework]

    def how_it_stays(self, framework: str | None, side: Framework) -> str:
        """What becomes of code that isn't moved, to end «Your … code …»; "" if it stays as it is."""
        return self.stays.get(framework or "", {}).get(side, "")


ValueSpec = RatioSpec | RatiosSpec | JudgementSpec | BestRouteSpec | SkillsSpec | MigrationSpec


@dataclass(frozen=True, slots=True)
class CriterionSpec(Criterion):
    """A criterion and how it is weighed and valued."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    swing: Swing  # before the rules
    value: Annotated[ValueSpec, Field(discriminator="kind")]
    rules: tuple[Rule, ...] = ()
    never: tuple[Exclusion, ...] = ()

    @property
    def criterion(self) -> Criterion:
        return Criterion(self.id, self.title, self.group, self.question, self.why)

    @property
    def measures(self) -> tuple[str, ...]:
        """Ids of the measures that count here."""
        match self.value:
            case RatioSpec():
                return (self.value.measure,)
            case RatiosSpec():
                return self.value.measures
        return ()

    @property
    def facts(self) -> frozenset[str]:
        """Ids of the facts that count here, over all cases. Routes bring their own."""
        if isinstance(self.value, JudgementSpec):
            return frozenset(fact for case in self.value.cases for fact in case.facts)
        return frozenset(self.value.facts) if isinstance(self.value, MigrationSpec) else frozenset()


_NETWORKS: Final = frozenset({*get_args(Domain), "else"})
_TRANSFERS: Final = frozenset({"same", "unknown", "other", "level", "network"})


class Criteria(DataFile):
    """``data/criteria.yaml``."""

    file: ClassVar[str] = "criteria.yaml"
    criteria: Once[CriterionSpec]
    causes: Once[Cause] = ()
    networks: Mapping[str, str]
    transfer: Mapping[str, Annotated[float, Field(ge=1)]]

    @field_validator("criteria")
    @classmethod
    def _evidence_counts_once(cls, criteria: tuple[CriterionSpec, ...]) -> tuple[CriterionSpec, ...]:
        owners: dict[str, str] = {}
        for spec in criteria:
            for evidence in (*spec.facts, *spec.measures):
                if (other := owners.setdefault(evidence, spec.id)) != spec.id:
                    raise ValueError(f"{evidence!r} counts in {other!r} and in {spec.id!r}; one only")
        return criteria

    @model_validator(mode="after")
    def _one_cause_each(self) -> Criteria:
        known, owners = {spec.id for spec in self.criteria}, dict[str, str]()
        for cause in self.causes:
            for member in cause.members:
                if member not in known:
                    raise ValueError(
                        f"causes: {cause.id}: {member!r} is no criterion; allowed: {', '.join(sorted(known))}"
                    )
                if (other := owners.setdefault(member, cause.id)) != cause.id:
                    raise ValueError(f"causes: {member!r} is a member of {other!r} and of {cause.id!r}; one only")
        return self

    @field_validator("networks")
    @classmethod
    def _one_for_all_others(cls, networks: Mapping[str, str]) -> Mapping[str, str]:
        if "else" not in networks or set(networks) - _NETWORKS:
            raise ValueError(f"{sorted(networks)}; needs else, allowed: {', '.join(sorted(_NETWORKS))}")
        return networks

    @field_validator("transfer")
    @classmethod
    def _whole(cls, transfer: Mapping[str, float]) -> Mapping[str, float]:
        if set(transfer) != _TRANSFERS:
            raise ValueError(f"{sorted(transfer)}; needs {', '.join(sorted(_TRANSFERS))}")
        return transfer
