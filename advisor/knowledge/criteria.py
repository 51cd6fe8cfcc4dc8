"""What a criterion is made of: its words, where its value comes from, its swing and the rules that move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from advisor.answers import Stage
from advisor.knowledge.conditions import Condition, condition
from advisor.knowledge.reading import KnowledgeError, build, known, unique
from advisor.model import Criterion, Fact
from probes.schema import Framework

JudgedLevel = Annotated[float, Field(ge=1, le=5)]
Name = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Rule:
    """When ``when`` holds, the swing is multiplied by ``factor``; ``because`` is said to the reader."""

    when: Condition
    factor: float
    because: str


@dataclass(frozen=True, slots=True)
class StageAnchor:
    """What a full swing is at a stage, where that isn't what it is elsewhere, and why."""

    full: Annotated[float, Field(gt=1)]
    because: Name


@dataclass(frozen=True, slots=True)
class RatioSpec:
    """Value from a measure's ratio. ``swing_ratio`` S: the ratio worth a full swing, unless the stage says so."""

    measure: str
    swing_ratio: Annotated[float, Field(gt=1)] = 4.0
    stages: Mapping[Stage, StageAnchor] = field(default_factory=dict)
    best_mode: bool = False  # compare each side's best mode when the tuned track was measured too
    runs_on: Literal["train", "serve"] = "train"  # which hardware answer the probe stands for
    witness: str = ""  # a measure that is shown beside it and does not count


@dataclass(frozen=True, slots=True)
class Case:
    """A judgement for one situation, on the five-point scale of the criterion's anchors."""

    when: Condition
    levels: Mapping[Framework, float]  # 1 to 5, halves allowed
    because: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgementSpec:
    """Value from facts: five written anchors, worst first, and the first case that fits."""

    anchors: tuple[str, ...]
    cases: tuple[Case, ...]
    ask: str = ""  # the answer that is missing when no case fits
    from_route: str = ""  # hardware answer whose value is the route to the target of the same name


@dataclass(frozen=True, slots=True)
class BestRouteSpec:
    """Value from the best route to each chosen target; every target is a row of its own."""


@dataclass(frozen=True, slots=True)
class SkillsSpec:
    """Value from the team's own skills, 0 to 5 in steps that are good to ``doubt`` either way."""

    doubt: Annotated[float, Field(gt=0, le=2)] = 0.75


#: By the code's framework, then by side: lines a day as (slow, likely, fast), None for staying as it is.
Rates = Mapping[str, Mapping[Framework, tuple[float, float, float] | None]]


@dataclass(frozen=True, slots=True)
class MigrationSpec:
    """Value from person-days: none is 1, ``full`` and beyond is 0. Lines a day as [slow, likely, fast]."""

    full: Annotated[float, Field(gt=0)]
    lines_unknown: tuple[float, float, float]
    rates: Rates
    facts: tuple[str, ...]
    stages: Mapping[Stage, StageAnchor] = field(default_factory=dict)  # instead of ``full``
    kept: Rates = field(default_factory=dict)

    def lines_a_day(self, framework: str, *, keep: bool) -> Mapping[Framework, tuple[float, float, float] | None]:
        """Lines a day to either side, None for staying as it is; where the code is to be kept, ``kept`` goes before."""
        return self.kept.get(framework, self.rates[framework]) if keep else self.rates[framework]


ValueSpec = RatioSpec | JudgementSpec | BestRouteSpec | SkillsSpec | MigrationSpec
_KINDS: Mapping[str, Any] = {
    "ratio": RatioSpec,
    "route": BestRouteSpec,
    "skills": SkillsSpec,
    "migration": MigrationSpec,
}


@dataclass(frozen=True, slots=True)
class CriterionSpec:
    """One entry of ``data/criteria.yaml``."""

    criterion: Criterion
    swing: float  # 0 to 100, before the rules
    rules: tuple[Rule, ...]
    value: ValueSpec

    @property
    def id(self) -> str:
        """The criterion's id."""
        return self.criterion.id

    @property
    def measures(self) -> tuple[str, ...]:
        """Ids of the measures that count here."""
        return (self.value.measure,) if isinstance(self.value, RatioSpec) else ()

    @property
    def facts(self) -> frozenset[str]:
        """Ids of the facts that count here, over all cases. Routes bring their own."""
        if isinstance(self.value, JudgementSpec):
            return frozenset(fact for case in self.value.cases for fact in case.facts)
        return frozenset(self.value.facts) if isinstance(self.value, MigrationSpec) else frozenset()


