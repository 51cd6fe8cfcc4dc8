"""Keras called eagerly, in Python: for looking into a network, hardly for serving it."""

from __future__ import annotations

from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec

SPEC = RouteSpec(
    id="tensorflow_eager",
    title="Keras in Python, eager",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights → model(x, training=False)",
    packages=("tensorflow", "keras"),
)

export = keras_model.save_weights


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code."""
    keras_model.use(artefact.threads)
    return keras_model.eager(keras_model.rebuilt(artefact))
