"""Keras' own file: architecture and weights, for going on in Python."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from probes.contracts import UnsupportedError
from probes.deploy import keras_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm
from probes.model_file import keras_parts
from probes.system.quoting import quoted

SPEC = RouteSpec(
    id="tensorflow_keras_file",
    title="Keras file (.keras)",
    framework="tensorflow",
    steps="model.save('model.keras') → keras.saving.load_model → tf.function",
    packages=("tensorflow", "keras"),
)
_FILE = "model.keras"
#: Of Keras 3.15's own words.
_STOPS_AT: Final = re.compile(r"<class '(?:[\w.<>]+\.)?(\w+)'> could not be deserialized")


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """One file. Raises UnsupportedError for a network that doesn't say what it is made of."""
    try:
        _written(source.network).save(folder / _FILE)
    except NotImplementedError as error:
        raise _not_back(error) from error


def load(artefact: Artefact) -> Predict:
    """The model from the file; what a network defines itself must come from its code all the same.

    Raises UnsupportedError for a network that its file doesn't bring back.
    """
    import keras

    keras_model.use(artefact.threads)
    model = keras_model.built(artefact)
    custom = _custom_parts(_written(model))
    try:
        network = keras.saving.load_model(artefact.folder / _FILE, custom_objects=custom, compile=False)
    except (TypeError, ValueError, NotImplementedError, AttributeError) as error:
        raise _not_back(error) from error
    if artefact.own and keras_model.spreads(model):
        network = keras_model.by_place(network, artefact.own.template, plain=False)
    return keras_model.traced(network)


def _not_back(error: Exception) -> UnsupportedError:
    """With the class that it stops at, where Keras names one: what it says then are the three rules below."""
    needed = (
        "an __init__ that takes **kwargs, get_config() that tells its arguments, and build() for what it makes itself"
    )
    if named := _STOPS_AT.search(str(error)):
        return UnsupportedError(f"Keras' own file doesn't bring your class {named[1]} back: it needs {needed}")
    return UnsupportedError(
        f"Keras' own file doesn't bring this model back: a class of your own needs {needed}; a Lambda layer isn't "
        f"loaded at all ({type(error).__name__}: {quoted(str(error), 200)})"
    )


def _written(model: Any) -> Any:
    """The network as its file knows it, which may take a tree."""
    return keras_model.inner(model) if keras_model.spreads(model) else model


def _custom_parts(model: Any) -> dict[str, Any]:
    """Layers and activations of a model that are not Keras' own, by the names that the file calls them."""
    layers = keras_parts.layers_of(model)
    parts: list[Any] = [part for layer in layers for part in (type(layer), getattr(layer, "activation", None))]
    return {
        part.__name__: part for part in parts if hasattr(part, "__name__") and not part.__module__.startswith("keras.")
    }
