"""TensorFlow without Keras, as functions and as a graph of TensorFlow 1: the same steps as written out in NumPy."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from probes.models import mlp
from probes.tracks import WITHOUT_KERAS
from tests.places import ROOT
from tests.probes.frameworks import in_tensorflow as told_by

pytestmark = pytest.mark.framework


@pytest.fixture(scope="module", params=WITHOUT_KERAS)
def told(request: pytest.FixtureRequest) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.probes.frameworks.in_tensorflow", request.param]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("float64", 1e-9)])
def test_a_step_is_adamw_after_clipping_on_a_cosine(told: dict[str, Any], precision: str, tolerance: float) -> None:
    """The algorithm of torch.optim.AdamW's documentation, with its epsilon beside the corrected second moment; the rate
    of CosineAnnealingLR, which stays at 0 here once it got there."""
    settings, classes = told_by.SETTINGS, told_by.SIZES["classes"]
    x, labels = (np.asarray(part) for part in told_by._inputs(told_by.ROWS))
    wanted = np.eye(classes)[labels] * (1 - settings.label_smoothing) + settings.label_smoothing / classes
    kernel = told_by.LINEAR["fc.kernel"].astype(np.float64)
    m = v = np.zeros_like(kernel)
    losses = []
    for step in range(1, told_by.STEPS + 1):
        logits = x @ kernel
        log_shares = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        losses.append(-(wanted * log_shares).sum(1).mean())
        gradient = x.T @ (np.exp(log_shares) - wanted) / len(x)
        assert np.linalg.norm(gradient) > settings.clip_norm
        gradient *= settings.clip_norm / np.linalg.norm(gradient)
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        along = min((step - 1) / settings.cosine_steps, 1.0)
        rate = settings.learning_rate * (1 + np.cos(np.pi * along)) / 2
        kernel = kernel * (1 - rate * settings.weight_decay)
        kernel -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + settings.epsilon)
    assert told[precision]["losses"] == pytest.approx(losses, rel=tolerance)
    np.testing.assert_allclose(told[precision]["kernel"], kernel, rtol=tolerance, atol=tolerance / 10)


def test_moving_statistics_are_those_of_pytorch_with_bessels_correction(told: dict[str, Any]) -> None:
    weights = mlp.weights(np.random.default_rng(0), told_by.SIZES)
    x, _ = told_by._inputs(told_by.ROWS)
    hidden = x @ weights["fc1.kernel"]
    expected = {
        "mean": mlp.MOMENTUM * hidden.mean(0),
        "variance": (1 - mlp.MOMENTUM) + mlp.MOMENTUM * hidden.var(0, ddof=1),
    }
    for part, value in expected.items():
        np.testing.assert_allclose(told["trained"][f"bn1.{part}"], value, rtol=1e-5, atol=1e-6)


def test_every_step_draws_masks_of_its_own(told: dict[str, Any]) -> None:
    first, second = told["masks"]
    assert first != second


def test_a_batch_of_another_size_is_answered(told: dict[str, Any]) -> None:
    assert told["rows"] == 3


@pytest.mark.parametrize("told", ["graph"], indirect=True)
def test_a_session_runs_one_graph_in_a_fixed_order_on_the_threads_that_were_asked_for(told: dict[str, Any]) -> None:
    session = told["session"]
    assert session["grown"] == 0, "steps that add operations make each one slower than the last"
    assert session["threads"] == [1, 1]
    assert (
        session["decays"] == len(mlp.weights(np.random.default_rng(0), told_by.SIZES)) - len(("mean", "variance")) * 2
    )
    assert session["early"] == [], "a weight that changes while it is still read gives another loss, now and then"


def test_bfloat16_is_refused_with_a_reason(told: dict[str, Any]) -> None:
    assert told["refusal"] == "mixed precision is a policy of Keras' layers: without them it isn't measured"
