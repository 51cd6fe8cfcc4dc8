"""Every rule is executed on both sides: the defaults differ and the rule says so; mended, neither is the case."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from probes.compare.rules import RULES
from tests.probes.compare.small_models import Comparer, Small, comparer

pytestmark = pytest.mark.framework

_LINEAR = "layers.Dense(4)"


def _after(pytorch: str, keras: str, **how: Any) -> Small:
    """Behind a layer with weights, on images that PyTorch sees with their channels first."""
    return Small(f"nn.Linear(4, 4), first, {pytorch}", f"{_LINEAR}, {keras}", **how)


def _flat(pytorch: str, keras: str, **how: Any) -> Small:
    return Small(f"nn.Linear(4, 4), {pytorch}", f"{_LINEAR}, {keras}", **{"shape": (4,), **how})


def _drawn(pytorch: str, keras: str, **how: Any) -> Small:
    return Small(pytorch, keras, **{"shape": (40,), **how})


_UNIFORM = "initializers.RandomUniform(-0.2236, 0.2236)"  # 1/√20

#: By rule: both halves as their defaults are, and mended.
ROWS: dict[str, tuple[Small, Small]] = {
    "batchnorm-epsilon": (
        _after("nn.BatchNorm2d(4)", "layers.BatchNormalization()"),
        _after("nn.BatchNorm2d(4)", "layers.BatchNormalization(epsilon=1e-5)"),
    ),
    "batchnorm-momentum": (
        _flat("nn.BatchNorm1d(4)", "layers.BatchNormalization(epsilon=1e-5)", labels=4),
        _flat("nn.BatchNorm1d(4)", "layers.BatchNormalization(epsilon=1e-5, momentum=0.9)", labels=4),
    ),
    "layernorm-epsilon": (
        _flat("nn.LayerNorm(4)", "layers.LayerNormalization()"),
        _flat("nn.LayerNorm(4)", "layers.LayerNormalization(epsilon=1e-5)"),
    ),
    "groupnorm-epsilon": (
        _after("nn.GroupNorm(2, 4)", "layers.GroupNormalization(2)"),
        _after("nn.GroupNorm(2, 4)", "layers.GroupNormalization(2, epsilon=1e-5)"),
    ),
    "rmsnorm-epsilon": (
        Small("nn.RMSNorm(4)", "layers.RMSNormalization()", shape=(4,), scale=1e-3),
        Small("nn.RMSNorm(4, eps=1e-6)", "layers.RMSNormalization()", shape=(4,), scale=1e-3),
    ),
    "strided-padding": (
        _after("nn.Conv2d(4, 6, 3, stride=2, padding=1)", "layers.Conv2D(6, 3, strides=2, padding='same')"),
        _after("nn.Conv2d(4, 6, 3, stride=2, padding=1)", "layers.ZeroPadding2D(1), layers.Conv2D(6, 3, strides=2)"),
    ),
    "pool-padding": (
        _after("nn.MaxPool2d(3, 2, padding=1)", "layers.MaxPooling2D(3, 2, padding='same')"),
        _after("nn.MaxPool2d(3, 2)", "layers.MaxPooling2D(3, 2)"),
    ),
    "pool-counts-padding": (
        _after("nn.AvgPool2d(3, 1, padding=1)", "layers.AveragePooling2D(3, 1, padding='same')"),
        _after(
            "nn.AvgPool2d(3, 1, padding=1, count_include_pad=False)", "layers.AveragePooling2D(3, 1, padding='same')"
        ),
    ),
    "gelu-form": (
        _flat("nn.GELU()", "ops.gelu", scale=3),
        _flat("nn.GELU()", "lambda x: ops.gelu(x, approximate=False)", scale=3),
    ),
    "leakyrelu-slope": (
        _flat("nn.LeakyReLU()", "layers.LeakyReLU()"),
        _flat("nn.LeakyReLU()", "layers.LeakyReLU(negative_slope=0.01)"),
    ),
    "softmax-axis": (
        _flat("nn.Softmax()", "layers.Softmax()", shape=(5, 4)),
        _flat("nn.Softmax(dim=-1)", "layers.Softmax()", shape=(5, 4)),
    ),
    "resize-form": (
        _after("nn.Upsample(scale_factor=2, mode='bicubic')", "layers.UpSampling2D(2, interpolation='bicubic')"),
        _after("nn.Upsample(scale_factor=2, mode='bilinear')", "layers.UpSampling2D(2, interpolation='bilinear')"),
    ),
    "resize-corners": (
        _after(
            "nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)",
            "layers.UpSampling2D(2, interpolation='bilinear')",
        ),
        _after("nn.Upsample(scale_factor=2, mode='bilinear')", "layers.UpSampling2D(2, interpolation='bilinear')"),
    ),
    "flatten-order": (
        _after("nn.Flatten(), nn.Linear(256, 5)", "layers.Flatten(), layers.Dense(5)"),
        _after("last, nn.Flatten(), nn.Linear(256, 5)", "layers.Flatten(), layers.Dense(5)"),
    ),
    "initial-kernel": (
        _drawn("nn.Linear(40, 40)", "layers.Dense(40)"),
        _drawn("as_keras(nn.Linear(40, 40))", "layers.Dense(40)"),
    ),
    "initial-bias": (
        _drawn("nn.Linear(40, 40)", "layers.Dense(40)"),
        _drawn("as_keras(nn.Linear(40, 40))", "layers.Dense(40)"),
    ),
    "initial-recurrent": (
        _drawn("Last(nn.LSTM(40, 20, batch_first=True))", "layers.LSTM(20)", shape=(3, 40)),
        _drawn(
            "Last(nn.LSTM(40, 20, batch_first=True))",
            f"layers.LSTM(20, recurrent_initializer={_UNIFORM})",
            shape=(3, 40),
        ),
    ),
    "initial-table": (
        _drawn("nn.Embedding(50, 40)", "layers.Embedding(50, 40)", shape=(3,), tokens=50),
        _drawn(
            "nn.Embedding(50, 40)",
            "layers.Embedding(50, 40, embeddings_initializer=initializers.RandomNormal(stddev=1.0))",
            shape=(3,),
            tokens=50,
        ),
    ),
}  # fmt: skip

_TORCH = """
import json, torch
from torch import nn, optim
def moved(kind, gradient, steps=1, **how):
    weights = nn.Parameter(torch.tensor([1.0, -2.0]))
    stepper = kind([weights], lr=0.1, **how)
    for _ in range(steps):
        before = weights.detach().clone()
        weights.grad = torch.full((2,), gradient)
        stepper.step()
    return (weights.detach() - before).tolist()
