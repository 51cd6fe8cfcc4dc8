"""Answers of older schemas: they open, and say what they said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.older_answers import ONE_TO_SEVERAL, SCHEMAS, migrated
from advisor.questionnaire import AnswersError, dump, parse

#: What schema 1 allowed where schema 2 takes several.
ALLOWED = {
    "train": ("cpu", "nvidia", "amd", "apple", "tpu"),
    "serve": ("cpu", "nvidia", "amd", "apple", "tpu"),
    "python": ("3.10", "3.11", "3.12", "3.13", "3.14"),
    "os": ("linux", "macos", "windows"),
}
CODE = ("none", "pytorch", "tensorflow1", "tensorflow2", "keras", "jax", "mixed")


@pytest.mark.parametrize(("part", "key"), ONE_TO_SEVERAL)
def test_one_value_becomes_a_list_of_one(part: str, key: str) -> None:
    for value in ALLOWED[key]:
        answers = Answers.model_validate({"schema": 1, part: {key: value}})
        assert getattr(getattr(answers, part), key) == (value,)
        assert parse(f"schema: 1\n{part}: {{{key}: {value}}}") == answers


@pytest.mark.parametrize(("part", "key"), ONE_TO_SEVERAL)
def test_what_was_not_given_stays_unknown(part: str, key: str) -> None:
    stored = json.dumps({"schema": 1, part: {key: None}})  # as decisions were stored
    assert Answers.model_validate_json(stored) == Answers()
    assert parse(f"schema: 1\n{part}: {{{key}: }}") == Answers()


@pytest.mark.parametrize("framework", CODE)
def test_code_means_what_it_meant(framework: str) -> None:
    assert Answers.model_validate({"schema": 1, "code": {"framework": framework}}).code.framework == framework


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "stage": st.sampled_from(["exploring", "maintenance"]),
            "hardware": st.fixed_dictionaries(
                {}, optional={key: st.sampled_from(ALLOWED[key]) for key in ("train", "serve")}
            ),
            "constraints": st.fixed_dictionaries(
                {}, optional={key: st.sampled_from(ALLOWED[key]) for key in ("python", "os")}
            ),
            "priorities": st.fixed_dictionaries({"ranking": st.just(["deployment.ios", "skills"])}),
        },
    )
)
def test_every_file_of_schema_1_is_written_as_the_newest_and_reads_back(content: dict[str, Any]) -> None:
    answers = Answers.model_validate({"schema": 1, **content})
    assert f"schema: {SCHEMAS[-1]}" in dump(answers)
    assert parse(dump(answers)) == answers
    assert migrated(migrated({"schema": 1, **content})) == migrated({"schema": 1, **content})


@pytest.mark.parametrize("odd", [3, "x", [], {"train": 5}, {"train": {"x": 1}}, {"train": [["cpu"]]}])
def test_what_cannot_be_meant_is_refused_as_ever(odd: object) -> None:
    with pytest.raises(ValueError, match="hardware"):
        Answers.model_validate({"schema": 1, "hardware": odd})
    with pytest.raises(AnswersError):
        parse(json.dumps({"schema": 1, "hardware": odd}))


def test_spark_and_warehouses_were_one_target() -> None:
    answers = Answers.model_validate(
        {"schema": 1, "targets": [{"id": "warehouse_spark"}], "priorities": {"ranking": ["deployment.warehouse_spark"]}}
    )
    assert [target.id for target in answers.targets] == ["spark"]
    assert answers.priorities.ranking == ("deployment.spark",)
