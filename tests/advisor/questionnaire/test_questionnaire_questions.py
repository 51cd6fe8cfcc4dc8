"""The questions and the worked examples."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from advisor.answers import (
    TARGET_IDS,
    Answers,
)
from advisor.knowledge.conditions import PATHS
from advisor.questionnaire import _Questions, asked, dump, examples, parse, questions
from probes.system.data_files import DATA, DataError, parsed
from tests.advisor.given_answers import nested


def test_every_answer_is_asked_for_and_says_why() -> None:
    asked = {question.id: question for question in questions()}
    assert set(asked) == {"project.name", "targets", "binds.notes", *PATHS}
    assert all(question.why and question.title.endswith("?") for question in asked.values())


def test_a_newcomer_is_asked_no_more_than_before_there_were_questions_that_open() -> None:
    first = asked(Answers())
    assert len(first) <= 17
    assert {question.id for question in first} < {question.id for question in questions()}


def written(**changes: Any) -> dict[str, Any]:
    """``data/questions.yaml`` with one question changed."""
    content: Any = parsed(DATA, "questions.yaml")
    for entry in content["questions"]:
        if entry["id"] == "constraints.wsl":
            entry |= changes
    return content


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"opens": {"constraints.offline": True}}, "opens: 'constraints.offline' is asked further below"),
        ({"opens": {"constraints.os": "beos"}}, "'beos' is not an answer"),
        ({"kind": "choice"}, "kind: 'choice' doesn't fit the answer; allowed: yes-no"),
        ({"more": ["linux"]}, "more: 'linux' is none of the options"),
        ({"otherwise": "it were so"}, "otherwise: only where there are options"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(changes: dict[str, Any], message: str) -> None:
    _Questions.understood(written())
    _Questions.understood(written(opens=[{"constraints.os": "windows"}, {"constraints.offline": True}]))
    with pytest.raises(DataError, match=message):
        _Questions.understood(written(**changes))


def test_options_are_the_allowed_answers() -> None:
    assert any(question.options for question in questions())
    for question in questions():
        allowed = (
            TARGET_IDS if question.id == "targets" else (PATHS[question.id].choices if question.id in PATHS else ())
        )
        assert set(question.options) == set(allowed or ())
        assert all(question.options.values())


def test_numbers_and_scales_have_ends_that_the_answers_allow() -> None:
    asked = [question for question in questions() if question.kind in ("number", "scale")]
    assert {question.kind for question in asked} == {"number", "scale"}
    for question in asked:
        assert question.low is not None
        assert question.high is not None
        for value in (question.low, question.high):
            parse(yaml.safe_dump({"schema": 2, **nested({question.id: value})}))


def test_three_worked_examples_that_read_back() -> None:
    assert len(examples()) == 3
    for worked in examples():
        assert worked.answers.project.name
        assert parse(dump(worked.answers)) == worked.answers
