"""Settled cases: said as soon as nothing that is open would change the answer, and after few answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor import questionnaire
from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from tests.places import CASES

KNOWLEDGE = load()
#: Only PyTorch uses the GPU there.
NATIVE: Any = {"hardware": {"train": ["nvidia"]}, "constraints": {"os": ["windows"], "wsl": False}}
MOST = 8  # answers that a settled case may take
FIRST = 4  # questions that everybody reads first


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 2, **content})


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
        decision = decide(answers, KNOWLEDGE, samples=500)
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


DECISIONS = {name: (full, decide(full, KNOWLEDGE, samples=500)) for name, full in cases()}
REQUIRED = [name for name, (_, found) in DECISIONS.items() if found.settled and found.verdict.strength == "veto"]
WEIGHED = [name for name, (_, found) in DECISIONS.items() if found.settled and found.verdict.strength != "veto"]


def test_there_are_settled_cases_of_both_kinds() -> None:
    assert len(REQUIRED) >= 5
    assert len(WEIGHED) >= 5


@pytest.mark.parametrize("name", REQUIRED)
def test_a_case_that_a_requirement_decides_takes_few_answers(name: str) -> None:
    full, late = DECISIONS[name]
    given, answers = asked_one_by_one(full, hinted=False)
    assert given <= MOST
    assert decide(answers, KNOWLEDGE, samples=500).verdict.framework == late.verdict.framework


@pytest.mark.parametrize("name", WEIGHED)
def test_a_case_that_weights_settle_takes_few_answers_to_who_follows_the_page(name: str) -> None:
    full, late = DECISIONS[name]
    given, answers = asked_one_by_one(full, hinted=True)
    assert given <= MOST
    assert decide(answers, KNOWLEDGE, samples=500).verdict.framework == late.verdict.framework


def test_who_answers_in_order_needs_few_more() -> None:
    taken = {name: asked_one_by_one(DECISIONS[name][0], hinted=False) for name in WEIGHED}
    assert max(given for given, _ in taken.values()) <= MOST + 2
    for name, (_, answers) in taken.items():
        framework = decide(answers, KNOWLEDGE, samples=500).verdict.framework
        assert framework == DECISIONS[name][1].verdict.framework, name
