"""What a team names in its own words is told of where nobody weighed it, and nothing is called settled beside it."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.knowledge.names import mentions
from advisor.model.decision import Decision

KNOWLEDGE = load()
#: Clear for PyTorch, and settled.
SETTLED: Any = {
    "stage": "first-production",
    "project": {"domain": "language"},
    "targets": [{"id": "server_batch"}],
    "team": {"skills": {"pytorch": 5, "tensorflow": 1}},
    "code": {"framework": "pytorch", "lines": 20_000, "plan": "keep"},
}


def decided(notes: str = "", **content: Any) -> Decision:
    answers = Answers.model_validate({"schema": 2, **SETTLED, "binds": {"notes": notes}, **content})
    return decide(answers, KNOWLEDGE, samples=1_000)


def test_beside_a_name_that_nothing_is_known_of_nothing_is_settled() -> None:
    assert decided().settled is not None
    named = decided("Zorblax boards")
    assert named.settled is None
    assert "This is settled" not in named.verdict.advice
    assert "Nothing is known here of Zorblax: see first which framework it needs." in named.verdict.advice
    two = decided("Zorblax and Quuxon").verdict.advice
    assert "Nothing is known here of Zorblax and Quuxon: see first which framework they need." in two


def test_what_is_known_of_a_name_and_was_not_weighed_is_said() -> None:
    named = decided("Rasa")
    assert named.settled is None
    assert "You named Rasa, which isn't weighed: Rasa, for chat bots, requires TensorFlow 2.12" in named.verdict.advice
    assert "If you can't do without it, that decides." in named.verdict.advice


def test_of_names_that_one_fact_speaks_of_it_is_told_once() -> None:
    advice = decided("hls4ml and QKeras").verdict.advice
    assert "You named hls4ml and QKeras, which aren't weighed: hls4ml 1.3.0" in advice
    assert advice.count("takes QKeras models") == 1
    assert "What you need of them decides." in advice


def test_what_was_weighed_is_not_told_again() -> None:
    quantum = {"project": {"domain": "quantum"}}
    assert mentions("PennyLane", KNOWLEDGE)[0].is_known
    assert "PennyLane, which isn't weighed" not in decided("PennyLane", **quantum).verdict.advice
    assert "PennyLane, which isn't weighed" in decided("PennyLane").verdict.advice


@pytest.mark.parametrize("notes", ["", "we have to be careful", "PyTorch and Python on Linux"])
def test_words_that_name_nothing_change_nothing(notes: str) -> None:
    assert decided(notes).verdict == decided().verdict
    assert decided(notes).settled == decided().settled


def test_add_ons_that_tie_to_one_framework_are_known() -> None:
    """Those that teams really named in public as what binds them."""
    names = ("TFP", "TF-DF", "TFX", "PennyLane", "Hugging Face", "Rasa", "RLlib", "MONAI", "Opacus", "QKeras", "hls4ml")
    assert [name for name in names if not mentions(name, KNOWLEDGE)[0].is_known] == []
