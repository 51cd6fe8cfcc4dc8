"""Rows of the decision for answers that a test writes down."""

from __future__ import annotations

from typing import Any

from advisor.answers import Answers
from advisor.decision.evidence import Assessment, assess
from advisor.knowledge import load
from probes.results import RunResult

KNOWLEDGE = load()


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, **content})


def row(id_: str, answers: Answers | None = None, run: RunResult | None = None) -> Assessment:
    return next(r for r in assess(answers or told(), KNOWLEDGE, run) if r.id == id_)
