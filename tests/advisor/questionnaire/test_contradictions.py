"""Answers that can't both be meant: named, with where and what would resolve them; silence contradicts nothing."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.answers import Answers
from advisor.knowledge.conditions import PATHS
from advisor.questionnaire import examples, questions
from advisor.questionnaire.contradictions import _Contradictions, contradictions, known
from probes.system.data_files import DataError


def found(**content: Any) -> list[str]:
    return [one.id for one in contradictions(Answers.model_validate({"schema": 2, **content}))]


def test_an_apple_gpu_needs_macos() -> None:
    apple = {"train": ["apple", "cpu"]}
    assert found(hardware=apple, constraints={"os": ["linux"]}) == ["apple_gpu_without_macos"]
    assert found(hardware=apple, constraints={"os": ["linux", "macos"]}) == []
    assert found(hardware=apple) == []


def test_what_schema_1_said_is_looked_at_too() -> None:
    answers = Answers.model_validate({"schema": 1, "hardware": {"train": "tpu"}, "constraints": {"os": "windows"}})
    assert [one.id for one in contradictions(answers)] == ["tpu_without_linux"]


@pytest.mark.parametrize("accelerator", ["tpu", "trainium", "ascend"])
def test_accelerators_of_linux_machines_need_linux(accelerator: str) -> None:
    assert found(hardware={"train": [accelerator]}, constraints={"os": ["windows"]}) == [f"{accelerator}_without_linux"]
    assert found(hardware={"train": [accelerator]}, constraints={"os": ["windows", "linux"]}) == []


def test_numbers_contradict_too() -> None:
    assert found(code={"framework": "none", "lines": 10}) == ["lines_of_no_code"]
    assert found(code={"framework": "none", "lines": 0}) == []
    assert found(hardware={"train": ["cpu"]}, project={"devices": 8}) == ["accelerators_on_cpu_only"]


def test_no_answers_and_no_single_answer_contradict() -> None:
    assert contradictions(Answers()) == ()
    for question in questions():
        for value in question.options if question.id in PATHS else ():
            part, _, key = question.id.partition(".")
            given = [value] if question.kind == "several" else value
            assert found(**{part: {key: given} if key else given}) == []


def test_worked_examples_are_consistent() -> None:
    assert [contradictions(example.answers) for example in examples()] == [()] * len(examples())


def test_each_says_at_which_questions_and_what_would_resolve_it() -> None:
    asked = {question.id for question in questions()}
    for one in known():
        assert set(one.at) <= asked
        assert one.say.endswith(".")
        assert one.resolve.endswith(".")


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"at": ["stage"]}, "at: 'stage' is none of the answers in when"),
        ({"when": {"code.lines": {"min": 1}}}, "one answer alone contradicts nothing"),
        ({"at": []}, "at"),
        ({"when": {"code.lines": "many"}}, "a number is asked as"),
    ],
)
def test_a_contradiction_that_cannot_be_meant_is_refused(broken: dict[str, Any], message: str) -> None:
    good = {"id": "x", "at": ["code.lines"], "say": "A.", "resolve": "B."}
    when = {"when": {"code.framework": "none", "code.lines": {"min": 1}}}
    _Contradictions.understood({"schema": 1, "contradictions": [{**good, **when}]})
    with pytest.raises(DataError, match=message):
        _Contradictions.understood({"schema": 1, "contradictions": [{**good, **when, **broken}]})
