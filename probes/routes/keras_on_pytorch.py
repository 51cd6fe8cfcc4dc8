"""Keras 3 on PyTorch: the same code and weights, another engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.deploy import batches, keras_model, torch_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = RouteSpec(
    id="keras_on_pytorch",
    title="Keras on PyTorch",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights with KERAS_BACKEND=torch",
    runs_with=("torch",),
    packages=("torch", "keras"),
    environment={"KERAS_BACKEND": "torch"},
)

export = keras_model.save_weights


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code, eager, as Keras runs on PyTorch unless it is told to compile."""
    import torch

    torch_model.use(artefact.threads)
    model = keras_model.rebuilt(artefact)

    def predict(*x: NDArray[Any]) -> NDArray[Any]:
        with torch.inference_mode():
            return batches.table(keras_model.answered(model, x))

    return predict
