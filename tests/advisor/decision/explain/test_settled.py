"""Settled cases: said as soon as nothing that is open would change the answer, and after few answers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor import questionnaire
from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.model.decision import Decision
from probes.schema import Framework
from tests.places import CASES

KNOWLEDGE = load()
#: Only PyTorch uses the GPU there.
NATIVE: Any = {"hardware": {"train": ["nvidia"]}, "constraints": {"os": ["windows"], "wsl": False}}
MOST = 8  # answers that a settled case may take
FIRST = 4  # questions that everybody reads first


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 2, **content})


@cache
def _decided(written: str) -> Decision:
    return decide(Answers.model_validate_json(written), KNOWLEDGE, samples=500)


def decided(answers: Answers) -> Decision:
    """Many ways to a whole case begin alike."""
    return _decided(answers.model_dump_json(by_alias=True))


def test_a_requirement_settles_it_at_once() -> None:
    settled = decide(told(**NATIVE), KNOWLEDGE, samples=500).settled
    assert settled is not None
    assert settled.because.startswith("A hard requirement decides")


def test_where_neither_is_left_it_is_settled_too() -> None:
    routes = {**KNOWLEDGE.routes, "microcontroller": {**KNOWLEDGE.routes["microcontroller"], "pytorch": ()}}
    answers = told(**NATIVE, targets=[{"id": "microcontroller"}])
    settled = decide(answers, replace(KNOWLEDGE, routes=routes), samples=500).settled
    assert settled is not None
    assert settled.because.startswith("Neither of the two")


def test_without_answers_nothing_is_settled() -> None:
    assert decide(Answers(), KNOWLEDGE, samples=500).settled is None


def test_what_could_still_decide_is_named_and_really_could() -> None:
    decision = decide(told(**NATIVE), KNOWLEDGE, samples=500)
    assert decision.settled is not None
    for path in decision.settled.could_decide:
        assert path in decision.unknowns


def asked_one_by_one(full: Answers, *, hinted: bool) -> tuple[int, Answers]:
    """How many answers somebody gives until the page says that the case is settled, and these answers.

    The questions that show are answered in order. With ``hinted`` that is so for the first four alone; then comes what
    the page names as most useful to answer next.
    """
    skipped: set[str] = set()
    answers, given = Answers(), 0
    while True:
        decision = decided(answers)
        if given and decision.settled:
            return given, answers
        open_now = {
            question.id: question
            for question in questionnaire.asked(answers)
            if question.id not in skipped and not question.is_answered(answers)
        }
        if not open_now:
            return given, answers
        hints = [step.id for step in decision.next_steps if step.kind == "question" and step.id in open_now]
        question = open_now[hints[0]] if hinted and given >= FIRST and hints else next(iter(open_now.values()))
        if question.is_answered(full):
            answers, given = _with(answers, full, question.id), given + 1
        else:
            skipped.add(question.id)


def _with(answers: Answers, full: Answers, path: str) -> Answers:
    """``answers`` with what ``full`` has at a question's path."""
    document, source = (one.model_dump(by_alias=True) for one in (answers, full))
    place: Any = document
    *parents, last = path.split(".")
    for key in parents:
        place, source = place[key], source[key]
    place[last] = source[last]
    return Answers.model_validate(document)


def cases() -> list[tuple[str, Answers]]:
    read = [(path, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(CASES.glob("*.yaml"))]
    plain = [(path, case) for path, case in read if not case.keys() & {"run", "recording", "ways", "day"}]
    return [(Path(path).stem, questionnaire.parse(yaml.safe_dump(case["answers"]))) for path, case in plain]


Settled = dict[bool, dict[str, tuple[Answers, Framework | None]]]


@pytest.fixture(scope="module")
def settled() -> Settled:
    """The settled cases with all their answers and what they come to, by whether a requirement decides."""
    found: Settled = {True: {}, False: {}}
    for name, full in cases():
        decision = decided(full)
        if decision.settled:
            found[decision.verdict.strength == "veto"][name] = full, decision.verdict.framework
    assert min(map(len, found.values())) >= 5
    return found


@pytest.mark.parametrize(
    ("required", "hinted", "most"),
    [(True, False, MOST), (False, True, MOST), (False, False, MOST + 2)],
    ids=["a requirement decides", "weights settle it, to who follows the page", "weights settle it, asked in order"],
)
def test_a_settled_case_takes_few_answers(settled: Settled, required: bool, hinted: bool, most: int) -> None:
    for name, (full, framework) in settled[required].items():
        given, answers = asked_one_by_one(full, hinted=hinted)
        assert given <= most, name
        assert decided(answers).verdict.framework == framework, name
