"""Keras 3 on JAX: the same code and weights, another engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.deploy import batches, keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec
from probes.model_file import trees

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEC = RouteSpec(
    id="keras_on_jax",
    title="Keras on JAX",
    framework="tensorflow",
    steps="model.save_weights → the model's code → load_weights with KERAS_BACKEND=jax",
    runs_in="jax",
    packages=("jax", "keras"),
    heavy=True,
    environment={"KERAS_BACKEND": "jax"},
)

export = keras_model.save_weights


def load(artefact: Artefact) -> Predict:
    """Through ``jax.jit``, as Keras' own ``predict`` does it. XLA uses as many threads as the process has cores."""
    import jax
    import numpy as np

    model = keras_model.rebuilt(artefact)
    trained = [variable.value for variable in model.trainable_variables]
    fixed = [variable.value for variable in model.non_trainable_variables]
    call = jax.jit(lambda trained, fixed, x: model.stateless_call(trained, fixed, x, training=False)[0])

    def predict(*x: NDArray[Any]) -> NDArray[Any]:
        outputs = call(trained, fixed, x[0] if len(x) == 1 else list(x))
        return batches.table([np.asarray(leaf) for _, leaf in trees.leaves(outputs)])

    return predict
