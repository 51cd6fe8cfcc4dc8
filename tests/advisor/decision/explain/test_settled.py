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


def asked_one_by_one(full: Answers) -> tuple[int, Answers]:
    """How many answers somebody gives who answers in order what shows, until the page says that it is settled."""
    skipped: set[str] = set()
    answers, given = Answers(), 0
    while True:
        if given and decide(answers, KNOWLEDGE, samples=500).settled:
            return given, answers
        open_now = (q for q in questionnaire.asked(answers) if q.id not in skipped and not q.is_answered(answers))
        question = next(open_now, None)
        if question is None:
            return given, answers
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
    given, answers = asked_one_by_one(full)
    assert given <= MOST
    assert decide(answers, KNOWLEDGE, samples=500).verdict.framework == late.verdict.framework


def test_most_cases_that_weights_settle_take_few_answers_and_all_come_out_the_same() -> None:
    longer = []
    for name in WEIGHED:
        full, late = DECISIONS[name]
        given, answers = asked_one_by_one(full)
        assert decide(answers, KNOWLEDGE, samples=500).verdict.framework == late.verdict.framework, name
        longer += [(name, given)] if given > MOST else []
    assert len(longer) <= len(WEIGHED) / 6, longer
    assert all(given <= MOST + 2 for _, given in longer), longer
