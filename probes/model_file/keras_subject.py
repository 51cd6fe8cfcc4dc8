"""Keras' half of a team's own model on TensorFlow, under the same training step as the stock networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from probes.frameworks import tensorflow
from probes.frameworks.tensorflow import KerasSubject
from probes.model_file import trees
from probes.model_file.carrying import Parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays, TrainingSettings

Loss = Callable[[Any, Any], Any]


def parts(network: Any) -> Parts:
    """The network's weights by ``Dense3.part``, nested models flattened. Raises TypeError for an unknown kind.

    Layers are called by kind and number: Keras counts its own names up from one network to the next.
    """
    return [
        (f"{type(layer).__name__}{number}.{name.rpartition('.')[2]}", variable)
        for number, layer in enumerate(_layers(network), start=1)
        for name, variable in tensorflow.parts_of(layer)
    ]


def _layers(network: Any) -> Iterator[Any]:
    """Leaves in the order in which they were made, as PyTorch names its modules."""
    for layer in network.layers:
        if getattr(layer, "layers", None):
            yield from _layers(layer)
        else:
            yield layer


def without_dropout(network: Any) -> None:
    """Masks are random: where sides are compared number by number there are none."""
    from keras import layers

    for layer in _layers(network):
        if isinstance(
            layer, layers.Dropout | layers.SpatialDropout1D | layers.SpatialDropout2D | layers.GaussianDropout
        ):
            layer.rate = 0.0


class OwnKerasSubject(KerasSubject):
    """Inputs are any tree, given to the model as it is."""

    names: Mapping[str, str] = {}  # of our weights, by those that they were carried over from

    def __init__(
        self,
        network: Any,
        inputs: tuple[Any, Any],
        mode: str,
        device: str,
        settings: TrainingSettings,
        loss: Loss | None,
    ) -> None:
        import keras

        self._own_loss = loss
        network(
            trees.mapped(keras.ops.convert_to_tensor, inputs[0]), training=False
        )  # a subclass has weights only then
        super().__init__(network, inputs, mode, device, settings)

    def criterion(self, logits: Any, labels: Any) -> Any:
        """The file's own; else cross entropy for integer labels and the mean squared error for others."""
        tf = self._tf
        if self._own_loss is not None:
            return self._own_loss(logits, labels)
        (_, outputs), *more = trees.leaves(logits)
        if more:
            raise TypeError("the model has several outputs: the file needs a loss(outputs, labels) of its own")
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
            placed = trees.mapped(self._tf.convert_to_tensor, x)
            return placed, None if labels is None else trees.mapped(self._tf.convert_to_tensor, labels)

    def read(self, value: Any) -> NDArray[Any]:
        """A copy of all leaves; several ones end to end."""
        import numpy as np

        arrays = [super(OwnKerasSubject, self).read(leaf) for _, leaf in trees.leaves(value)]
        return arrays[0] if len(arrays) == 1 else np.concatenate([array.ravel() for array in arrays])

    def weights(self) -> Arrays:
        """By the other side's names, where its weights were carried over."""
        names = {own: theirs for theirs, own in self.names.items()}
        return {names.get(name, name): variable.numpy().copy() for name, variable in parts(self.network)}


def write(network: Any, names: Mapping[str, str], weights: Arrays) -> None:
    """Copy the other side's weights into the network: ``names`` says which of ours each of theirs is."""
    ours = dict(parts(network))
    for theirs, own in names.items():
        ours[own].assign(weights[theirs])
