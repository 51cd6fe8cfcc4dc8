"""The article's network: fully connected, BatchNorm, GELU, dropout, twice; then fully connected to the classes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from probes.schema import ModelSpec, SizeSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEC = ModelSpec(
    id="mlp",
    title="Multilayer perceptron",
    summary="Fully connected – BatchNorm – GELU – dropout, twice, then a fully connected layer to the classes.",
    sizes=(
        SizeSpec("inputs", "Inputs", default=784, low=1, high=16_384),
        SizeSpec("hidden1", "First hidden layer", default=512, low=1, high=8_192),
        SizeSpec("hidden2", "Second hidden layer", default=256, low=1, high=8_192),
        SizeSpec("classes", "Classes", default=10, low=2, high=10_000),
    ),
    widths=("hidden1", "hidden2"),
)

# What the frameworks' defaults disagree on is written out. PyTorch's momentum m is Keras' 1 − m, and only
# the running variance still differs then: PyTorch stores the unbiased estimate, Keras the biased one.
MOMENTUM = 0.1
EPSILON = 1e-5


def weights(rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """The start of both sides, by ``layer.part``: He-normal kernels (in, out), neutral BatchNorm, zero biases."""
    import numpy as np

    widths = (sizes["inputs"], sizes["hidden1"], sizes["hidden2"], sizes["classes"])
    arrays: dict[str, NDArray[np.float32]] = {}
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths), start=1):
        kernel = rng.standard_normal((fan_in, fan_out), dtype=np.float32)
        arrays[f"fc{layer}.kernel"] = kernel * np.float32((2 / fan_in) ** 0.5)
        arrays[f"fc{layer}.bias"] = np.zeros(fan_out, np.float32)
        if layer < len(widths) - 1:
            for part, value in (("scale", 1), ("offset", 0), ("mean", 0), ("variance", 1)):
                arrays[f"bn{layer}.{part}"] = np.full(fan_out, value, np.float32)
    return arrays


def floats(sizes: Mapping[str, int]) -> tuple[int, int]:
    """Weights with moving statistics, and what a training step keeps of each sample."""
    widths = (sizes["inputs"], sizes["hidden1"], sizes["hidden2"], sizes["classes"])
    hidden = sizes["hidden1"] + sizes["hidden2"]
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths)) + 4 * hidden, sum(widths) + 3 * hidden


def inputs(
    rng: np.random.Generator, sizes: Mapping[str, int], batch: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A batch (batch, inputs) of standard normal features and its labels (batch,), integers below ``classes``."""
    import numpy as np

    x = rng.standard_normal((batch, sizes["inputs"]), dtype=np.float32)
    return x, rng.integers(0, sizes["classes"], batch, dtype=np.int64)


def pytorch(sizes: Mapping[str, int], dropout: float) -> Any:
    """The network in PyTorch."""
    from collections import OrderedDict

    from torch import nn

    def block(n: int, fan_in: int, fan_out: int) -> list[tuple[str, nn.Module]]:
        return [
            (f"fc{n}", nn.Linear(fan_in, fan_out)),
            (f"bn{n}", nn.BatchNorm1d(fan_out, momentum=MOMENTUM, eps=EPSILON)),
            (f"gelu{n}", nn.GELU()),
            (f"dropout{n}", nn.Dropout(dropout)),
        ]

    return nn.Sequential(
        OrderedDict(
            [
                *block(1, sizes["inputs"], sizes["hidden1"]),
                *block(2, sizes["hidden1"], sizes["hidden2"]),
                ("fc3", nn.Linear(sizes["hidden2"], sizes["classes"])),
            ]
        )
    )


def tensorflow(sizes: Mapping[str, int], dropout: float) -> Any:
    """The network in Keras on TensorFlow."""
    from keras import Input, Sequential, layers, ops

    def gelu(x: Any) -> Any:
        # The same exact GELU as keras.activations.gelu, at the same speed; written with erf because
        # the built-in one lowers to the op Erfc, which exports to ONNX and TensorFlow.js don't know.
        return 0.5 * x * (1.0 + ops.erf(x * 0.7071067811865476))

    def block(n: int, width: int) -> list[layers.Layer]:
        return [
            layers.Dense(width, name=f"fc{n}"),
            layers.BatchNormalization(momentum=1 - MOMENTUM, epsilon=EPSILON, name=f"bn{n}"),
            layers.Activation(gelu, name=f"gelu{n}"),
            layers.Dropout(dropout, name=f"dropout{n}"),
        ]

    return Sequential(
        [
            Input((sizes["inputs"],)),
            *block(1, sizes["hidden1"]),
            *block(2, sizes["hidden2"]),
            layers.Dense(sizes["classes"], name="fc3"),
        ]
    )


def tensorflow_plain(parts: Mapping[str, Any], x: Any, *, dropout: float, training: bool) -> tuple[Any, dict[str, Any]]:
    """The network in TensorFlow without Keras: logits, and the moving statistics after this batch by ``layer.part``."""
    import tensorflow as tf

    moved: dict[str, Any] = {}

    def norm(name: str, x: Any) -> Any:
        scale, offset, mean, variance = (parts[f"{name}.{part}"] for part in ("scale", "offset", "mean", "variance"))
        if not training:  # written out it is faster than by the fused kernel, which knows images
            return tf.nn.batch_normalization(x, mean, variance, offset, scale, EPSILON)
        width = x.shape[-1]
        # One place each. Like PyTorch the kernel keeps the unbiased variance.
        x, moved[f"{name}.mean"], moved[f"{name}.variance"] = tf.compat.v1.nn.fused_batch_norm(
            tf.reshape(x, (-1, 1, 1, width)), scale, offset, mean, variance, EPSILON, exponential_avg_factor=MOMENTUM
        )
        return tf.reshape(x, (-1, width))

    for n in (1, 2):
        x = norm(f"bn{n}", tf.nn.bias_add(tf.matmul(x, parts[f"fc{n}.kernel"]), parts[f"fc{n}.bias"]))
        x = 0.5 * x * (1.0 + tf.math.erf(x * 0.7071067811865476))  # tf.nn.gelu takes erfc, which is slower
        x = tf.nn.dropout(x, dropout) if training and dropout else x
    return tf.nn.bias_add(tf.matmul(x, parts["fc3.kernel"]), parts["fc3.bias"]), moved
