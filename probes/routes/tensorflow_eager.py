"""Keras called eagerly, in Python: for looking into a network, hardly for serving it."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_eager",
    title="Keras in Python, eager",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights → model(x, training=False)",
    packages=("tensorflow", "keras"),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """The weights; the code is the artefact's other half."""
    keras_model.save_weights(source, folder)


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code."""
    keras_model.use(artefact.threads)
    model = keras_model.rebuilt(artefact)
    return keras_model.caller(lambda x: model(x, training=False))
