"""Keras 3 on TensorFlow: the same code and weights, another engine."""

from __future__ import annotations

from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec

SPEC = RouteSpec(
    id="keras_on_tensorflow",
    title="Keras on TensorFlow",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights with KERAS_BACKEND=tensorflow",
    packages=("tensorflow", "keras"),
    environment={"KERAS_BACKEND": "tensorflow"},
)

export = keras_model.save_weights


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code, behind a ``tf.function``, as Keras' own ``predict`` does it."""
    keras_model.use(artefact.threads)
    return keras_model.traced(keras_model.rebuilt(artefact))
