"""What to do where neither side wins: true of the code that there is and of who leads."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.answers import Answers
from advisor.decision.explain.undecided import advice, is_even
from probes.schema import Framework

MOVE = "A move to PyTorch takes about 4 person-days (1 to 17), by estimate."


def told(framework: str | None = None, plan: str | None = None, *targets: str) -> Answers:
    content: dict[str, Any] = {"code": {"framework": framework, "plan": plan}, "targets": [{"id": t} for t in targets]}
    return Answers.model_validate(content)


@pytest.mark.parametrize(
    ("code", "ahead", "stays"),
    [
        ("tensorflow2", "tensorflow", "Stay with what you have (TensorFlow)"),
        ("keras3", "tensorflow", "Stay with what you have (TensorFlow)"),
        ("pytorch", "pytorch", "Stay with what you have (PyTorch)"),
        ("tensorflow2", "pytorch", "PyTorch is ahead even with the cost of the move counted"),
        ("pytorch", "tensorflow", "TensorFlow is ahead even with the cost of the move counted"),
        ("both", "pytorch", "if one has to go, it is TensorFlow."),
        ("none", "pytorch", "PyTorch is ahead, but not by enough to settle it"),
        ("jax", "pytorch", "PyTorch is ahead, but not by enough to settle it"),
        ("mixed", "tensorflow", "TensorFlow is ahead, but not by enough to settle it"),
    ],
)
def test_one_stays_only_with_who_leads(code: str, ahead: Framework, stays: str) -> None:
    said = advice(told(code), ahead, 0.66, MOVE)
    assert stays in said
    assert ("Stay with" in said) == stays.startswith("Stay")
    assert (MOVE in said) == ("cost of the move" in stays)


@pytest.mark.parametrize("share", [0.5, 0.504, 0.506, 0.549])
def test_nearly_even_is_no_reason_to_move(share: float) -> None:
    assert "about even, so nothing forces a move" in advice(told("tensorflow2"), "pytorch", share, MOVE)


def test_equally_often_is_what_is_shown_as_half() -> None:
    assert is_even(0.504)
    assert not is_even(0.506)


def test_a_rewrite_stays_with_nothing() -> None:
    assert advice(told("tensorflow2", "rewrite"), "tensorflow", 0.66, "").startswith("TensorFlow is ahead, but")
    assert advice(told("tensorflow2", "rewrite"), "tensorflow", 0.52, "").startswith("Either will do.")


@pytest.mark.parametrize(
    ("answers", "keras", "onnx"),
    [
        (told(), True, True),
        (told("none", None, "android"), True, True),
        (told("none", None, "microcontroller"), True, False),
        (told("none", None, "server_batch", "coral"), True, False),
        (told("tensorflow2"), True, True),
        (told("pytorch"), False, True),
        (told("pytorch", "rewrite"), True, True),
        (told("jax"), False, False),
        (told("javascript"), False, True),
        (told("keras3"), False, True),  # a hint says it
    ],
)
def test_only_ways_out_that_there_are_are_promised(answers: Answers, keras: bool, onnx: bool) -> None:
    said = advice(answers, "pytorch", 0.66, "")
    assert ("Keras 3" in said) == keras
    assert ("ONNX" in said) == onnx
    assert ("Keep the other way open" in said) == (keras or onnx)
