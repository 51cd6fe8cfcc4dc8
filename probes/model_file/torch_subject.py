"""PyTorch's half of a team's own model, under the same training loop as the stock networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from probes.frameworks.pytorch import TorchSubject
from probes.model_file import torch_parts, trees
from probes.model_file.carrying import Given, NotCarriedError, told_as
from probes.model_file.subject_options import SubjectOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays, TrainingSettings

Transfer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@contextmanager
def building(settings: TrainingSettings) -> Iterator[None]:  # noqa: ARG001 - precision is set on the built network
    """Around the file's function that makes a network."""
    yield


def without_dropout(network: Any) -> None:
    """Masks are random: where sides are compared number by number there are none."""
    from torch import nn

    for layer in network.modules():
        if isinstance(layer, nn.modules.dropout._DropoutNd):
            layer.p = 0.0
        elif isinstance(layer, nn.MultiheadAttention | nn.RNNBase):  # they draw masks of their own
            layer.dropout = 0.0


class OwnTorchSubject(TorchSubject):
    """Inputs are any tree: a dictionary is passed by name, a tuple or list by place."""

    #: What the other side calls its weights, from those of this one; None by ``parts``.
    transfer: Transfer | None = None

    def __init__(self, network: Any, options: SubjectOptions) -> None:
        import torch

        self.inner = network.to(options.device)  # as the file made it
        self._own_loss, self._functional = options.loss, torch.nn.functional
        taken = self._taken(options.inputs[0])
        super().__init__(taken, options.inputs, options.mode, options.device, options.settings)

    def _taken(self, x: Any) -> Any:
        """The module that is called with a tree like ``x`` as its one argument."""
        return _taking(self.inner, x)

    def criterion(self, logits: Any, labels: Any) -> Any:
        """The file's own; else cross entropy for integer labels and the mean squared error for others."""
        if self._own_loss is not None:
            return self._own_loss(logits, labels)
        outputs, labels = trees.only(logits, "outputs"), trees.only(labels, "labels")
        if labels.is_floating_point():
            return self._functional.mse_loss(outputs, labels.reshape(outputs.shape))
        return self._functional.cross_entropy(outputs.flatten(0, -2), labels.flatten().long())

    def place(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Every leaf as a tensor on the device."""
        return trees.mapped(self._placed, x), None if labels is None else trees.mapped(self._placed, labels)

    def _placed(self, array: Any) -> Any:
        tensor = self._torch.as_tensor(array).to(self._device)
        if self._settings.precision == "float64" and tensor.is_floating_point():
            return tensor.double()
        return tensor.float() if tensor.dtype is self._torch.float64 else tensor  # NumPy's default, nobody's choice

    def read(self, value: Any) -> NDArray[Any]:
        """A copy of all leaves; several ones side by side."""
        return trees.beside([super(OwnTorchSubject, self).read(leaf) for _, leaf in trees.leaves(value)])

    def weights(self) -> Arrays:
        """By ``layer.part``, or as the file's ``transfer`` calls them."""
        if self.transfer is not None:
            return {told_as(path): array for path, array in transferred(self.transfer, self.state()).items()}
        return {
            name: super(OwnTorchSubject, self).read(tensor).copy() for name, tensor in torch_parts.parts(self.inner)
        }

    def state(self) -> dict[str, NDArray[Any]]:
        """PyTorch's ``state_dict``, copied to the host."""
        return {name: super(OwnTorchSubject, self).read(tensor).copy() for name, tensor in self._state().items()}

    def _state(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.inner.state_dict()
        return {name: tensor for name, tensor in found.items() if hasattr(tensor, "shape")}  # a layer may add what else

    def parameters(self) -> int:
        """Their number, moving statistics aside; shared ones count once."""
        return sum(int(parameter.numel()) for parameter in self.inner.parameters())

    def given(self) -> Given:
        """What the other side begins with. Raises NotCarriedError."""
        with noting_calls() as called:
            outputs = self.read(self.predict())
        if self.transfer is not None:
            return Given(transferred(self.transfer, self.state()), (), outputs)
        orders = [tuple(name for name, _ in torch_parts.parts(self.inner, order)) for order in ((), called)]
        return Given(dict(self.weights()), tuple(dict.fromkeys(orders)), outputs)

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Begin with weights that ``state`` told."""
        own = self._state()
        with self._torch.no_grad():
            for name, array in state.items():
                own[name].copy_(self._torch.from_numpy(array))


def transferred(transfer: Transfer, state: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """What the file makes of PyTorch's weights: Keras' by path. Raises NotCarriedError for what can't be that."""
    import numpy as np

    try:
        found = transfer(state)
        return {str(path): np.ascontiguousarray(array) for path, array in found.items()}
    except Exception as error:
        raise NotCarriedError(f"transfer(state): {type(error).__name__}: {error}") from error


@contextmanager
def noting_calls() -> Iterator[list[Any]]:
    """Every module that is called meanwhile, in the order of the calls."""
    from torch.nn.modules.module import register_module_forward_pre_hook

    called: list[Any] = []

    def note(layer: Any, _inputs: Any) -> None:
        called.append(layer)

    handle = register_module_forward_pre_hook(note)
    try:
        yield called
    finally:
        handle.remove()


def _taking(network: Any, x: Any) -> Any:
    """The network itself for one array, else a module that spreads the tree over its arguments."""
    if not isinstance(x, Mapping | tuple | list):
        return network
    from torch import nn

    class Spread(nn.Module):  # type: ignore[misc]  # PyTorch is no module to the type checker
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, tree: Any) -> Any:
            return self.network(**tree) if isinstance(tree, Mapping) else self.network(*tree)

    return Spread()
