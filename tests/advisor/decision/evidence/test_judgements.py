"""Judgements from facts: their cases, their doubt, and what is judged for which hardware."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisor.decision.evidence import assess
from advisor.decision.evidence.judgements import half_range
from advisor.decision.evidence.swings import swings
from advisor.model.facts import Age
from tests.advisor.decision.evidence.rows import KNOWLEDGE, row, told


def test_doubtful_facts_widen_a_judgement() -> None:
    facts = [replace(fact, age=Age()) for fact in KNOWLEDGE.facts.values()]
    widths = [half_range([f for f in facts if f.confidence == c]) for c in ("high", "medium", "low")]
    assert widths == [0.5, 1.0, 1.5]


def test_an_answer_that_decides_a_case_and_is_missing_leaves_it_unknown() -> None:
    found = row("hardware")
    assert found.status == "unknown"
    assert found.open_questions == ("hardware.train",)
    assert found.values.mean() == (0.5, 0.5)


def test_the_first_case_that_fits_is_taken() -> None:
    windows = row("hardware", told(hardware={"train": "nvidia"}, constraints={"os": "windows"}))
    linux = row("hardware", told(hardware={"train": "nvidia"}, constraints={"os": "linux"}))
    assert windows.values.mean()[1] < 0.3 < linux.values.mean()[1]


def test_tpus_count_as_the_heavier_of_hardware_and_target() -> None:
    def swings_of(train: list[str], **content: Any) -> dict[str, float]:
        answers = told(stage="scaling", hardware={"train": train}, **content)
        found = swings(assess(answers, KNOWLEDGE), answers, KNOWLEDGE)
        return {swing.row: swing.used for swing in found if swing.row in ("hardware", "deployment.tpu")}

    alone = swings_of(["tpu"])
    for importance in range(1, 6):
        both = swings_of(["tpu"], targets=[{"id": "tpu", "importance": importance}])
        as_target = swings_of(["cpu"], targets=[{"id": "tpu", "importance": importance}])["deployment.tpu"]
        assert both == {"deployment.tpu": pytest.approx(max(alone["hardware"], as_target))}
    assert swings_of(["tpu"], targets=[{"id": "ios"}]).keys() == {"hardware"}


def test_beside_tpus_as_a_target_the_other_hardware_is_judged() -> None:
    both = row("hardware", told(hardware={"train": ["tpu", "apple"]}, targets=[{"id": "tpu"}]))
    alone = row("hardware", told(hardware={"train": "apple"}, targets=[{"id": "tpu"}]))
    assert both.values.mean() == alone.values.mean()


def test_a_reason_that_is_given_twice_is_given_once() -> None:
    """The dates of a fact are kept; replacing a fact's statement changes the evidence that is shown."""
    fact = KNOWLEDGE.facts["tf-latest"]
    changed = replace(KNOWLEDGE, facts={**KNOWLEDGE.facts, "tf-latest": replace(fact, statement="Changed.")})
    found = next(r for r in assess(told(), changed) if r.id == "maintenance")
    assert "Changed." in [item.text for item in found.evidence]
