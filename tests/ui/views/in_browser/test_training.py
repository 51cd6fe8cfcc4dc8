"""What is said of TensorFlow.js' own training: that it works, and how much slower it is than TensorFlow here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.in_browser.schema import BrowserConditions, TrainingRecord
from probes.results import RunResult
from probes.schema import Outcome
from tests import fakes
from ui.views.in_browser import training

#: 0.002 s of TensorFlow a training step: tests/samples.py.
RECORDED: RunResult = fakes.FakeRunner().recording
MADE = TrainingRecord(Outcome.OK, "", "webgl", (0.09, 0.103, 0.2), 2.4, 0.2)


def test_the_factor_is_that_to_tensorflows_step_where_the_decision_was_measured() -> None:
    said = training.words(MADE, RECORDED).replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith(
        "It works: a step of 64 inputs takes 103 ms on the GPU by WebGL, and the loss went from 2.40"
    )
    # 0.103 / 0.002
    assert f"That is 51.5 times as long as TensorFlow on {RECORDED.machine.name}: 2.00 ms for the same network" in said
    assert "It counts for nothing." in said


OTHERS = tuple(row for row in RECORDED.results if row.measure != "train_step")


@pytest.mark.parametrize("run", [None, replace(RECORDED, results=OTHERS)], ids=["no run", "no step"])
def test_without_a_step_to_hold_it_against_that_is_said(run: RunResult | None) -> None:
    said = training.words(MADE, run)
    assert "times as long" not in said
    assert said.endswith("Measure «Training step» on the page Probes to see what TensorFlow takes for it elsewhere.")


def test_a_gpu_that_the_processor_plays_is_called_that() -> None:
    assert BrowserConditions("Chromium 156", "Linux", gpu="Google SwiftShader").software
    assert not BrowserConditions("Chrome 142", "Android 16", gpu="Mali-G715").software
    assert "103 ms on WebGL, played by the processor" in training.words(MADE, None, software=True).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_one_that_failed_says_why() -> None:
    assert training.words(TrainingRecord(Outcome.FAILED, "WebGL lost its context."), RECORDED) == (
        "failed: WebGL lost its context."
    )
