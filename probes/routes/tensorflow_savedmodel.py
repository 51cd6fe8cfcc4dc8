"""Keras → SavedModel: what TensorFlow Serving loads, here called from Python."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_savedmodel",
    title="SavedModel",
    framework="tensorflow",
    steps="model.export → tf.saved_model.load(…).serve",
    packages=("tensorflow", "keras"),
)
_FOLDER = "saved_model"


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """A folder with graph and weights, with a batch of any size."""
    keras_model.save(source, folder / _FOLDER)


def load(artefact: Artefact) -> Predict:
    """Its endpoint, without the model's code."""
    import tensorflow as tf

    keras_model.use(artefact.threads)
    loaded = tf.saved_model.load(artefact.folder / _FOLDER)
    # Not loaded.serve itself: the endpoint holds its variables by weak references only.
    return keras_model.caller(lambda *x: loaded.serve(x[0] if len(x) == 1 else list(x)))
