"""A network: one fully connected layer. As ``probes/models/linear.py`` it is measured at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from probes.schema import ModelSpec, SizeSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEC = ModelSpec(
    id="linear",
    label="one layer",
    title="One layer",
    summary="Fully connected to the classes.",
    sizes=(
        SizeSpec("inputs", "Inputs", default=20, low=1, high=100),
        SizeSpec("classes", "Classes", default=3, low=2, high=10),
    ),
)


def weights(rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
    """The start of both sides, by ``layer.part``: a kernel (in, out) and a bias."""
    import numpy as np

    kernel = rng.standard_normal((sizes["inputs"], sizes["classes"]), dtype=np.float32)
    return {"fc.kernel": kernel, "fc.bias": np.zeros(sizes["classes"], np.float32)}


def floats(sizes: Mapping[str, int]) -> tuple[int, int]:
    """Weights, and what a training step keeps of each sample."""
    return (sizes["inputs"] + 1) * sizes["classes"], sizes["inputs"] + sizes["classes"]


def inputs(
    rng: np.random.Generator, sizes: Mapping[str, int], batch: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A batch (batch, inputs) and its labels (batch,)."""
    import numpy as np

    x = rng.standard_normal((batch, sizes["inputs"]), dtype=np.float32)
    return x, rng.integers(0, sizes["classes"], batch, dtype=np.int64)


def pytorch(sizes: Mapping[str, int], dropout: float) -> Any:  # noqa: ARG001
    """The network in PyTorch; its layers bear the names of the weights."""
    from collections import OrderedDict

    from torch import nn

    return nn.Sequential(OrderedDict(fc=nn.Linear(sizes["inputs"], sizes["classes"])))


def tensorflow(sizes: Mapping[str, int], dropout: float) -> Any:  # noqa: ARG001
    """The network in Keras on TensorFlow."""
    from keras import Input, Sequential, layers

    return Sequential([Input((sizes["inputs"],)), layers.Dense(sizes["classes"], name="fc")])
