"""LitServe around the Keras model behind tf.function, in TensorFlow."""

from __future__ import annotations

from probes.serving import lit
from probes.serving.schema import ServerSpec

SPEC = ServerSpec(
    id="litserve_keras",
    title="LitServe, Keras",
    framework="tensorflow",
    protocol="rest",
    way="tensorflow_function",
    settings=lit.SETTINGS,
    environment="litserve",
    packages=("litserve", "tensorflow", "keras"),
)
launch = lit.launch
