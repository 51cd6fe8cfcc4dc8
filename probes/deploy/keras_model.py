"""Keras models that are run from their own code: what the ways without an export share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.contracts import half

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from probes.deploy.contracts import Artefact, Predict, Source

FILE = "model.weights.h5"


def save_weights(source: Source, folder: Path) -> None:
    """The weights alone: the code is the artefact's other half."""
    source.network.save_weights(folder / FILE)


def rebuilt(artefact: Artefact) -> Any:
    """The model from its code, with the saved weights."""
    from probes import catalog

    build = half(catalog.modules()[artefact.model], "tensorflow")
    if build is None:
        raise LookupError(f"{artefact.model} has no implementation in Keras")
    model = build(artefact.sizes, 0.0)
    model.load_weights(artefact.folder / FILE)
    return model


def function(artefact: Artefact, *, jit_compile: bool | None) -> Predict:
    """The rebuilt model behind a ``tf.function``, through XLA if ``jit_compile``."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(artefact.threads)
    tf.config.threading.set_inter_op_parallelism_threads(artefact.threads)
    model = rebuilt(artefact)
    call = tf.function(lambda x: model(x, training=False), jit_compile=jit_compile)

    def predict(x: NDArray[Any]) -> NDArray[Any]:
        logits: NDArray[Any] = call(tf.constant(x)).numpy()
        return logits

    return predict
