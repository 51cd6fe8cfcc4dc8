"""Keras behind ``tf.function``, in Python: the way without an export."""

from __future__ import annotations

from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec

SPEC = RouteSpec(
    id="tensorflow_function",
    title="tf.function in Python",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights → tf.function",
    packages=("tensorflow", "keras"),
)

export = keras_model.save_weights


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code, behind a ``tf.function``."""
    keras_model.use(artefact.threads)
    return keras_model.traced(keras_model.rebuilt(artefact))
