"""Keras 3 on PyTorch: the same code and weights, another engine."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import keras_engines, keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="keras_on_pytorch",
    title="Keras on PyTorch",
    framework="tensorflow",
    steps=keras_engines.STEPS.format(engine="torch"),
    runs_with=("torch",),
    packages=("torch", "keras"),
    environment={"KERAS_BACKEND": "torch"},
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """The weights; the code is the artefact's other half."""
    keras_model.save_weights(source, folder)


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code, on this engine."""
    return keras_engines.torch(artefact)
