"""A small residual network for images: three stages of one residual block each, then the mean over all places."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from probes.schema import ModelSpec, SizeSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEC = ModelSpec(
    id="cnn",
    label="CNN",
    title="Convolutional network",
    summary="A residual network for small images: 3×3 convolutions, BatchNorm and ReLU in three stages, each halved.",
    sizes=(
        SizeSpec("image", "Image side", default=32, low=8, high=256),
        SizeSpec("width", "Channels of the first stage", default=8, low=1, high=256),
        SizeSpec("classes", "Classes", default=10, low=2, high=10_000),
    ),
    widths=("width",),
    slower=2.2,
)

STAGES = 3
MOMENTUM = 0.1  # PyTorch's; Keras' is 1 − m
EPSILON = 1e-5


def _widths(sizes: Mapping[str, int]) -> list[int]:
    return [sizes["width"] * 2**stage for stage in range(STAGES)]


def weights(rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """The start of both sides, by ``layer.part``: He-normal kernels (height, width, in, out), neutral BatchNorm."""
    import numpy as np

    arrays: dict[str, NDArray[np.float32]] = {}

    def convolution(name: str, side: int, fan_in: int, fan_out: int) -> None:
        kernel = rng.standard_normal((side, side, fan_in, fan_out), dtype=np.float32)
        arrays[f"{name}.kernel"] = kernel * np.float32((2 / (side * side * fan_in)) ** 0.5)

    def norm(name: str, width: int) -> None:
        for part, value in (("scale", 1), ("offset", 0), ("mean", 0), ("variance", 1)):
            arrays[f"{name}.{part}"] = np.full(width, value, np.float32)

    before = 3
    for stage, width in enumerate(_widths(sizes), start=1):
        convolution(f"skip{stage}", 1, before, width)
        for part, fan_in in (("a", before), ("b", width)):
            convolution(f"conv{stage}{part}", 3, fan_in, width)
            norm(f"bn{stage}{part}", width)
        before = width
    kernel = rng.standard_normal((before, sizes["classes"]), dtype=np.float32)
    arrays["fc.kernel"] = kernel * np.float32((1 / before) ** 0.5)
    arrays["fc.bias"] = np.zeros(sizes["classes"], np.float32)
    return arrays


def floats(sizes: Mapping[str, int]) -> tuple[int, int]:
    """Weights with moving statistics, and what a training step keeps of each sample."""
    widths, side, kept = _widths(sizes), sizes["image"], 3 * sizes["image"] ** 2
    held = (widths[-1] + 1) * sizes["classes"]
    for fan_in, width in pairwise([3, *widths]):
        held += 10 * fan_in * width + 9 * width * width + 8 * width
        kept += 8 * side * side * width
        side //= 2
    return held, kept


def inputs(
    rng: np.random.Generator, sizes: Mapping[str, int], batch: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images (batch, side, side, 3) of standard normal pixels, and labels (batch,) below ``classes``."""
    import numpy as np

    x = rng.standard_normal((batch, sizes["image"], sizes["image"], 3), dtype=np.float32)
    return x, rng.integers(0, sizes["classes"], batch, dtype=np.int64)


def pytorch(sizes: Mapping[str, int], dropout: float) -> Any:
    """The network in PyTorch. Seen as channels first, the images keep their place in memory: «channels last»."""
    from torch import Tensor, nn
    from torch.nn import functional

    widths = _widths(sizes)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            before = 3
            for stage, width in enumerate(widths, start=1):
                self.add_module(f"skip{stage}", nn.Conv2d(before, width, 1, bias=False))
                for part, fan_in in (("a", before), ("b", width)):
                    self.add_module(f"conv{stage}{part}", nn.Conv2d(fan_in, width, 3, padding=1, bias=False))
                    self.add_module(f"bn{stage}{part}", nn.BatchNorm2d(width, momentum=MOMENTUM, eps=EPSILON))
                before = width
            self.dropout = nn.Dropout(dropout)
            self.fc = nn.Linear(before, sizes["classes"])

        def forward(self, x: Tensor) -> Tensor:
            x = x.permute(0, 3, 1, 2)
            for stage in range(1, STAGES + 1):
                y = functional.relu(self._part("bn", stage, "a", self._part("conv", stage, "a", x)))
                y = self._part("bn", stage, "b", self._part("conv", stage, "b", y))
                x = functional.relu(y + self._part("skip", stage, "", x))
                if stage < STAGES:
                    x = functional.avg_pool2d(x, 2)
            return self.fc(self.dropout(x.mean((2, 3))))

        def _part(self, kind: str, stage: int, part: str, x: Tensor) -> Tensor:
            return getattr(self, f"{kind}{stage}{part}")(x)

    return Network()


def tensorflow(sizes: Mapping[str, int], dropout: float) -> Any:
    from keras import Input, Model, layers

    def convolution(name: str, width: int, side: int) -> layers.Layer:
        return layers.Conv2D(width, side, padding="same", use_bias=False, name=name)

    def norm(name: str) -> layers.Layer:
        return layers.BatchNormalization(momentum=1 - MOMENTUM, epsilon=EPSILON, name=name)

    image = x = Input((sizes["image"], sizes["image"], 3))
    for stage, width in enumerate(_widths(sizes), start=1):
        y = layers.ReLU()(norm(f"bn{stage}a")(convolution(f"conv{stage}a", width, 3)(x)))
        y = norm(f"bn{stage}b")(convolution(f"conv{stage}b", width, 3)(y))
        x = layers.ReLU()(layers.add([y, convolution(f"skip{stage}", width, 1)(x)]))
        if stage < STAGES:
            x = layers.AveragePooling2D(2)(x)
    x = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(x))
    return Model(image, layers.Dense(sizes["classes"], name="fc")(x))


def tensorflow_plain(parts: Mapping[str, Any], x: Any, *, dropout: float, training: bool) -> tuple[Any, dict[str, Any]]:
    """The network in TensorFlow without Keras: logits, and the moving statistics after this batch by ``layer.part``."""
    import tensorflow as tf

    moved: dict[str, Any] = {}

    def convolution(name: str, x: Any) -> Any:
        return tf.nn.conv2d(x, parts[f"{name}.kernel"], strides=1, padding="SAME")

    def norm(name: str, x: Any) -> Any:
        scale, offset, *statistics = (parts[f"{name}.{part}"] for part in ("scale", "offset", "mean", "variance"))
        x, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            x, scale, offset, *statistics, epsilon=EPSILON, is_training=training, exponential_avg_factor=MOMENTUM
        )
        moved.update({f"{name}.mean": mean, f"{name}.variance": variance})
        return x

    for stage in range(1, STAGES + 1):
        y = tf.nn.relu(norm(f"bn{stage}a", convolution(f"conv{stage}a", x)))
        y = norm(f"bn{stage}b", convolution(f"conv{stage}b", y))
        x = tf.nn.relu(y + convolution(f"skip{stage}", x))
        if stage < STAGES:
            x = tf.nn.avg_pool2d(x, 2, 2, padding="VALID")
    x = tf.reduce_mean(x, (1, 2))
    x = tf.nn.dropout(x, dropout) if training and dropout else x
    return tf.nn.bias_add(tf.matmul(x, parts["fc.kernel"]), parts["fc.bias"]), moved
