"""What Keras' side tells of a subject, on TensorFlow or on its PyTorch backend: its steps, its weights, and one
training step."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from probes.compare import keras_steps
from probes.model_file import keras_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]


def noting(subject: Any, note: keras_steps.Note) -> AbstractContextManager[None]:
    """See ``keras_steps``."""
    return keras_steps.noting(_network(subject), note)


def array(value: Any) -> NDArray[Any]:
    """A copy on the host."""
    import keras

    found: NDArray[Any] = keras.ops.convert_to_numpy(value).copy()
    return found


def weights(subject: Any) -> Arrays:
    """By ``layer.part``."""
    return {name: slot.numpy() for name, slot in keras_parts.parts(_network(subject))}


def trained(subject: Any) -> tuple[NDArray[Any], Arrays]:
    """The loss in training mode and its gradient by ``layer.part``, neither clipped nor scaled."""
    variables = _network(subject).trainable_variables
    loss, found = (
        _on_torch(subject, variables) if hasattr(subject, "keras_network") else _on_tensorflow(subject, variables)
    )
    of = {id(variable): gradient for variable, gradient in zip(variables, found, strict=True) if gradient is not None}
    slots = keras_parts.parts(_network(subject))
    return array(loss), {
        name: array(of[id(slot.variable)]).reshape(slot.shape) for name, slot in slots if id(slot.variable) in of
    }


def _on_tensorflow(subject: Any, variables: Any) -> tuple[Any, list[Any]]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = subject.criterion(subject.forward(subject.x), subject.labels)
    found = tape.gradient(loss, variables)
    return loss, [
        None if gradient is None else tf.convert_to_tensor(gradient) for gradient in found
    ]  # slices are added


def _on_torch(subject: Any, variables: Any) -> tuple[Any, list[Any]]:
    subject.network.train()
    subject.network.zero_grad(set_to_none=True)
    loss = subject.criterion(subject.network(subject.x), subject.labels)
    loss.backward()
    return loss, [variable.value.grad for variable in variables]


def _network(subject: Any) -> Any:
    return getattr(subject, "keras_network", subject.network)
