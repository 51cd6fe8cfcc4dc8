"""Wide and deep (Cheng et al. 2016): every categorical feature is embedded for a network and weighed by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from probes.schema import ModelSpec, SizeSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEC = ModelSpec(
    id="recommender",
    label="recommender",
    title="Wide and deep recommender",
    summary="Categorical features, embedded for a ReLU network, whose output is added to a weight for each category.",
    sizes=(
        SizeSpec("fields", "Categorical features", default=16, low=1, high=256),
        SizeSpec("categories", "Categories of all features together", default=20_000, low=256, high=2_000_000),
        SizeSpec("embedding", "Width of an embedding", default=16, low=1, high=512),
        SizeSpec("hidden", "Hidden layers", default=128, low=1, high=8_192),
        SizeSpec("classes", "Classes", default=2, low=2, high=1_000),
    ),
    widths=("embedding", "hidden"),
)


def weights(rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """The start of both sides, by ``layer.part``: He-normal kernels (in, out), small tables (categories, width)."""
    import numpy as np

    wide = sizes["fields"] * sizes["embedding"]
    arrays: dict[str, NDArray[np.float32]] = {
        "deep.table": rng.standard_normal((sizes["categories"], sizes["embedding"]), dtype=np.float32),
        "wide.table": rng.standard_normal((sizes["categories"], sizes["classes"]), dtype=np.float32) * np.float32(0.1),
    }
    layers = (
        ("fc1", wide, sizes["hidden"]),
        ("fc2", sizes["hidden"], sizes["hidden"]),
        ("fc3", sizes["hidden"], sizes["classes"]),
    )
    for name, fan_in, fan_out in layers:
        kernel = rng.standard_normal((fan_in, fan_out), dtype=np.float32)
        arrays[f"{name}.kernel"] = kernel * np.float32((2 / fan_in) ** 0.5)
        arrays[f"{name}.bias"] = np.zeros(fan_out, np.float32)
    return arrays


def floats(sizes: Mapping[str, int]) -> tuple[int, int]:
    """Weights, and what a training step keeps of each sample."""
    wide, hidden, classes = sizes["fields"] * sizes["embedding"], sizes["hidden"], sizes["classes"]
    held = sizes["categories"] * (sizes["embedding"] + classes)
    held += (wide + 1) * hidden + (hidden + 1) * hidden + (hidden + 1) * classes
    return held, 2 * wide + 6 * hidden + sizes["fields"] * classes


def inputs(
    rng: np.random.Generator, sizes: Mapping[str, int], batch: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Categories (batch, fields), the first ones most often, and labels (batch,) below ``classes``."""
    import numpy as np

    share = rng.random((batch, sizes["fields"])) ** 3  # a few categories make most of the traffic
    x = (share * sizes["categories"]).astype(np.int64)
    return x, rng.integers(0, sizes["classes"], batch, dtype=np.int64)


def pytorch(sizes: Mapping[str, int], dropout: float) -> Any:
    from torch import Tensor, nn
    from torch.nn import functional

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.deep = nn.Embedding(sizes["categories"], sizes["embedding"])
            self.wide = nn.Embedding(sizes["categories"], sizes["classes"])
            self.fc1 = nn.Linear(sizes["fields"] * sizes["embedding"], sizes["hidden"])
            self.fc2 = nn.Linear(sizes["hidden"], sizes["hidden"])
            self.fc3 = nn.Linear(sizes["hidden"], sizes["classes"])
            self.dropout = nn.Dropout(dropout)

        def forward(self, x: Tensor) -> Tensor:
            y = self.dropout(functional.relu(self.fc1(self.deep(x).flatten(1))))
            y = self.dropout(functional.relu(self.fc2(y)))
            return self.fc3(y) + self.wide(x).sum(1)

    return Network()


def tensorflow(sizes: Mapping[str, int], dropout: float) -> Any:
    from keras import Input, Model, layers, ops

    features = Input((sizes["fields"],), dtype="int64")
    y = layers.Flatten()(layers.Embedding(sizes["categories"], sizes["embedding"], name="deep")(features))
    for name in ("fc1", "fc2"):
        y = layers.Dropout(dropout)(layers.Dense(sizes["hidden"], activation="relu", name=name)(y))
    wide = ops.sum(layers.Embedding(sizes["categories"], sizes["classes"], name="wide")(features), axis=1)
    return Model(features, layers.Dense(sizes["classes"], name="fc3")(y) + wide)
