"""A model that is written once in Keras 3: on TensorFlow in one child, on Keras' PyTorch backend in the other.

Both have the same variables in the same order, so that weights go across as they are.
"""

from __future__ import annotations

import ast
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from probes.model_file import keras_parts, keras_subject, torch_subject, trees
from probes.model_file.carrying import Given
from probes.model_file.subject_options import SubjectOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from probes.contracts import Arrays

#: What the function is called in the file.
HALF: Final = "keras"


def is_written(source: bytes) -> bool:
    """Whether the source has a function ``keras``, without running it: the backend is chosen before any import."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False  # whoever loads it says where
    return any(isinstance(node, ast.FunctionDef) and node.name == HALF for node in tree.body)


def has(module: ModuleType) -> bool:
    """Whether a loaded file has it. ``import keras`` at its top is none."""
    found = getattr(module, HALF, None)
    return callable(found) and not isinstance(found, ModuleType)


def named(network: Any) -> list[tuple[str, Any]]:
    """(name, variable) in Keras' own order."""
    short = {"moving_mean": "mean", "moving_variance": "variance"}
    return [(f"{n}.{short.get(v.name, v.name)}", v) for n, v in enumerate(network.weights)]


class OnceOnTorch(torch_subject.OwnTorchSubject):
    """On Keras' PyTorch backend, where a model is a module."""

    def __init__(self, network: Any, options: SubjectOptions) -> None:
        import keras
        from torch import nn

        self.keras_network = network
        given = trees.mapped(keras.ops.convert_to_tensor, options.inputs[0])
        network(given, training=False)  # a subclass has weights only then

        class Moded(nn.Module):  # type: ignore[misc]  # PyTorch is no module to the type checker
            """Keras is told by an argument what PyTorch keeps as a state."""

            def __init__(self) -> None:
                super().__init__()
                self.network = network

            def forward(self, x: Any) -> Any:
                return self.network(x, training=self.training)

        super().__init__(Moded(), options)

    def _taken(self, x: Any) -> Any:  # noqa: ARG002 - Keras takes a tree as it is
        return self.inner

    def weights(self) -> Arrays:
        return {name: self.read(variable.value).copy() for name, variable in named(self.keras_network)}

    def parameters(self) -> int:
        return keras_parts.parameters(self.keras_network)

    def state(self) -> dict[str, NDArray[Any]]:
        return dict(self.weights())

    def given(self) -> Given:
        """In Keras' order, which needs no other."""
        return Given(self.weights(), (), self.read(self.predict()))

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        for name, variable in named(self.keras_network):
            variable.assign(state[name])


class OnceOnTensorFlow(keras_subject.OwnKerasSubject):
    """On TensorFlow."""

    def weights(self) -> Arrays:
        return {name: variable.numpy().copy() for name, variable in named(self.network)}

    def write(self, names: Mapping[str, str], weights: Mapping[str, NDArray[Any]]) -> None:  # noqa: ARG002 - the same
        for name, variable in named(self.network):
            variable.assign(weights[name])