@dataclass(frozen=True, slots=True)
class _Words:
    """The plain part of an entry, for validation."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    title: Name
    group: Name
    question: Name
    why: Name
    swing: Annotated[float, Field(ge=0, le=100)]


def criteria(written: object, facts: Mapping[str, Fact]) -> tuple[CriterionSpec, ...]:
    """Read ``criteria:``. Raises KnowledgeError for unknown facts, bad conditions, and evidence that counts twice."""
    entries = build(list[dict[str, Any]], written, "criteria.yaml: criteria")
    specs = tuple(_criterion(entry, i, facts) for i, entry in enumerate(entries))
    unique((spec.id for spec in specs), "criteria.yaml")
    owners: dict[str, str] = {}
    for spec in specs:
        for evidence in (*spec.facts, *spec.measures):
            if (other := owners.setdefault(evidence, spec.id)) != spec.id:
                raise KnowledgeError(f"criteria.yaml: {evidence!r} counts in {other!r} and in {spec.id!r}; one only")
    return specs


def _criterion(entry: dict[str, Any], index: int, facts: Mapping[str, Fact]) -> CriterionSpec:
    where = f"criteria.yaml: {entry.get('id', index)}"
    extra = set(entry) - {"id", "title", "group", "question", "why", "swing", "rules", "value"}
    if extra:
        raise KnowledgeError(f"{where}: unknown key {sorted(extra)[0]!r}")
    words = build(_Words, {key: entry[key] for key in entry if key not in ("rules", "value")}, where)
    return CriterionSpec(
        criterion=Criterion(words.id, words.title, words.group, words.question, words.why),
        swing=words.swing,
        rules=tuple(_rule(rule, f"{where}.rules.{i}") for i, rule in enumerate(entry.get("rules") or ())),
        value=_value(entry.get("value"), f"{where}.value", facts),
    )


def _rule(written: object, where: str) -> Rule:
    rule = build(dict[str, Any], written, where)
    if set(rule) != {"when", "factor", "because"}:
        raise KnowledgeError(f"{where}: a rule has exactly when, factor and because, not {sorted(rule)}")
    factor = build(float, rule["factor"], f"{where}.factor")
    if not 0 <= factor <= 5:
        raise KnowledgeError(f"{where}.factor: {factor} is out of range; allowed: 0 to 5")
    return Rule(condition(rule["when"], f"{where}.when"), factor, build(str, rule["because"], f"{where}.because"))


def _value(written: object, where: str, facts: Mapping[str, Fact]) -> ValueSpec:
    value = build(dict[str, Any], written, where)
    kind = value.pop("kind", None)
    if kind == "judgement":
        return _judgement(value, where, facts)
    if kind not in _KINDS:
        raise KnowledgeError(f"{where}.kind: {kind!r} doesn't exist; allowed: {', '.join(['judgement', *_KINDS])}")
    spec: ValueSpec = build(_KINDS[kind], value, where)
    if isinstance(spec, MigrationSpec):
        known(spec.facts, facts, f"{where}.facts")
    return spec


def _judgement(value: dict[str, Any], where: str, facts: Mapping[str, Fact]) -> JudgementSpec:
    extra = set(value) - {"anchors", "cases", "ask", "from_route"}
    if extra:
        raise KnowledgeError(f"{where}: unknown key {sorted(extra)[0]!r}")
    anchors = build(tuple[Name, Name, Name, Name, Name], value.get("anchors"), f"{where}.anchors")
    written = build(list[dict[str, Any]], value.get("cases"), f"{where}.cases")
    cases = tuple(_case(case, f"{where}.cases.{i}", facts) for i, case in enumerate(written))
    if not cases:
        raise KnowledgeError(f"{where}.cases: needs at least one")
    return JudgementSpec(tuple(anchors), cases, str(value.get("ask", "")), str(value.get("from_route", "")))


def _case(written: dict[str, Any], where: str, facts: Mapping[str, Fact]) -> Case:
    extra = set(written) - {"when", "pytorch", "tensorflow", "because", "facts"}
    if extra:
        raise KnowledgeError(f"{where}: unknown key {sorted(extra)[0]!r}")
    levels: dict[Framework, float] = {
        "pytorch": build(JudgedLevel, written.get("pytorch"), f"{where}.pytorch"),
        "tensorflow": build(JudgedLevel, written.get("tensorflow"), f"{where}.tensorflow"),
    }
    cited = build(tuple[str, ...], written.get("facts") or (), f"{where}.facts")
    if not cited:
        raise KnowledgeError(f"{where}.facts: a judgement must cite at least one fact")
    known(cited, facts, f"{where}.facts")
    because = build(Name, written.get("because"), f"{where}.because")
    return Case(condition(written.get("when"), f"{where}.when"), levels, because, cited)
