"""Keras through XLA, which compiles at the first call for each shape: that is part of its cold start."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_xla",
    title="XLA in Python",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights → tf.function(jit_compile=True)",
    packages=("tensorflow", "keras"),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """The weights; the code is the artefact's other half."""
    keras_model.save_weights(source, folder)


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code, compiled by XLA."""
    keras_model.use(artefact.threads)
    return keras_model.traced(keras_model.rebuilt(artefact), jit_compile=True)
