"""An encoder for token sequences: four layers of self-attention, each through the framework's own attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from probes.schema import ModelSpec, SizeSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEC = ModelSpec(
    id="transformer",
    label="transformer",
    title="Transformer encoder",
    summary="Token embeddings, layers of self-attention and a GELU network behind LayerNorm; their mean is classified.",
    sizes=(
        SizeSpec("vocabulary", "Vocabulary", default=1_000, low=2, high=100_000),
        SizeSpec("length", "Tokens in a sequence", default=16, low=1, high=2_048),
        SizeSpec("heads", "Heads", default=4, low=1, high=32),
        SizeSpec("head", "Width of a head", default=8, low=1, high=128),
        SizeSpec("layers", "Layers", default=4, low=1, high=24),
        SizeSpec("classes", "Classes", default=4, low=2, high=10_000),
    ),
    widths=("head",),
    slower=2.8,
    unable={
        "jvp": {"pytorch": "PyTorch's fused attention has no forward-mode derivative"},
        "hvp": {"pytorch": "PyTorch's fused attention has no forward-mode derivative"},
    },
)

EPSILON = 1e-5
GROWTH = 4  # of the inner layer over the width


def _width(sizes: Mapping[str, int]) -> int:
    return sizes["heads"] * sizes["head"]


def _positions(sizes: Mapping[str, int]) -> NDArray[np.float32]:
    """Sines and cosines (length, width) of Vaswani et al. 2017, section 3.5: fixed, as nothing is learned here."""
    import numpy as np

    width = _width(sizes)
    place, unit = np.arange(sizes["length"])[:, None], np.arange(width)[None, :]
    angle = place / 10_000 ** (2 * (unit // 2) / width)
    return np.where(unit % 2 == 0, np.sin(angle), np.cos(angle)).astype(np.float32)


def weights(rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """The start of both sides, by ``layer.part``: normal kernels (in, out) of variance 1/in, neutral LayerNorm."""
    import numpy as np

    width, arrays = _width(sizes), dict[str, "NDArray[np.float32]"]()

    def dense(name: str, fan_in: int, fan_out: int) -> None:
        kernel = rng.standard_normal((fan_in, fan_out), dtype=np.float32)
        arrays[f"{name}.kernel"] = kernel * np.float32((1 / fan_in) ** 0.5)
        arrays[f"{name}.bias"] = np.zeros(fan_out, np.float32)

    def norm(name: str) -> None:
        arrays[f"{name}.scale"], arrays[f"{name}.offset"] = np.ones(width, np.float32), np.zeros(width, np.float32)

    arrays["tokens.table"] = rng.standard_normal((sizes["vocabulary"], width), dtype=np.float32)
    for n in range(1, sizes["layers"] + 1):
        norm(f"norm{n}a")
        for part in ("query", "key", "value", "out"):
            dense(f"{part}{n}", width, width)
        norm(f"norm{n}b")
        dense(f"inner{n}", width, GROWTH * width)
        dense(f"outer{n}", GROWTH * width, width)
    norm("norm")
    dense("fc", width, sizes["classes"])
    return arrays


def floats(sizes: Mapping[str, int]) -> tuple[int, int]:
    """Weights, and what a training step keeps of each sample."""
    width, length = _width(sizes), sizes["length"]
    layer = 4 * (width + 1) * width + 4 * width + GROWTH * width * (2 * width + 1) + width
    held = sizes["vocabulary"] * width + sizes["layers"] * layer + 2 * width + (width + 1) * sizes["classes"]
    kept = length * ((10 + 2 * GROWTH) * width + 2 * sizes["heads"] * length)
    return held, sizes["layers"] * kept + 3 * length * width


def inputs(
    rng: np.random.Generator, sizes: Mapping[str, int], batch: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tokens (batch, length) below ``vocabulary``, and labels (batch,) below ``classes``."""
    import numpy as np

    x = rng.integers(0, sizes["vocabulary"], (batch, sizes["length"]), dtype=np.int64)
    return x, rng.integers(0, sizes["classes"], batch, dtype=np.int64)


