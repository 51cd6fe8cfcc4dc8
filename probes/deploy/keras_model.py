"""Keras models that TensorFlow runs: what the ways within TensorFlow share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.deploy import batches
from probes.model_file import templates, trees
from probes.tracks import half

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from probes.deploy.batches import Leaves
    from probes.deploy.contracts import Artefact, Predict, SourceModel
    from probes.deploy.schema import ArtefactForm

FILE = "model.weights.h5"


def save_weights(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001 - a route's export
    """The weights alone: the code is the artefact's other half."""
    keep(source.network, folder)


def built(artefact: Artefact) -> Any:
    """The model from its code, with new weights."""
    from probes import catalog

    if artefact.own:
        return artefact.own.network("tensorflow")
    return half(catalog.modules()[artefact.model], "tensorflow")(artefact.sizes, 0.0)


def rebuilt(artefact: Artefact) -> Any:
    """The model from its code, with the saved weights."""
    model = built(artefact)
    restore(model, artefact.folder)
    return model


def keep(model: Any, folder: Path) -> None:
    """Write its weights."""
    model.save_weights(folder / FILE)


def restore(model: Any, folder: Path) -> None:
    """Take weights that ``keep`` wrote."""
    model.load_weights(folder / FILE)


def state(model: Any) -> list[NDArray[Any]]:
    """Its weights."""
    return [variable.numpy() for variable in model.weights]


def by_place(network: Any, of: templates.Template, *, plain: bool) -> Any:
    """A team's own network, taking an array or the list of a tree's leaves, and answering with a tensor or a list of
    them; ``plain``: it does so already. Built: what is made at the first call only is made."""
    import keras

    class ByPlace(keras.Model):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def call(self, leaves: Any, training: bool | None = None) -> Any:
            given = leaves if isinstance(leaves, tuple | list) else [leaves]
            outputs = self.network(templates.tree(of, given), training=training)
            found = [leaf for _, leaf in trees.leaves(outputs) if leaf is not None]
            return found[0] if len(found) == 1 else found

    if plain and network.built:
        return network
    model = network if plain else ByPlace()
    answered(model, templates.blank(of))
    return model


def inner(model: Any) -> Any:
    """What ``by_place`` was given."""
    return model.network


def spreads(model: Any) -> bool:
    """Whether it is a network behind ``by_place``."""
    return type(model).__name__ == "ByPlace"


def has_no_graph(model: Any) -> bool:
    """Whether it has to be told what it takes when it is exported: it is a subclass, for which Keras reckons with
    ``float32``, or a network behind ``by_place``."""
    return spreads(model) or not getattr(model, "inputs", None)


def answered(model: Any, leaves: Leaves) -> list[NDArray[Any]]:
    """All outputs of a model that takes its inputs by place, in whatever Keras computes with."""
    import keras

    outputs = caller_of(model)(*map(keras.ops.convert_to_tensor, leaves))
    return [keras.ops.convert_to_numpy(leaf) for _, leaf in trees.leaves(outputs)]


def save(source: SourceModel, folder: Path) -> None:
    """As a SavedModel, whose endpoint takes a batch of any size and names its inputs by place."""
    asked = {"input_signature": signature(source)} if has_no_graph(source.network) else {}
    source.network.export(folder, verbose=False, **asked)


def signature(source: SourceModel) -> list[Any]:
    """What a network takes, in batches of any size."""
    specs = _specs(source, None)
    # One input stands alone, several are one argument: a list.
    return specs if len(specs) == 1 else [specs]


def is_recurrent(model: Any) -> bool:
    """Whether a layer in it loops over steps."""
    from keras import layers

    from probes.model_file import keras_parts

    return any(isinstance(layer, layers.RNN) for layer in keras_parts.layers_of(model))


def of_constants(source: SourceModel, batch: int) -> Any:
    """The network as a concrete function for batches of this size alone, its weights constants in it."""
    import tensorflow as tf

    model = source.network
    trained, fixed = (
        [tf.constant(variable.numpy()) for variable in variables]
        for variables in (model.trainable_variables, model.non_trainable_variables)
    )

    def answer(*x: Any) -> Any:
        outputs, _ = model.stateless_call(trained, fixed, x[0] if len(x) == 1 else list(x), training=False)
        found = [leaf for _, leaf in trees.leaves(outputs)]
        return found[0] if len(found) == 1 else {f"output_{place}": leaf for place, leaf in enumerate(found)}

    return tf.function(answer).get_concrete_function(*_specs(source, batch))


def _specs(source: SourceModel, batch: int | None) -> list[Any]:
    """Of each input by place; a ``batch`` of None is any."""
    import tensorflow as tf

    return [
        tf.TensorSpec([batch, *leaf.shape[1:]], leaf.dtype, name=name)
        for name, leaf in zip(batches.names(len(source.example)), source.example, strict=True)
    ]


def use(threads: int) -> None:
    """Bound both pools, before TensorFlow does any work."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def caller(function: Callable[..., Any]) -> Predict:
    """Logits from whatever takes tensors by place, and gives one or a tree of them."""
    import tensorflow as tf

    def predict(*x: NDArray[Any]) -> NDArray[Any]:
        return batches.table([leaf.numpy() for _, leaf in trees.leaves(function(*map(tf.constant, x)))])

    return predict


def eager(model: Any) -> Predict:
    """The model called as it is."""
    return caller(caller_of(model))


def traced(model: Any, *, jit_compile: bool | None = None) -> Predict:
    """The model behind a ``tf.function``, through XLA if ``jit_compile``."""
    import tensorflow as tf

    return caller(tf.function(caller_of(model), jit_compile=jit_compile))


def caller_of(model: Any) -> Callable[..., Any]:
    """The model as it answers, without dropout, to inputs by place."""
    return lambda *x: model(x[0] if len(x) == 1 else list(x), training=False)
