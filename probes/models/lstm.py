"""A recurrent network over sequences of different lengths: one LSTM layer, whose last state is classified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from probes.schema import Framework, ModelSpec, SizeSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NO_FORWARD_MODE: Mapping[Framework, str] = {
    "pytorch": "packed sequences have no forward-mode derivative in PyTorch",
    "tensorflow": "Keras' LSTM is a loop, which has no forward-mode derivative in TensorFlow",
}

SPEC = ModelSpec(
    id="lstm",
    label="LSTM",
    title="LSTM",
    summary="One LSTM layer over sequences of different lengths; the state after each one's last step is classified.",
    sizes=(
        SizeSpec("length", "Longest sequence", default=16, low=1, high=1_024),
        SizeSpec("features", "Features of a step", default=16, low=1, high=1_024),
        SizeSpec("units", "Units", default=32, low=1, high=2_048),
        SizeSpec("classes", "Classes", default=4, low=2, high=10_000),
    ),
    widths=("units",),
    unable={
        "tuned": {"pytorch": "torch.compile can't take packed sequences of different lengths into one graph"},
        "jvp": _NO_FORWARD_MODE,
        "hvp": _NO_FORWARD_MODE,
        "per_sample_gradients": {"pytorch": "vmap can't pack sequences of different lengths"},
    },
)


def weights(rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """The start of both sides, by ``layer.part``: kernels (in, 4 · units) of input, forget, cell, output gate."""
    import numpy as np

    def normal(fan_in: int, fan_out: int) -> NDArray[np.float32]:
        return rng.standard_normal((fan_in, fan_out), dtype=np.float32) * np.float32((1 / fan_in) ** 0.5)

    units = sizes["units"]
    return {
        "lstm.kernel": normal(sizes["features"], 4 * units),
        "lstm.recurrent": normal(units, 4 * units),
        "lstm.bias": np.zeros(4 * units, np.float32),
        "fc.kernel": normal(units, sizes["classes"]),
        "fc.bias": np.zeros(sizes["classes"], np.float32),
    }


def floats(sizes: Mapping[str, int]) -> tuple[int, int]:
    """Weights, and what a training step keeps of each sample."""
    units = sizes["units"]
    held = 4 * units * (sizes["features"] + units + 1) + (units + 1) * sizes["classes"]
    return held, sizes["length"] * (2 * sizes["features"] + 8 * units)


def inputs(
    rng: np.random.Generator, sizes: Mapping[str, int], batch: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Standard normal steps (batch, length, features), zero behind each one's end, and labels (batch,).

    Lengths are uniform from half of the longest on.
    """
    import numpy as np

    x = rng.standard_normal((batch, sizes["length"], sizes["features"]), dtype=np.float32)
    ends = rng.integers(max(1, sizes["length"] // 2), sizes["length"] + 1, batch)
    x[np.arange(sizes["length"])[None, :] >= ends[:, None]] = 0
    return x, rng.integers(0, sizes["classes"], batch, dtype=np.int64)


def pytorch(sizes: Mapping[str, int], dropout: float) -> Any:
    """The network in PyTorch, over packed sequences."""
    from torch import Tensor, nn

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(sizes["features"], sizes["units"], batch_first=True)
            # PyTorch keeps two biases where Keras has one; two that learn would move twice as far.
            nn.init.zeros_(self.lstm.bias_hh_l0).requires_grad_(False)
            self.dropout, self.fc = nn.Dropout(dropout), nn.Linear(sizes["units"], sizes["classes"])

        def forward(self, x: Tensor) -> Tensor:
            lengths = (x != 0).any(2).sum(1).cpu()
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            _, (last, _) = self.lstm(packed)
            return self.fc(self.dropout(last[0]))

    return Network()


def tensorflow(sizes: Mapping[str, int], dropout: float) -> Any:
    """The network in Keras on TensorFlow, over masked sequences."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((None, sizes["features"])),
            layers.Masking(name="mask"),
            layers.LSTM(sizes["units"], name="lstm"),
            layers.Dropout(dropout),
            layers.Dense(sizes["classes"], name="fc"),
        ]
    )
