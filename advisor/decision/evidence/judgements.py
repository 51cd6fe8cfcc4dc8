"""Values from facts (a judgement on five written anchors), from the team's skills and from its code."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, TypeVar

from advisor.answers import Answers, Confidence, Override
from advisor.decision.evidence.assessment import Assessment, fact_evidence, with_age
from advisor.decision.evidence.values import Independent, unknown
from advisor.decision.scoring import value_functions
from advisor.knowledge import Knowledge, ageing, cited
from advisor.knowledge.ageing import WIDEST, stale, widened
from advisor.knowledge.conditions import SEVERAL, each_by_itself
from advisor.knowledge.criteria import Case, CriterionSpec, JudgementSpec
from advisor.model.evidence import Cell, Evidence
from advisor.model.facts import Age, Fact
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.system.sentences import sentence

T = TypeVar("T", bound=str)
NOT_KNOWN: Final = "None of the facts that this is judged by was known on that day."
MIDDLE: Final = 3.0  # of the five anchors
#: Half the range of a judgement, in levels of five: what the confidence of its facts leaves open.
DOUBT: dict[Confidence, float] = {"high": 0.5, "medium": 1.0, "low": 1.5}


def judgement(spec: CriterionSpec, value: JudgementSpec, answers: Answers, knowledge: Knowledge) -> Assessment:
    """The first case that fits the answers; none means that an answer is missing. What the team set goes before it."""
    overrides = {override.framework: override for override in answers.overrides if override.criterion == spec.id}
    left = tuple(side for side in FRAMEWORKS if side not in overrides)
    case = fitting(value, answers)
    facts = cited(knowledge, case.facts) if case else ()
    found = known_level(case.levels, facts) if case else None
    if case is None or found is None or not left:
        reason = "The answer that decides this is not given." if case is None else NOT_KNOWN
        cell = unknown(reason)
        asked = (value.ask,) if value.ask and case is None else ()
        assessment = Assessment(
            spec.criterion, spec.id, Independent(cell, cell), "unknown", reason, open_questions=asked
        )
    else:
        levels, doubt = found
        cells = {side: level_cell(levels[side], doubt) for side in FRAMEWORKS}
        evidence = (_judged(spec, value, case, left, doubt, knowledge.as_of), *(fact_evidence(fact) for fact in facts))
        values = Independent(cells["pytorch"], cells["tensorflow"], judged=True)
        summary = case.because + _ageing(facts)
        assessment = Assessment(spec.criterion, spec.id, values, "fact", summary, evidence)
    return _with_own(assessment, value, overrides, knowledge) if overrides else assessment


def fitting(value: JudgementSpec, answers: Answers) -> Case | None:
    """The first case that fits the answers, None if none does.

    Where several things are in use at once, each has to be served: the first case for each of them by itself counts,
    a side is worth what it is worth where it does worst, and is judged by what is said of that.
    """
    ways = each_by_itself(answers, _several(value))
    first = {next((i for i, case in enumerate(value.cases) if case.when.holds(alone)), None) for alone in ways}
    found = [value.cases[i] for i in sorted(i for i in first if i is not None)]
    if len(found) <= 1:
        return next(iter(found), None)
    worst = {side: min(case.levels[side] for case in found) for side in FRAMEWORKS}
    if whole := next((case for case in found if case.levels == worst), None):
        return whole
    at_worst = (next(case for case in found if case.levels[side] == worst[side]) for side in FRAMEWORKS)
    felt = sorted(at_worst, key=lambda case: -abs(case.pytorch - case.tensorflow))
    return Case(
        pytorch=worst["pytorch"],
        tensorflow=worst["tensorflow"],
        because=" ".join(case.because for case in felt),
        facts=tuple(dict.fromkeys(fact for case in felt for fact in case.facts)),
    )


def _several(value: JudgementSpec) -> tuple[str, ...]:
    """Key paths at which several answers can be given and that the cases look at, one answer being enough."""
    lines = (line for case in value.cases for line in case.when.lines if not line.only)
    return tuple(dict.fromkeys(line.asks for line in lines if line.asks in SEVERAL))


def known_level(levels: Mapping[T, float], facts: Sequence[Fact]) -> tuple[Mapping[T, float], float] | None:
    """Judged ``levels`` as far as their facts are known on the day, and half their range; None if none of them is.

    Where only the share k of the facts was known, only so much of the judgement is left: its distance from the middle
    of the scale times k, and its half-range by √k, as with what age leaves of a fact. With all it is as written.
    """
    known = [fact for fact in facts if fact.known]
    if not known:
        return None
    share = len(known) / len(facts)
    doubt = min(half_range(known) / math.sqrt(share), WIDEST)
    return {side: MIDDLE + share * (at - MIDDLE) for side, at in levels.items()}, doubt


def half_range(facts: Sequence[Fact]) -> float:
    """Half the range of a judgement that rests on these facts, in levels: the mean over them, each widened by age."""
    return sum(widened(DOUBT[fact.confidence], fact.age) for fact in facts) / len(facts)


def _ageing(facts: Sequence[Fact]) -> str:
    """That facts behind a judgement are stale, as a sentence to put behind it."""
    old = sum(stale(fact.age) for fact in facts)
    if not old:
        return ""
    if len(facts) == 1:
        return " The fact behind it is stale."
    if old == len(facts):
        return " All facts behind it are stale."
    return f" {old} of the {len(facts)} facts behind it {'is' if old == 1 else 'are'} stale."


def _with_own(
    assessment: Assessment, value: JudgementSpec, overrides: Mapping[Framework, Override], knowledge: Knowledge
) -> Assessment:
    """The levels that the team set in place of the judged ones. They age as well."""
    cells, sentences, evidence = assessment.values.cells(), [], []
    for side, override in overrides.items():
        age = own_age(override, knowledge)
        cells[side] = level_cell(override.level, widened(DOUBT[override.confidence], age))
        sentences.append(f"Your team sets {TITLES[side]} to {override.level} of 5: {sentence(override.statement)}")
        evidence.append(_own_evidence(override, value, age))
    still_open = any(cell.reason for cell in cells.values())
    whole = len(overrides) == len(FRAMEWORKS)
    return replace(
        assessment,
        values=Independent(cells["pytorch"], cells["tensorflow"], judged=not whole),
        status="unknown" if still_open else "answered" if whole else assessment.status,
        summary=" ".join([*sentences, *(() if whole else (assessment.summary,))]),
        evidence=(*evidence, *assessment.evidence),
        open_questions=assessment.open_questions if still_open else (),
    )


def own_age(override: Override, knowledge: Knowledge) -> Age:
    half_life = ageing.half_life(ageing.TEAM, knowledge.half_lives).months
    return Age(ageing.months(override.date, knowledge.today), half_life)


def _own_evidence(override: Override, value: JudgementSpec, age: Age) -> Evidence:
    name = TITLES[override.framework]
    level = f"{name} {override.level} of 5, {anchor(value, override.level)}"
    text = with_age(f"Set by your team ({override.author}): {sentence(override.statement)} {level}", age)
    return Evidence(
        "team", override.key, text, override.date.isoformat(), confidence=override.confidence, stale=stale(age)
    )


@lru_cache(maxsize=4096)  # few levels and doubts exist, and they are asked for hundreds of times a decision
def level_cell(likely: float, doubt: float) -> Cell:
    low, mid, high = value_functions.level([likely - doubt, likely, likely + doubt]).tolist()
    return Cell(low, mid, high)


def _judged(
    spec: CriterionSpec, value: JudgementSpec, case: Case, sides: Sequence[Framework], doubt: float, as_of: str
) -> Evidence:
    words = "; ".join(
        f"{TITLES[side]} {case.levels[side]:g} of 5, {anchor(value, case.levels[side])}" for side in sides
    )
    return Evidence("judgement", spec.id, f"Judged from the facts, ± {doubt:.1f} levels: {words}", as_of)


def anchor(value: JudgementSpec, at: float) -> str:
    """A level in the criterion's own words."""
    below = value.anchors[int(at) - 1]
    return f"«{below}»" if at == int(at) else f"between «{below}» and «{value.anchors[int(at)]}»"
