"""One Keras model, three engines: what the ways that hedge between these share.

The artefact is the same for all: the weights, and the model's own code as its other half. Which engine Keras runs on is
said by ``KERAS_BACKEND`` before it is imported; each of these functions imports that engine alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.deploy import keras_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.deploy.contracts import Artefact, Predict

STEPS = "model.save_weights → the model's code → load_weights with KERAS_BACKEND={engine}"


def tensorflow(artefact: Artefact) -> Predict:
    """Behind a ``tf.function``, as Keras' own ``predict`` does it."""
    keras_model.use(artefact.threads)
    return keras_model.traced(keras_model.rebuilt(artefact))


def torch(artefact: Artefact) -> Predict:
    """Eager, as Keras runs on PyTorch unless it is told to compile."""
    import torch

    torch.set_num_threads(artefact.threads)
    torch.set_num_interop_threads(artefact.threads)
    model = keras_model.rebuilt(artefact)

    def predict(x: NDArray[Any]) -> NDArray[Any]:
        with torch.inference_mode():
            logits: NDArray[Any] = model(torch.from_numpy(x), training=False).numpy()
        return logits

    return predict


def jax(artefact: Artefact) -> Predict:
    """Through ``jax.jit``, as Keras' own ``predict`` does it. XLA uses as many threads as the process has cores."""
    import jax
    import numpy as np

    model = keras_model.rebuilt(artefact)
    trained = [variable.value for variable in model.trainable_variables]
    fixed = [variable.value for variable in model.non_trainable_variables]

    call = jax.jit(lambda trained, fixed, x: model.stateless_call(trained, fixed, x, training=False)[0])

    def predict(x: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(call(trained, fixed, x))

    return predict
