"""Rehearsals that were made here count in the estimate of the code that they are of, and of no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisor.answers import Answers
from advisor.decision import decide
from advisor.ports import Services
from advisor.queue.kinds import REHEARSE, RehearseRequest
from probes.rehearsal.schema import Rehearsal
from tests import fakes, own_models, team_code
from tests.rehearsals import rehearsal, way
from tests.stores import the
from tests.ui.driving import open_page, texts

TRAIN = team_code.written_as("train.py")


def opened(monkeypatch: pytest.MonkeyPatch, *made: Rehearsal) -> str:
    """What «Your code» says of a project after these rehearsals."""
    services = fakes.services(scanner=fakes.FakeScanner(team_code.scan()))
    record = services.store.create_decision(Answers())
    team_code.read(services, record)
    for one in made:
        rehearse(services, one)
    app = open_page(monkeypatch, services, "your-code", decision=record.id, edit=record.edit_key)
    assert not app.exception
    return texts(app).replace("\\", "")


def rehearse(services: Services, made: Rehearsal) -> None:
    """It is asked for and done."""
    services.store.enqueue(REHEARSE, RehearseRequest(made.file.name, made.file.sha256), own_models.OPERATOR)
    services.store.finish(the(services.store.claim("here")).id, "done", result=made)


def test_what_was_rehearsed_of_this_code_counts_and_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = opened(monkeypatch, rehearsal(TRAIN, [way("onnx2torch")], name="train.py"))
    assert "Rehearsed: train.py, Keras → ONNX → PyTorch module: answers and learns alike" in said


def test_what_was_rehearsed_of_other_code_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Rehearsed:" not in opened(monkeypatch, rehearsal("other", [way("onnx2torch")], name="train.py"))
    assert "Rehearsed:" not in opened(monkeypatch)


def test_the_newest_rehearsal_of_a_file_counts_whatever_it_was_called(monkeypatch: pytest.MonkeyPatch) -> None:
    first = rehearsal(TRAIN, [way("onnx2torch")], name="train.py")
    again = rehearsal(TRAIN, [way("onnx2torch", "refused", stage="export")], name="again.py")
    said = opened(monkeypatch, first, again)
    assert "Rehearsed: again.py" in said
    assert "Rehearsed: train.py" not in said


def test_one_of_before_that_does_not_say_what_ran_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Rehearsed:" not in opened(monkeypatch, replace(rehearsal(TRAIN, [way("onnx2torch")]), ran={}))


def test_of_many_outcomes_the_first_are_shown_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = [way("keras_on_pytorch"), way("keras_on_jax"), way("onnx2torch")]
    files = [rehearsal(TRAIN, ways), *(rehearsal(name, ways, name=f"{name}.py") for name in ("second", "third"))]
    same = [replace(one, ran=files[0].ran) for one in files]
    said = opened(monkeypatch, *same)
    assert said.count("Rehearsed: ") == 6
    assert "3 more outcomes of rehearsals: in the JSON below." in said


def test_a_rehearsal_makes_the_decision_anew_and_one_of_other_code_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers.model_validate({"schema": 2, "project": {"name": "Rehearsed"}})
    services = fakes.services(scanner=fakes.FakeScanner(team_code.scan()))
    record = services.store.create_decision(answers)
    team_code.read(services, record)
    made, decide_ = [], decide.decide

    def decided(*arguments: Any) -> Any:
        made.append(arguments)
        return decide_(*arguments)

    monkeypatch.setattr(decide, "decide", decided)
    counts = []
    for content in (None, "other", TRAIN):
        if content is not None:
            rehearse(services, rehearsal(content, [way("onnx2torch")]))
        open_page(monkeypatch, services, "recommendation", decision=record.id)
        counts.append(len(made))
    assert counts[0] == counts[1] < counts[2]
