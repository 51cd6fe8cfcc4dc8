"""One line of the decision before weights: what both sides are worth on it, and what that rests on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from advisor.answers import TargetId
from advisor.decision.evidence.values import Values
from advisor.knowledge import ageing
from advisor.model.evidence import CellStatus, Criterion, Evidence
from advisor.model.facts import Age, Fact


@dataclass(frozen=True, slots=True)
class Assessment:
    """A criterion's values with their evidence. ``share`` is its part of the swing of ``family``."""

    criterion: Criterion
    family: str  # id of the entry in data/criteria.yaml
    values: Values
    status: CellStatus
    summary: str  # what the evidence says of both sides, one sentence
    evidence: tuple[Evidence, ...] = ()
    share: float = 1.0
    target: TargetId | None = None
    probe: str = ""  # the probe that would tell, or told
    open_questions: tuple[str, ...] = field(default=())  # key paths of answers that would tell

    @property
    def id(self) -> str:
        return self.criterion.id


def fact_evidence(fact: Fact) -> Evidence:
    """A fact as evidence. Its own note goes before its source's: it says what to beware of."""
    source = replace(fact.source, note=fact.note) if fact.note else fact.source
    old = ageing.stale(fact.age)
    text = with_age(fact.statement, fact.age)
    return Evidence("fact", fact.id, text, fact.as_of, source, fact.confidence, stale=old)


def with_age(text: str, age: Age) -> str:
    """The text, and behind it how old that is if it is stale."""
    return f"{text.rstrip('. ')} ({ageing.words(age)})." if ageing.stale(age) else text