logits, labels = torch.tensor([[2.0, -1.0, 0.5]]), torch.tensor([0])
def loss(**how):
    return nn.CrossEntropyLoss(**how)(logits, labels).item()
def dropped(p):
    return sorted(set(nn.Dropout(*p)(torch.ones(1000)).tolist()))
print(json.dumps({
    "adam-epsilon": [moved(optim.Adam, 1e-7, 100, betas=(0.9, 0.9))] * 2,
    "decoupled-decay": [moved(optim.Adam, 0.3, weight_decay=0.1), moved(optim.AdamW, 0.3, weight_decay=0.1)],
    "adamw-decay": [moved(optim.AdamW, 0.3)] * 2,
    "cross-entropy-input": [loss()] * 2,
    "label-smoothing": [loss(label_smoothing=0.1)] * 2,
    "dropout-rate": [dropped([]), dropped([0.2])],
}))
"""
_KERAS = """
import json, keras
import numpy as np
from keras import losses, optimizers
def moved(kind, gradient, steps=1, **how):
    weights = keras.Variable([1.0, -2.0])
    stepper = kind(0.1, **how)
    for _ in range(steps):
        before = weights.numpy()
        stepper.apply([keras.ops.full((2,), gradient)], [weights])
    return (weights.numpy() - before).tolist()
logits, labels = np.array([[2.0, -1.0, 0.5]], np.float32), np.array([0])
sparse = losses.SparseCategoricalCrossentropy
smooth = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
def dropped(p):
    return sorted(set(keras.layers.Dropout(p)(np.ones(1000, np.float32), training=True).numpy().tolist()))
print(json.dumps({
    "adam-epsilon": [moved(optimizers.Adam, 1e-7, 100, beta_2=0.9, **how) for how in ({}, {"epsilon": 1e-8})],
    "decoupled-decay": [moved(optimizers.Adam, 0.3, weight_decay=0.1)] * 2,
    "adamw-decay": [moved(optimizers.AdamW, 0.3, **how) for how in ({}, {"weight_decay": 0.01})],
    "cross-entropy-input": [float(sparse(from_logits=given)(labels, logits)) for given in (False, True)],
    "label-smoothing": [float(sparse(from_logits=True)(labels, logits)), float(smooth(np.eye(3)[labels], logits))],
    "dropout-rate": [dropped(0.2)] * 2,
}))
"""


@pytest.fixture(scope="module")
def compare() -> Iterator[Comparer]:
    with comparer() as found:
        yield found


@pytest.fixture(scope="module")
def trained() -> tuple[dict[str, list], dict[str, list]]:
    """What both frameworks' training parts do, by rule: as they are, and mended."""

    def printed(program: str) -> dict[str, list]:
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=240)
        found: dict[str, list] = json.loads(run.stdout.splitlines()[-1])
        return found

    return printed(_TORCH), printed(_KERAS)


def test_every_rule_has_a_row() -> None:
    assert {rule.id for rule in RULES} == ROWS.keys() | _TRAINING


_TRAINING = {
    "adam-epsilon", "decoupled-decay", "adamw-decay", "cross-entropy-input", "label-smoothing", "dropout-rate",
}  # fmt: skip


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id in ROWS], ids=lambda rule: rule.id)
def test_a_rule_of_layers_holds_and_its_remedy_helps(rule: Any, compare: Comparer) -> None:
    plain, mended = (compare(small) for small in ROWS[rule.id])
    told = {finding.rule for finding in plain.findings}
    if rule.setting:
        assert rule.id in told
    if rule.shows == "start":
        assert plain.verdict == "same"  # weights were carried over
    else:
        assert plain.verdict == "different", plain.reason
        assert rule.id in plain.suspects
    assert rule.id not in {finding.rule for finding in mended.findings}
    assert mended.verdict == "same", mended.reason


@pytest.mark.parametrize("rule", sorted(_TRAINING))
def test_a_rule_of_training_holds_and_its_remedy_helps(rule: str, trained: tuple[dict, dict]) -> None:
    ours, theirs = (side[rule] for side in trained)
    assert ours[0] != pytest.approx(theirs[0], rel=5e-3)
    assert ours[1] == pytest.approx(theirs[1], rel=1e-3)
