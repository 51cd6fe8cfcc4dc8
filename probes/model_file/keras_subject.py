"""Keras' half of a team's own model on TensorFlow, under the same training step as the stock networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from probes.frameworks.tensorflow import KerasSubject
from probes.model_file import keras_parts, trees
from probes.model_file.carrying import Given, NotCarriedError, pairings, told_as
from probes.model_file.keras_parts import Slot
from probes.model_file.subject_options import SubjectOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays, TrainingSettings


@contextmanager
def building(settings: TrainingSettings) -> Iterator[None]:
    """Around the file's function that makes a network: layers take the precision over when they are made."""
    import keras

    policy = {"bfloat16": "mixed_bfloat16"}.get(settings.precision, settings.precision)
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


def without_dropout(network: Any) -> None:
    """Masks are random: where sides are compared number by number there are none."""
    for layer in keras_parts.layers_of(network):
        for name in ("rate", "dropout", "recurrent_dropout", "_dropout"):  # the last one is attention's
            if isinstance(vars(layer).get(name), float):  # what a property tells is kept further in
                setattr(layer, name, 0.0)


class OwnKerasSubject(KerasSubject):
    """Inputs are any tree, given to the model as it is."""

    #: Our weights by the names of the other side, which they were carried over from.
    names: Mapping[str, str] = {}

    def __init__(self, network: Any, options: SubjectOptions) -> None:
        import tensorflow as tf

        self._tf, self._settings, self._own_loss = tf, options.settings, options.loss
        self._device = "/GPU:0" if options.device == "cuda" else "/CPU:0"
        network(self.place(*options.inputs)[0], training=False)  # a subclass has weights only then
        super().__init__(network, options.inputs, options.mode, options.device, options.settings)

    def criterion(self, logits: Any, labels: Any) -> Any:
        """The file's own; else cross entropy for integer labels and the mean squared error for others."""
        tf = self._tf
        if self._own_loss is not None:
            return self._own_loss(logits, labels)
        outputs, labels = trees.only(logits, "outputs"), trees.only(labels, "labels")
        if labels.dtype.is_floating:
            return tf.reduce_mean(tf.square(tf.cast(outputs, labels.dtype) - tf.reshape(labels, tf.shape(outputs))))
        classes = outputs.shape[-1]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.reshape(labels, [-1]), tf.reshape(tf.cast(outputs, tf.float32), [-1, classes])
        )
        return tf.reduce_mean(losses)

    def place(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Every leaf as a tensor on the device."""
        with self._tf.device(self._device):
            return trees.mapped(self._placed, x), None if labels is None else trees.mapped(self._placed, labels)

    def _placed(self, array: Any) -> Any:
        tensor = self._tf.convert_to_tensor(array)
        if self._settings.precision == "float64" and tensor.dtype.is_floating:
            return self._tf.cast(tensor, self._tf.float64)
        # Twice as long numbers are NumPy's default, nobody's choice.
        return self._tf.cast(tensor, self._tf.float32) if tensor.dtype == self._tf.float64 else tensor

    def read(self, value: Any) -> NDArray[Any]:
        """A copy of all leaves; several ones side by side."""
        return trees.beside([super(OwnKerasSubject, self).read(leaf) for _, leaf in trees.leaves(value)])

    def weights(self) -> Arrays:
        """By the other side's names, where its weights were carried over."""
        if not self.names:
            return {name: slot.numpy() for name, slot in self._slots().items()}
        slots = self._slots()
        return {told_as(theirs): slots[own].numpy() for theirs, own in self.names.items()}

    def parameters(self) -> int:
        """Their number, moving statistics aside; shared ones count once."""
        return keras_parts.parameters(self.network)

    def write(self, names: Mapping[str, str], weights: Mapping[str, NDArray[Any]]) -> None:
        """Begin with the other side's weights: ``names`` says which of ours each of theirs is."""
        self.names = names
        slots = self._slots()
        for theirs, own in names.items():
            slots[own].assign(weights[theirs])

    def state(self) -> dict[str, NDArray[Any]]:
        """All weights by their place, moving statistics among them: Keras' paths count up from network to network."""
        return {str(place): weight.numpy() for place, weight in enumerate(self.network.weights)}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Begin with weights that ``state`` told."""
        for place, weight in enumerate(self.network.weights):
            weight.assign(state[str(place)])

    def best_of(self, given: Given, called: list[Any]) -> dict[str, str]:
        """Ours by their names, with which this network's outputs come nearest to theirs. Raises NotCarriedError."""
        import numpy as np

        ours = [keras_parts.parts(self.network, order) for order in ((), called)]
        found: list[tuple[float, dict[str, str]]] = []
        for names in pairings(ours, given):
            self.write(names, given.weights)
            outputs = self.read(self.predict())
            alike = outputs.shape == given.outputs.shape
            distance = float(np.abs(outputs - given.outputs).max(initial=0.0)) if alike else np.inf
            found.append((np.inf if np.isnan(distance) else distance, names))
        return min(found, key=lambda one: one[0])[1]  # the first of equals, which is the likeliest

    def by_path(self, given: Given) -> dict[str, str]:
        """Ours by the paths that the file's ``transfer`` told, with or without the model's own name before them. Raises
        NotCarriedError for one that doesn't fit."""
        outer = f"{self.network.name}/"
        variables = {variable.path.removeprefix(outer): variable for variable in self.network.weights}
        told = {path: path.removeprefix(outer) for path in given.weights}
        if unknown := [path for path, ours in told.items() if ours not in variables]:
            raise NotCarriedError(f"transfer: Keras has no weight {unknown[0]!r}; it has {', '.join(variables)}"[:500])
        for path, array in given.weights.items():
            if (shape := tuple(variables[told[path]].shape)) != array.shape:
                raise NotCarriedError(f"transfer: {path} is {shape} in Keras, {array.shape} was given")
        trained = {variable.path.removeprefix(outer) for variable in self.network.trainable_variables}
        if missing := trained.difference(told.values()):
            raise NotCarriedError(f"transfer: nothing is given for {', '.join(sorted(missing))}"[:500])
        places = {path: str(place) for place, path in enumerate(variables)}
        return {path: places[ours] for path, ours in told.items()}

    def _slots(self) -> dict[str, Slot]:
        """By ``Dense3.part``, and by the place of a weight among all: Keras' paths count up from network to network."""
        placed = {str(place): Slot(v, tuple(v.shape)) for place, v in enumerate(self.network.weights)}
        return placed | dict(keras_parts.parts(self.network))


def fresh_names() -> None:
    """From here on Keras counts its names from the start, as in a process that has built nothing."""
    import keras

    keras.utils.clear_session()
