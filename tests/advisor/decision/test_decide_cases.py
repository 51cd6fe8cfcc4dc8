"""Cases that need more than answers: changed knowledge, or a look inside. Plain ones are files in ``tests/cases``."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from tests.advisor import changed, runs

KNOWLEDGE = load()


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, **content})


def test_nothing_to_choose_between_them() -> None:
    """No clear winner: equal facts, equal ways, equal skills, no code, equal measurements."""
    decision = decide(
        told(
            targets=[{"id": "server_rest_grpc"}], hardware={"train": "cpu", "serve": "cpu"},
            team={"size": 4, "skills": {"pytorch": 3, "tensorflow": 3}}, code={"framework": "none"},
        ),
        changed.even(KNOWLEDGE),
        runs.quick(1.0),
    )  # fmt: skip
    assert decision.verdict.framework is None
    assert decision.verdict.probability["pytorch"] == pytest.approx(0.5, abs=0.02)


def test_google_tpus_are_no_reason_for_tensorflow_alone() -> None:
    """Both have a maintained way today, neither in production: PyTorch by TorchTPU (beta), TensorFlow by a package
    that stopped at 2.20. So there is no veto, and the way to the target speaks a little for PyTorch."""
    decision = decide(told(targets=[{"id": "tpu"}], hardware={"train": "tpu"}), KNOWLEDGE)
    assert decision.verdict.strength != "veto"
    row = next(row for row in decision.criteria if row.criterion.id == "deployment.tpu")
    assert 0 < row.difference < 0.4


def test_windows_with_an_nvidia_gpu_is_left_open_and_said() -> None:
    """TensorFlow needs WSL2 there: unknown, not impossible."""
    decision = decide(told(hardware={"train": "nvidia"}, constraints={"os": "windows"}), KNOWLEDGE)
    assert "WSL2" in decision.verdict.advice
    assert next(row for row in decision.criteria if row.criterion.id == "hardware").difference > 0.5
