"""Another weight, another answer."""

from __future__ import annotations

import pytest

from advisor.answers import Answers
from advisor.decision import what_if
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.questionnaire import examples
from tests.advisor import runs

KNOWLEDGE = load()
SCANNER = examples()[0].answers
FEW = 800


def test_a_sweep_starts_without_the_criterion_and_ends_with_it_alone() -> None:
    run = runs.quick(1.0, train_step=3.0)  # PyTorch is ahead in the training step, and only there
    found = what_if.sweep(Answers(), KNOWLEDGE, run, "training_speed", samples=FEW)
    assert found.weights[0] == 0
    assert found.weights[-1] == 1
    assert found.probability[-1] > 0.95
    assert found.probability[-1] > found.probability[0]
    assert 0 < found.now < 0.5
    if found.turns_at is not None:
        assert 0 < found.turns_at < 1


def test_where_it_turns_lies_between_a_lead_of_either_side() -> None:
    found = what_if.sweep(SCANNER, KNOWLEDGE, None, "ecosystem", samples=FEW)
    assert found.turns_at is not None
    before = [p for x, p in zip(found.weights, found.probability, strict=True) if x < found.turns_at]
    after = [p for x, p in zip(found.weights, found.probability, strict=True) if x > found.turns_at]
    assert (before[-1] - 0.5) * (after[0] - 0.5) <= 0


@pytest.mark.parametrize(
    ("probability", "at"),
    [
        ([0.4, 0.6, 0.7, 0.8], 0.5),
        ([0.4, 0.5, 0.6, 0.7], 1.0),  # a point of its own
        ([0.8, 0.5, 0.5, 0.2], 2.0),  # the nearer of two to 3
        ([0.4, 0.6, 0.6, 0.3], 2 + 1 / 3),
        ([0.5, 0.6, 0.5, 0.6], None),  # it touches ½ and passes it nowhere
        ([0.5, 0.5, 0.5, 0.5], None),
    ],
)
def test_it_turns_where_the_other_side_takes_the_lead(probability: list[float], at: float | None) -> None:
    assert what_if.crossing([0.0, 1.0, 2.0, 3.0], probability, 3.0) == (None if at is None else pytest.approx(at))


def test_a_row_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="'luck' has no row here; allowed: training_speed"):
        what_if.sweep(SCANNER, KNOWLEDGE, None, "luck", samples=FEW)


@pytest.mark.parametrize("question", what_if.turnable(SCANNER))
def test_every_option_is_what_deciding_with_it_gives(question: str) -> None:
    found = what_if.alternatives(SCANNER, KNOWLEDGE, None, question, samples=FEW)
    assert len({item.option for item in found}) == len(found) >= 3
    present = [item for item in found if item.present]
    assert len(present) <= 1
    for item in present:
        assert item.verdict == decide(SCANNER, KNOWLEDGE, samples=FEW).verdict
        assert item.moved == ()


def test_what_moves_it_is_named() -> None:
    found = {
        item.option: item for item in what_if.alternatives(SCANNER, KNOWLEDGE, None, "code.framework", samples=FEW)
    }
    title, side, by = found["pytorch"].moved[0]
    assert (title, side) == ("Existing code", "pytorch")
    assert by > 0.05


def test_another_target_may_be_a_requirement() -> None:
    found = {item.option: item for item in what_if.alternatives(SCANNER, KNOWLEDGE, None, "targets", samples=FEW)}
    assert found["llm_serving"].verdict.strength == "veto"


def test_a_number_can_not_be_turned_round() -> None:
    with pytest.raises(ValueError, match=r"code.lines.*allowed: project.domain, stage, targets"):
        what_if.alternatives(SCANNER, KNOWLEDGE, None, "code.lines")
