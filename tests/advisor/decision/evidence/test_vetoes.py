"""What «what if» asks of requirements is what their words say."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from advisor import questionnaire
from advisor.answers import TARGET_IDS, Answers, Target
from advisor.decision.evidence.vetoes import missing, vetoes
from advisor.knowledge import load
from tests.places import CASES


def answered() -> list[Answers]:
    """Every case's answers."""
    documents = (yaml.safe_load(path.read_text(encoding="utf-8"))["answers"] for path in sorted(CASES.glob("*.yaml")))
    return [questionnaire.parse(yaml.safe_dump(document)) for document in documents]


@pytest.mark.parametrize("day", [None, date(2024, 6, 1)], ids=["today", "when less was known"])
def test_who_misses_a_requirement_is_who_has_a_veto_that_fails(day: date | None) -> None:
    knowledge, seen = load(on=day) if day else load(), set()
    for answers in answered():
        for target in ((), *TARGET_IDS):
            wanted = answers.model_copy(update={"targets": (Target(id=target, importance=5),)} if target else {})
            found = missing(wanted, knowledge)
            assert found == {veto.framework for veto in vetoes(wanted, knowledge) if veto.status == "fail"}
            seen.add(found)
    assert len(seen) >= 2, "some miss nothing, and others something"
