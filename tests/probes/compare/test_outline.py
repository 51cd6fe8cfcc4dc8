"""Layers with their parameters, and the work of an answer: counted by hand for each kind of layer."""

from __future__ import annotations

import pytest

from probes.compare.outline import REST, outline
from probes.compare.schema import OutlinedLayer
from probes.compare.steps import Step

BATCH = 16

DENSE = Step("fc", "dense", "fc", (BATCH, 4), (BATCH, 3))
CONV = Step("conv", "conv", "conv", (BATCH, 3, 8, 8), (BATCH, 5, 8, 8))
UP = Step("up", "conv_transpose", "up", (BATCH, 5, 4, 4), (BATCH, 2, 8, 8))
LSTM = Step("lstm.l1", "recurrent", "lstm", (BATCH, 10, 6), (BATCH, 10, 7))
DEEP = Step("Separable1.pointwise", "conv", "separable", (BATCH, 8, 8, 4), (BATCH, 8, 8, 6))


@pytest.mark.parametrize(
    ("step", "shapes", "flops", "parameters"),
    [
        (DENSE, {"fc.kernel": (4, 3), "fc.bias": (3,)}, 2 * 12, 15),
        # every kernel at each of 8 x 8 places
        (CONV, {"conv.kernel": (3, 3, 3, 5), "conv.bias": (5,)}, 2 * 135 * 64, 140),
        # a transposed one at each place of its input
        (UP, {"up.kernel": (2, 2, 5, 2), "up.bias": (2,)}, 2 * 40 * 16, 42),
        # two layers in one, ten steps; a layer's parts are told by what it gives
        (
            LSTM,
            {"lstm.l0.kernel": (6, 28), "lstm.l0.recurrent": (7, 28), "lstm.l1.kernel": (7, 28), "lstm.l1.bias": (28,)},
            2 * (6 * 28 + 7 * 28 + 7 * 28) * 10,
            6 * 28 + 7 * 28 + 7 * 28 + 28,
        ),
        # depthwise and pointwise
        (
            DEEP,
            {"Separable1.depthwise.kernel": (3, 3, 1, 4), "Separable1.pointwise.kernel": (1, 1, 4, 6)},
            2 * (36 + 24) * 64,
            60,
        ),
    ],
    ids=["dense", "convolution", "transposed", "recurrent", "separable"],
)  # fmt: skip
def test_a_layers_work_and_weights(step: Step, shapes: dict[str, tuple[int, ...]], flops: int, parameters: int) -> None:
    found = outline([step], shapes, BATCH)
    assert found.flops == flops
    assert found.layers == (OutlinedLayer(step.kind, step.title, step.outputs[1:], parameters),)
    assert found.uncounted == ()


def test_a_layer_that_is_called_twice_works_twice_and_is_kept_once() -> None:
    again = Step("fc#2", "dense", "fc", (BATCH, 4), (BATCH, 3))
    found = outline([DENSE, again], {"fc.kernel": (4, 3)}, BATCH)
    assert found.flops == 2 * 2 * 12
    assert [layer.parameters for layer in found.layers] == [12, 0]


def test_moving_statistics_are_no_parameters_and_a_normalisation_no_work() -> None:
    norm = Step("bn", "batch_norm", "bn", (BATCH, 5), (BATCH, 5))
    shapes = {"bn.scale": (5,), "bn.offset": (5,), "bn.mean": (5,), "bn.variance": (5,)}
    assert outline([norm], shapes, BATCH).layers[0].parameters == 10
    assert outline([norm], shapes, BATCH).flops is None


def test_what_isnt_counted_is_named() -> None:
    own = Step("Scale2", "layer", "channels", (BATCH, 5), (BATCH, 5))
    found = outline([DENSE, own], {"fc.kernel": (4, 3), "Scale2.0.value": (5,), "token.value": (9,)}, BATCH)
    assert found.flops == 24
    assert found.uncounted == ("channels", REST)
    assert found.layers[-1] == OutlinedLayer("layer", REST, (), 9)
