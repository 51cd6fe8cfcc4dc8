"""Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.output.report import to_json, to_markdown
from advisor.questionnaire import examples
from probes.schema import FRAMEWORKS, Outcome
from tests.advisor import runs
from tests.advisor.given_answers import answers_

KNOWLEDGE = load()
SCANNER = examples()[0].answers


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, **content})


def test_the_json_has_the_documented_keys() -> None:
    content = json.loads(to_json(decide(SCANNER, KNOWLEDGE, runs.quick(2.0))))
    assert content["schema"] == 1
    assert set(content) >= {"schema", "verdict", "criteria", "vetoes", "routes", "flips", "next_probe"}
    assert set(content["verdict"]) >= {"framework", "strength", "probability", "standard_error"}
    assert sum(content["verdict"]["probability"][side] for side in FRAMEWORKS) == pytest.approx(1)
    for row in content["criteria"]:
        assert set(row) >= {"id", "title", "weight", "value", "interval", "evidence", "outcome"}
        assert set(row["value"]) == set(row["interval"]) == set(FRAMEWORKS)
    assert set(content["routes"]) == {"android", "server_rest_grpc"}
    assert set(content["routes"]["android"]) == set(FRAMEWORKS)
    assert content["routes"]["android"]["pytorch"]["route"]["tool"] == "ExecuTorch"


def test_the_ways_that_are_open_are_in_both_forms() -> None:
    answers = Answers.model_validate({"schema": 2, "code": {"framework": "keras2"}, "targets": [{"id": "llm_serving"}]})
    decision = decide(answers, KNOWLEDGE)
    content = json.loads(to_json(decision))["options"]
    shares = [option["share"] for option in content if not option["closed"]]
    assert sum(shares) == pytest.approx(1)
    assert {option["id"]: option["share"] for option in content if option["closed"]} == {
        "tensorflow": None, "keras-jax": None, "jax": None, "stay": None,
    }  # fmt: skip
    text = to_markdown(decision, answers)
    section = text.split("## Ways open to you")[1].split("\n## ")[0]
    for option in decision.options:
        assert option.title.split(" (")[0] in section
        assert (f"- «{option.title.split(' (')[0]}" in section) == bool(option.closed)


def test_only_a_measurement_is_ok() -> None:
    run = runs.run(
        runs.result("train_step", 2.0),
        runs.result("memory_peak", None, outcome=Outcome.TIMED_OUT, reason="took too long"),
    )
    rows = {row["id"]: row for row in json.loads(to_json(decide(SCANNER, KNOWLEDGE, run)))["criteria"]}
    assert rows["training_speed"]["outcome"] == "ok"
    assert rows["memory"]["outcome"] == "timed out"
    assert "took too long" in rows["memory"]["reason"]
    assert rows["inference_latency"]["outcome"] is None
    assert rows["inference_latency"]["reason"] == "Not measured yet."


def test_a_veto_has_no_score_in_json_either() -> None:
    content = json.loads(to_json(decide(told(targets=[{"id": "llm_serving"}]), KNOWLEDGE)))
    assert content["verdict"]["strength"] == "veto"
    assert content["verdict"]["probability"] == {"pytorch": None, "tensorflow": None}
    assert content["verdict"]["standard_error"] is None
    assert content["totals"] is None


@settings(max_examples=10, deadline=None)
@given(answers_)
def test_every_decision_can_be_written(answers: Answers) -> None:
    decision = decide(answers, KNOWLEDGE, samples=200)
    json.loads(to_json(decision))
    text = to_markdown(decision, answers)
    assert text.startswith("# PyTorch or TensorFlow")
    assert text.endswith("\n")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert "## Criteria" in headings
    assert len(headings) == len(set(headings))


def test_markup_in_a_projects_name_is_shown_as_text() -> None:
    answers = told(project={"name": "<script>alert(1)</script> [x](javascript:y) **b** `c` | d\n# e"})
    text = to_markdown(decide(answers, KNOWLEDGE), answers)
    assert "<script>" not in text
    assert "[x](" not in text
    assert "**b**" not in text
    assert "\n# e" not in text
    assert r"\<script\>alert\(1\)\</script\>" in text


def test_markdown_tells_what_is_measured_what_is_a_fact_and_what_is_unknown() -> None:
    run = runs.run(runs.result("train_step", 2.0))
    text = to_markdown(decide(SCANNER, KNOWLEDGE, run), SCANNER)
    assert f"Probes were measured on {runs.MACHINE.name}" in text
    assert "| measured |" in text
    assert "| dated facts |" in text
    assert "unknown: Not measured yet." in text
    assert "## What would turn it" in text
    assert "## Worth finding out next" in text


def test_facts_are_cited_with_source_date_and_confidence() -> None:
    text = to_markdown(decide(SCANNER, KNOWLEDGE), SCANNER)
    assert "; 2026-10; " in text
    assert "](<https://github.com/" in text
    assert "high confidence" in text


def test_a_veto_is_told_without_numbers() -> None:
    answers = told(targets=[{"id": "llm_serving"}])
    text = to_markdown(decide(answers, KNOWLEDGE), answers)
    assert "share of" not in text
    assert "## Hard requirements" in text
    assert "| not met |" in text


def test_what_can_not_matter_is_told_with_its_reason() -> None:
    answers = Answers.model_validate({"schema": 2, "targets": [{"id": "microcontroller"}]})
    decision = decide(answers, load(), samples=200)
    why = "what fits on a microcontroller trains on any processor"
    assert f"- Your accelerators: {why}." in to_markdown(decision, answers)
    told = json.loads(to_json(decision))["dropped"]
    assert {"id": "hardware", "title": "Your accelerators", "because": why} in told
