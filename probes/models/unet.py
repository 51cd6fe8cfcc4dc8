"""A U-Net over signals: halved twice, doubled twice by transposed convolutions, and every step gets a class."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from probes.schema import ModelSpec, SizeSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEC = ModelSpec(
    id="unet",
    label="U-Net",
    title="U-Net",
    summary="Convolutions over a signal, halved and doubled twice beside what was there; every step gets a class.",
    sizes=(
        SizeSpec("length", "Blocks of four steps", default=32, low=1, high=4_096),
        SizeSpec("channels", "Channels of the signal", default=4, low=1, high=256),
        SizeSpec("width", "Channels of the first level", default=16, low=1, high=256),
        SizeSpec("classes", "Classes", default=4, low=2, high=1_000),
    ),
    widths=("width",),
    slower=0.8,
)

LEVELS = 2


def _widths(sizes: Mapping[str, int]) -> list[int]:
    return [sizes["width"] * 2**level for level in range(LEVELS + 1)]


def weights(rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """The start of both sides, by ``layer.part``: He-normal kernels (steps, in, out); of ``up`` (steps, out, in)."""
    import numpy as np

    arrays: dict[str, NDArray[np.float32]] = {}

    def layer(name: str, steps: int, fan_in: int, fan_out: int, *, turned: bool = False) -> None:
        shape = (steps, fan_out, fan_in) if turned else (steps, fan_in, fan_out)
        arrays[f"{name}.kernel"] = rng.standard_normal(shape, dtype=np.float32) * np.float32(
            (2 / steps / fan_in) ** 0.5
        )
        arrays[f"{name}.bias"] = np.zeros(fan_out, np.float32)

    widths = _widths(sizes)
    for level, (fan_in, width) in enumerate(pairwise([sizes["channels"], *widths])):
        layer(f"down{level}", 3, fan_in, width)
    for level in reversed(range(LEVELS)):
        layer(f"up{level}", 2, widths[level + 1], widths[level], turned=True)
        layer(f"join{level}", 3, 2 * widths[level], widths[level])
    layer("head", 1, widths[0], sizes["classes"])
    return arrays


def floats(sizes: Mapping[str, int]) -> tuple[int, int]:
    """Weights, and what a training step keeps of each sample."""
    widths, steps = _widths(sizes), 2**LEVELS * sizes["length"]
    held = sum((3 * fan_in + 1) * width for fan_in, width in pairwise([sizes["channels"], *widths]))
    held += sum((2 * below + 1) * width + (6 * width + 1) * width for width, below in pairwise(widths))
    held += (widths[0] + 1) * sizes["classes"]
    kept = sum(9 * width * steps // 2**level for level, width in enumerate(widths))
    return held, kept + steps * (sizes["channels"] + 2 * sizes["classes"])


def inputs(
    rng: np.random.Generator, sizes: Mapping[str, int], batch: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Standard normal signals (batch, steps, channels), and a label for every step (batch, steps)."""
    import numpy as np

    steps = 2**LEVELS * sizes["length"]
    x = rng.standard_normal((batch, steps, sizes["channels"]), dtype=np.float32)
    return x, rng.integers(0, sizes["classes"], (batch, steps), dtype=np.int64)


def pytorch(sizes: Mapping[str, int], dropout: float) -> Any:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional

    widths = _widths(sizes)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for level, (fan_in, width) in enumerate(pairwise([sizes["channels"], *widths])):
                self.add_module(f"down{level}", nn.Conv1d(fan_in, width, 3, padding=1))
            for level in reversed(range(LEVELS)):
                self.add_module(f"up{level}", nn.ConvTranspose1d(widths[level + 1], widths[level], 2, stride=2))
                self.add_module(f"join{level}", nn.Conv1d(2 * widths[level], widths[level], 3, padding=1))
            self.dropout, self.head = nn.Dropout(dropout), nn.Conv1d(widths[0], sizes["classes"], 1)

        def forward(self, x: Tensor) -> Tensor:
            x, before = x.transpose(1, 2), []
            for level in range(LEVELS):
                before.append(functional.relu(getattr(self, f"down{level}")(x)))
                x = functional.max_pool1d(before[-1], 2)
            x = self.dropout(functional.relu(getattr(self, f"down{LEVELS}")(x)))
            for level in reversed(range(LEVELS)):
                x = torch.cat([before[level], getattr(self, f"up{level}")(x)], 1)
                x = functional.relu(getattr(self, f"join{level}")(x))
            return self.head(x).transpose(1, 2)

    return Network()


def tensorflow(sizes: Mapping[str, int], dropout: float) -> Any:
    from keras import Input, Model, layers

    widths, before = _widths(sizes), []
    signal = x = Input((None, sizes["channels"]))
    for level in range(LEVELS):
        before.append(layers.Conv1D(widths[level], 3, padding="same", activation="relu", name=f"down{level}")(x))
        x = layers.MaxPooling1D(2)(before[-1])
    x = layers.Conv1D(widths[LEVELS], 3, padding="same", activation="relu", name=f"down{LEVELS}")(x)
    x = layers.Dropout(dropout)(x)
    for level in reversed(range(LEVELS)):
        x = layers.Conv1DTranspose(widths[level], 2, strides=2, name=f"up{level}")(x)
        x = layers.concatenate([before[level], x])
        x = layers.Conv1D(widths[level], 3, padding="same", activation="relu", name=f"join{level}")(x)
    return Model(signal, layers.Conv1D(sizes["classes"], 1, name="head")(x))