def pytorch(sizes: Mapping[str, int], dropout: float) -> Any:
    """The network in PyTorch, with ``scaled_dot_product_attention``."""
    import torch
    from torch import Tensor, nn
    from torch.nn import functional

    width, split = _width(sizes), (sizes["heads"], sizes["head"])

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(sizes["vocabulary"], width)
            self.register_buffer("positions", torch.from_numpy(_positions(sizes)), persistent=False)
            for n in range(1, sizes["layers"] + 1):
                for name in ("query", "key", "value", "out"):
                    self.add_module(f"{name}{n}", nn.Linear(width, width))
                self.add_module(f"inner{n}", nn.Linear(width, GROWTH * width))
                self.add_module(f"outer{n}", nn.Linear(GROWTH * width, width))
                for part in ("a", "b"):
                    self.add_module(f"norm{n}{part}", nn.LayerNorm(width, eps=EPSILON))
            self.dropout, self.gelu = nn.Dropout(dropout), nn.GELU()
            self.norm, self.fc = nn.LayerNorm(width, eps=EPSILON), nn.Linear(width, sizes["classes"])

        def forward(self, x: Tensor) -> Tensor:
            x = self.tokens(x) + self.positions[: x.shape[1]]
            for n in range(1, sizes["layers"] + 1):
                x = x + self.dropout(self.attend(n, getattr(self, f"norm{n}a")(x)))
                y = self.gelu(getattr(self, f"inner{n}")(getattr(self, f"norm{n}b")(x)))
                x = x + self.dropout(getattr(self, f"outer{n}")(y))
            return self.fc(self.norm(x).mean(1))

        def attend(self, n: int, x: Tensor) -> Tensor:
            q, k, v = (
                getattr(self, f"{name}{n}")(x).unflatten(2, split).transpose(1, 2) for name in ("query", "key", "value")
            )
            y = functional.scaled_dot_product_attention(q, k, v)
            return getattr(self, f"out{n}")(y.transpose(1, 2).flatten(2))

    return Network()


def tensorflow(sizes: Mapping[str, int], dropout: float) -> Any:
    """The network in Keras on TensorFlow, with ``keras.ops.dot_product_attention``."""
    from keras import Input, Model, layers, ops

    width, split, positions = _width(sizes), (-1, sizes["heads"], sizes["head"]), _positions(sizes)

    def gelu(x: Any) -> Any:
        # See mlp.py: the built-in one lowers to an op that exports don't know.
        return 0.5 * x * (1.0 + ops.erf(x * 0.7071067811865476))

    def norm(name: str) -> layers.Layer:
        return layers.LayerNormalization(epsilon=EPSILON, name=name)

    def attend(n: int, x: Any) -> Any:
        q, k, v = (
            layers.Reshape(split)(layers.Dense(width, name=f"{name}{n}")(x)) for name in ("query", "key", "value")
        )
        return layers.Dense(width, name=f"out{n}")(layers.Reshape((-1, width))(ops.dot_product_attention(q, k, v)))

    class Placed(layers.Layer):
        def call(self, x: Any) -> Any:
            known = ops.shape(x)[1]  # while tracing, whatever Input said
            return x + ops.convert_to_tensor(positions, x.dtype)[:known]

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape  # some engines of Keras would try a length that there are no positions for

    tokens = Input((None,), dtype="int64")
    x = Placed()(layers.Embedding(sizes["vocabulary"], width, name="tokens")(tokens))
    for n in range(1, sizes["layers"] + 1):
        x = x + layers.Dropout(dropout)(attend(n, norm(f"norm{n}a")(x)))
        y = layers.Dense(GROWTH * width, activation=gelu, name=f"inner{n}")(norm(f"norm{n}b")(x))
        x = x + layers.Dropout(dropout)(layers.Dense(width, name=f"outer{n}")(y))
    x = layers.GlobalAveragePooling1D()(norm("norm")(x))
    return Model(tokens, layers.Dense(sizes["classes"], name="fc")(x))
