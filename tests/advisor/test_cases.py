"""Written cases: what an expert would say, and why. They hold the direction, not a number."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.decide import decide
from advisor.knowledge import load
from advisor.model import Answers
from tests.advisor import changed, runs

KNOWLEDGE = load()


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, **content})


def test_microcontroller_product_by_a_tensorflow_team() -> None:
    """TensorFlow: TensorFlow Lite for Microcontrollers is in production with wide vendor ports, ExecuTorch's way is in
    beta, and the team knows TensorFlow."""
    decision = decide(
        told(
            stage="first-production", project={"domain": "audio"}, targets=[{"id": "microcontroller", "importance": 5}],
            hardware={"train": "nvidia"}, team={"size": 4, "skills": {"pytorch": 1, "tensorflow": 4}},
            code={"framework": "tensorflow2", "lines": 8000, "plan": "keep"},
        ),
        KNOWLEDGE,
    )  # fmt: skip
    assert decision.verdict.framework == "tensorflow"
    assert "deployment.microcontroller" in [reason.criterion for reason in decision.reasons_for]


def test_language_model_research_by_a_pytorch_team() -> None:
    """PyTorch, clear: Transformers runs on PyTorch only, research appears there, and the team knows it."""
    decision = decide(
        told(
            stage="exploring", project={"domain": "language"}, targets=[{"id": "server_batch"}],
            hardware={"train": "nvidia"}, team={"size": 3, "skills": {"pytorch": 4, "tensorflow": 1}},
            code={"framework": "none"},
        ),
        KNOWLEDGE,
    )  # fmt: skip
    assert (decision.verdict.framework, decision.verdict.strength) == ("pytorch", "clear")
    assert decision.reasons_for[0].criterion == "ecosystem"


def test_a_language_model_server_is_pytorch_by_requirement() -> None:
    """vLLM and SGLang require PyTorch; no TensorFlow-based server was found."""
    decision = decide(
        told(targets=[{"id": "llm_serving", "importance": 5}], team={"skills": {"pytorch": 0, "tensorflow": 5}}),
        KNOWLEDGE,
    )
    assert (decision.verdict.framework, decision.verdict.strength) == ("pytorch", "veto")


def test_a_keras_product_in_upkeep_that_its_team_keeps() -> None:
    """TensorFlow: the code works, moving it brings nothing, and the team knows it."""
    decision = decide(
        told(
            stage="maintenance", project={"domain": "tabular"}, targets=[{"id": "server_rest_grpc"}],
            hardware={"train": "cpu", "serve": "cpu"}, team={"size": 2, "skills": {"pytorch": 1, "tensorflow": 4}},
            code={"framework": "tensorflow2", "lines": 30_000, "plan": "keep"},
        ),
        KNOWLEDGE,
        runs.quick(1.0),
    )  # fmt: skip
    assert decision.verdict.framework == "tensorflow"


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


def test_python_3_14_leaves_pytorch() -> None:
    """No stable TensorFlow supports it."""
    assert decide(told(constraints={"python": "3.14"}), KNOWLEDGE).verdict.framework == "pytorch"


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


def test_measurements_can_turn_an_answer() -> None:
    """The forecast that nobody wins turns with a fast TensorFlow, and with a fast PyTorch the other way."""
    answers = told(
        stage="first-production", project={"domain": "time-series"}, targets=[{"id": "server_rest_grpc"}],
        hardware={"train": "cpu", "serve": "cpu"}, team={"size": 5, "skills": {"pytorch": 3, "tensorflow": 4}},
        code={"framework": "keras", "lines": 6000, "plan": "undecided"},
    )  # fmt: skip
    sides = [decide(answers, KNOWLEDGE, runs.quick(ratio)).verdict.framework for ratio in (1 / 3, 3.0)]
    assert sides == ["tensorflow", "pytorch"]
