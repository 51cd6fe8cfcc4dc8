"""Judgements from facts: their cases, their doubt, and what is judged for which hardware."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import example, given, settings

from advisor import questionnaire
from advisor.answers import Answers
from advisor.decision.evidence import assess
from advisor.decision.evidence.judgements import half_range
from advisor.decision.evidence.swings import swings
from advisor.knowledge.conditions import PATHS
from advisor.knowledge.criteria import JudgementSpec
from advisor.model.facts import Age
from probes.schema import FRAMEWORKS
from tests.advisor.decision.evidence.rows import KNOWLEDGE, row, told
from tests.advisor.given_answers import answers_


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


SEVERAL_AT_ONCE = [
    (path, one, two)
    for path in ("hardware.train", "hardware.nvidia", "product.language", "product.platform", "constraints.os")
    for one, two in combinations(PATHS[path].choices or (), 2)
    if "tpu" not in (one, two)  # whose value is that of the way there
]


@pytest.mark.parametrize(("path", "one", "two"), SEVERAL_AT_ONCE, ids=["-".join(case) for case in SEVERAL_AT_ONCE])
def test_of_several_things_in_use_at_once_the_one_that_a_side_does_worst_with_counts(
    path: str, one: str, two: str
) -> None:
    part, key = path.split(".")

    def worth(*options: str) -> dict[str, tuple[float, ...]]:
        given: dict[str, dict[str, Any]] = {"hardware": {"train": ["nvidia"]}}
        given.setdefault(part, {})[key] = list(options)
        rows = assess(Answers.model_validate({"schema": 2, **given}), KNOWLEDGE)
        asked = {spec.id for spec in KNOWLEDGE.criteria if isinstance(spec.value, JudgementSpec)} - {"install"}
        judged = [row for row in rows if row.family in asked and row.status == "fact"]
        return {row.id: tuple(row.values.cells()[side].likely for side in FRAMEWORKS) for row in judged}

    together, first, second = worth(one, two), worth(one), worth(two)
    assert together == worth(two, one)
    for criterion in together.keys() & first.keys() & second.keys():
        weaker = tuple(map(min, first[criterion], second[criterion]))
        assert together[criterion] == pytest.approx(weaker), criterion


def test_the_reason_is_of_what_decides() -> None:
    """Beside NVIDIA GPUs, which both use, the sentence has to be that of the Apple GPUs."""
    answers = Answers.model_validate({"schema": 2, "hardware": {"train": ["nvidia", "apple"]}})
    assert row("hardware", answers).summary.startswith("PyTorch carries an Apple GPU backend")
    assert "On Linux both use NVIDIA GPUs" not in row("hardware", answers).summary


@settings(max_examples=150, deadline=None)
@given(answers_)
@example(Answers.model_validate({"schema": 2, "targets": [{"id": "library"}]}))
def test_what_a_criterion_asks_for_is_asked(answers: Answers) -> None:
    """«The answer that decides this is not given» of a question that nobody is shown helps nobody."""
    shown = {question.id for question in questionnaire.asked(answers)}
    earlier = {"targets"} if not answers.targets else set()
    for one in assess(answers, KNOWLEDGE):
        assert set(one.open_questions) <= shown or earlier, one.id
