"""Keras behind ``tf.function``, in Python: the way without an export."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_function",
    title="tf.function in Python",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights → tf.function",
    packages=("tensorflow", "keras"),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """The weights; the code is the artefact's other half."""
    keras_model.save_weights(source, folder)


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code, behind a ``tf.function``."""
    keras_model.use(artefact.threads)
    return keras_model.traced(keras_model.rebuilt(artefact))
