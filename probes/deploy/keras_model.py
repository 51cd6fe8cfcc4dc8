"""Keras models that TensorFlow runs: what the ways within TensorFlow share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.contracts import half

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from probes.deploy.contracts import Artefact, Predict, SourceModel
    from probes.deploy.schema import ArtefactForm

FILE = "model.weights.h5"


def save_weights(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001 - a route's export
    """The weights alone: the code is the artefact's other half."""
    source.network.save_weights(folder / FILE)


def built(artefact: Artefact) -> Any:
    """The model from its code, with new weights."""
    from probes import catalog

    return half(catalog.modules()[artefact.model], "tensorflow")(artefact.sizes, 0.0)


def rebuilt(artefact: Artefact) -> Any:
    """The model from its code, with the saved weights."""
    model = built(artefact)
    model.load_weights(artefact.folder / FILE)
    return model


def use(threads: int) -> None:
    """Bound both pools, before TensorFlow does any work."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def caller(function: Callable[[Any], Any]) -> Predict:
    """Logits from whatever takes and gives tensors."""
    import tensorflow as tf

    def predict(x: NDArray[Any]) -> NDArray[Any]:
        logits: NDArray[Any] = function(tf.constant(x)).numpy()
        return logits

    return predict


def traced(model: Any, *, jit_compile: bool | None = None) -> Predict:
    """The model behind a ``tf.function``, through XLA if ``jit_compile``."""
    import tensorflow as tf

    return caller(tf.function(lambda x: model(x, training=False), jit_compile=jit_compile))
