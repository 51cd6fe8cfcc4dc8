"""What has gone stale, for people and for programs: ``python -m advisor stale``."""

from __future__ import annotations

import json

from advisor.knowledge import Knowledge, ageing
from advisor.knowledge.tables import columns
from advisor.model.facts import Fact


def stale(knowledge: Knowledge) -> tuple[Fact, ...]:
    """The facts that are older than their half-life on the knowledge's day, oldest first."""
    found = [fact for fact in knowledge.facts.values() if ageing.stale(fact.age)]
    return tuple(sorted(found, key=lambda fact: (-fact.age.months, fact.id)))


def to_json(knowledge: Knowledge) -> str:
    """Schema 1; months are numbers, freshness is 2^(−age/half-life)."""
    content = {
        "schema": 1,
        "day": knowledge.today.isoformat(),
        "facts": len(knowledge.facts),
        "stale": [_fact(fact) for fact in stale(knowledge)],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def _fact(fact: Fact) -> dict[str, object]:
    return {
        "id": fact.id,
        "topic": fact.topic,
        "statement": fact.statement,
        "as_of": fact.as_of,
        "age_months": round(fact.age.months, 2),
        "half_life_months": fact.age.half_life,
        "freshness": round(ageing.freshness(fact.age), 4),
        "source": {"title": fact.source.title, "url": fact.source.url},
    }


def to_text(knowledge: Knowledge) -> str:
    """A line that says how many, and a table: age and half-life in months, topic, fact, source."""
    facts = stale(knowledge)
    are = "is" if len(facts) == 1 else "are"
    head = f"{len(facts)} of {len(knowledge.facts)} facts {are} stale on {knowledge.today}: older than their half-life."
    if not facts:
        return head
    rows = [("age", "half-life", "topic", "fact", "source"), *(_row(fact) for fact in facts)]
    return "\n".join([f"{head} Months, oldest first.", "", *columns(rows, numbers=2)])


def _row(fact: Fact) -> tuple[str, ...]:
    where = fact.source.url or fact.source.title
    return f"{fact.age.months:.1f}", f"{fact.age.half_life:g}", fact.topic, fact.id, where
