"""Keras through XLA, which compiles at the first call for each shape: that is part of its cold start."""

from __future__ import annotations

from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec

SPEC = RouteSpec(
    id="tensorflow_xla",
    title="XLA in Python",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights → tf.function(jit_compile=True)",
    packages=("tensorflow", "keras"),
)

export = keras_model.save_weights


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code, compiled by XLA."""
    keras_model.use(artefact.threads)
    return keras_model.traced(keras_model.rebuilt(artefact), jit_compile=True)
