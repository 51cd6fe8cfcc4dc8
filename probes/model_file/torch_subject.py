"""PyTorch's half of a team's own model, under the same training loop as the stock networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from probes.frameworks import pytorch
from probes.frameworks.pytorch import TorchSubject
from probes.model_file import trees
from probes.model_file.carrying import Parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays, TrainingSettings

Loss = Callable[[Any, Any], Any]


def parts(network: Any) -> Parts:
    """The network's weights by ``layer.part``. Raises TypeError for a layer of a kind that isn't known."""
    return pytorch.parts(network)


def without_dropout(network: Any) -> None:
    """Masks are random: where sides are compared number by number there are none."""
    from torch import nn

    for layer in network.modules():
        if isinstance(layer, nn.modules.dropout._DropoutNd):
            layer.p = 0.0


class OwnTorchSubject(TorchSubject):
    """Inputs are any tree: a dictionary is passed by name, a tuple or list by place."""

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
        import torch

        self._own_loss, self._functional = loss, torch.nn.functional
        super().__init__(_taking(network, inputs[0]), inputs, mode, device, settings)

    def criterion(self, logits: Any, labels: Any) -> Any:
        """The file's own; else cross entropy for integer labels and the mean squared error for others."""
        if self._own_loss is not None:
            return self._own_loss(logits, labels)
        (_, outputs), *more = trees.leaves(logits)
        if more:
            raise TypeError("the model has several outputs: the file needs a loss(outputs, labels) of its own")
        if labels.is_floating_point():
            return self._functional.mse_loss(outputs, labels.reshape(outputs.shape))
        return self._functional.cross_entropy(outputs.flatten(0, -2), labels.flatten())

    def place(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Every leaf as a tensor on the device."""
        return trees.mapped(self._placed, x), None if labels is None else trees.mapped(self._placed, labels)

    def _placed(self, array: Any) -> Any:
        tensor = self._torch.as_tensor(array).to(self._device)
        return tensor.double() if self._settings.precision == "float64" and tensor.is_floating_point() else tensor

    def read(self, value: Any) -> NDArray[Any]:
        """A copy of all leaves; several ones end to end."""
        import numpy as np

        arrays = [super(OwnTorchSubject, self).read(leaf) for _, leaf in trees.leaves(value)]
        return arrays[0] if len(arrays) == 1 else np.concatenate([array.ravel() for array in arrays])

    def weights(self) -> Arrays:
        """By the other side's names, where its weights were carried over."""
        names = {own: theirs for theirs, own in self.names.items()}
        return {names.get(name, name): self.read(tensor).copy() for name, tensor in parts(self.network)}


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


def write(network: Any, names: Mapping[str, str], weights: Arrays) -> None:
    """Copy the other side's weights into the network: ``names`` says which of ours each of theirs is."""
    import torch

    ours = dict(parts(network))
    with torch.no_grad():
        for theirs, own in names.items():
            ours[own].copy_(torch.from_numpy(weights[theirs]))
