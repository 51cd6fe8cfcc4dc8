"""One fault of each kind, planted in Keras' half of a small network, is found at its layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.probes.compare.small_models import Comparer, Small, comparer

pytestmark = pytest.mark.framework

_NETWORK = Small(
    "first, nn.Conv2d(4, 8, 3, padding=1), nn.BatchNorm2d(8), nn.GELU(),"
    " nn.Conv2d(8, 6, 3, stride=2, padding=1), nn.GroupNorm(2, 6), nn.LeakyReLU(0.3), nn.AvgPool2d(2),"
    " last, nn.Flatten(), nn.Linear(24, 16), Called(torch.relu), nn.LayerNorm(16), nn.Linear(16, 5)",
    "layers.Conv2D(8, 3, padding='same'), layers.BatchNormalization(momentum=0.9, epsilon=1e-5), activations.gelu,"
    " layers.ZeroPadding2D(1), layers.Conv2D(6, 3, strides=2), layers.GroupNormalization(2, epsilon=1e-5),"
    " layers.LeakyReLU(negative_slope=0.3), layers.AveragePooling2D(2),"
    " layers.Flatten(), layers.Dense(16, activation='relu'), layers.LayerNormalization(epsilon=1e-5), layers.Dense(5)",
    labels=5,
)


@pytest.fixture(scope="module")
def compare() -> Iterator[Comparer]:
    with comparer() as found:
        yield found


def _planted(right: str, wrong: str) -> Small:
    assert _NETWORK.keras.count(right) == 1
    return replace(_NETWORK, keras=_NETWORK.keras.replace(right, wrong))


def test_without_a_fault_both_sides_are_the_same(compare: Comparer) -> None:
    found = compare(_NETWORK)
    assert (found.verdict, found.first, found.suspects) == ("same", None, ())
    assert {finding.rule for finding in found.findings} <= {"initial-kernel", "initial-bias"}
    assert not any(found.unpaired.values())


@pytest.mark.parametrize(
    ("right", "wrong", "layer", "rule"),
    [
        ("momentum=0.9, epsilon=1e-5", "momentum=0.9", "2", "batchnorm-epsilon"),
        ("activations.gelu", "ops.gelu", "3", "gelu-form"),
        (
            "layers.ZeroPadding2D(1), layers.Conv2D(6, 3, strides=2)",
            "layers.Conv2D(6, 3, strides=2, padding='same')",
            "4",
            "strided-padding",
        ),
        ("GroupNormalization(2, epsilon=1e-5)", "GroupNormalization(2)", "5", "groupnorm-epsilon"),
        ("LeakyReLU(negative_slope=0.3)", "LeakyReLU(negative_slope=0.2)", "6", "leakyrelu-slope"),
        ("layers.Flatten()", "layers.Permute((3, 1, 2)), layers.Flatten()", "9", "flatten-order"),
        ("LayerNormalization(epsilon=1e-5)", "LayerNormalization()", "12", "layernorm-epsilon"),
    ],
)
def test_a_fault_is_found_at_its_layer(right: str, wrong: str, layer: str, rule: str, compare: Comparer) -> None:
    found = compare(_planted(right, wrong))
    assert found.verdict == "different"
    assert found.first is not None
    assert found.first.pytorch == layer
    assert found.suspects[0] == rule


def test_an_activation_that_is_missing_is_told_where_both_sides_part(compare: Comparer) -> None:
    found = compare(_planted(" layers.LeakyReLU(negative_slope=0.3),", ""))
    assert found.first is not None
    assert found.first.pytorch == "7"  # the pooling behind it
    assert found.unpaired == {"pytorch": ("6",), "tensorflow": ()}


def test_another_activation_within_a_layer_is_told(compare: Comparer) -> None:
    found = compare(_planted("activation='relu'", "activation='silu'"))
    assert found.verdict == "different"
    assert found.unpaired["pytorch"] == ("11.relu",)
    assert len(found.unpaired["tensorflow"]) == 1


def test_probabilities_for_logits_are_called_so(compare: Comparer) -> None:
    found = compare(_planted("layers.Dense(5)", "layers.Dense(5, activation='softmax')"))
    assert found.outputs is not None
    assert found.outputs.note == "Keras gives probabilities, the other side doesn't"


def test_a_slower_momentum_shows_in_the_moving_means_alone(compare: Comparer) -> None:
    found = compare(_planted("momentum=0.9", "momentum=0.99"))
    assert (found.verdict, found.first) == ("different", None)
    assert found.reason == "both sides differ in moving statistics"
    assert found.statistic is not None
    assert found.statistic.name == "2.mean"
    assert found.suspects == ("batchnorm-momentum",)


def test_another_loss_shows_in_loss_and_gradients(compare: Comparer) -> None:
    loss = """
def _torch(outputs, labels):
    from torch.nn.functional import cross_entropy
    return cross_entropy(outputs, labels, label_smoothing=0.1)

loss = {"pytorch": _torch}
"""
    found = compare(replace(_NETWORK, rest=loss))
    assert (found.verdict, found.first) == ("different", None)
    assert found.reason == "both sides differ in the loss, gradients"
    assert "label-smoothing" in found.suspects


def test_weights_that_cannot_be_carried_over_leave_it_open(compare: Comparer) -> None:
    found = compare(_planted("layers.Dense(16,", "layers.Dense(17,"))
    assert found.verdict == "unknown"
    assert "(24, 16)" in found.reason


def test_only_settings_are_looked_at(compare: Comparer) -> None:
    found = compare(_planted("epsilon=1e-5), activations", "epsilon=1e-3), activations"), only_lint=True)
    assert found.steps == ()
    assert found.outputs is None
    assert "batchnorm-epsilon" in {finding.rule for finding in found.findings}
