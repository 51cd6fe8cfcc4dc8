"""The stage changes what a full swing is, not only what it weighs."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.answers import Answers
from advisor.decision.evidence import assess
from advisor.knowledge import load
from tests.advisor import runs

KNOWLEDGE = load()
RUN = runs.quick(1.0, train_step=2.0, throughput_b256=0.5)


def row(criterion: str, stage: str | None, **answers: Any) -> Any:
    told = Answers.model_validate({"schema": 1, "stage": stage, **answers})
    return next(found for found in assess(told, KNOWLEDGE, RUN) if found.family == criterion)


def lead(criterion: str, stage: str | None, **answers: Any) -> float:
    pytorch, tensorflow = row(criterion, stage, **answers).values.mean()
    return float(pytorch - tensorflow)


def test_a_factor_of_two_is_felt_little_while_exploring_and_fully_while_scaling() -> None:
    exploring, elsewhere, scaling = (lead("training_speed", stage) for stage in ("exploring", "prototype", "scaling"))
    assert 0 < exploring < elsewhere < scaling
    assert lead("training_speed", None) == elsewhere, "nothing said is what holds elsewhere"


@pytest.mark.parametrize(
    ("stage", "said"), [("scaling", "A factor of 2 counts in full"), ("exploring", "A factor of 8")]
)
def test_the_evidence_says_so_with_the_reason(stage: str, said: str) -> None:
    texts = [item.text for item in row("training_speed", stage).evidence]
    assert any(said in text and "not 4 as elsewhere" in text for text in texts)
    assert not any("as elsewhere" in item.text for item in row("training_speed", "prototype").evidence)


def test_months_that_a_growing_team_has_are_out_of_reach_in_upkeep() -> None:
    code = {"framework": "tensorflow2", "lines": 9000}
    upkeep, scaling = (row("migration", stage, code=code) for stage in ("maintenance", "scaling"))
    assert upkeep.values.cells()["pytorch"].likely < scaling.values.cells()["pytorch"].likely
    assert upkeep.values.cells()["tensorflow"].likely == scaling.values.cells()["tensorflow"].likely == 1
    assert any("60 person-days are out of reach here" in item.text for item in upkeep.evidence)


def test_every_anchor_of_a_stage_has_its_reason() -> None:
    found = [
        (spec.id, stage, anchor)
        for spec in KNOWLEDGE.criteria
        for stage, anchor in getattr(spec.value, "stages", {}).items()
    ]
    assert len(found) >= 4
    assert all(anchor.because for _, _, anchor in found)
