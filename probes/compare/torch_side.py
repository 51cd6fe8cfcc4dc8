"""What PyTorch's side tells of a subject: its steps, its weights, and one training step."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from probes.compare import torch_steps
from probes.model_file import torch_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]


def noting(subject: Any, note: torch_steps.Note) -> AbstractContextManager[None]:
    """See ``torch_steps``."""
    return torch_steps.noting(_network(subject), note)


def array(value: Any) -> NDArray[Any]:
    """A copy on the host."""
    found: NDArray[Any] = value.detach().cpu().numpy().copy()
    return found


def weights(subject: Any) -> Arrays:
    """By ``layer.part``."""
    return {name: array(tensor) for name, tensor in torch_parts.parts(_network(subject))}


def trained(subject: Any) -> tuple[NDArray[Any], Arrays]:
    """The loss in training mode and its gradient by ``layer.part``, neither clipped nor scaled."""
    subject.network.train()
    subject.network.zero_grad(set_to_none=True)
    loss = subject.criterion(subject.network(subject.x), subject.labels)
    loss.backward()
    return array(loss), {name: array(tensor) for name, tensor in torch_parts.parts(_gradients(_network(subject)))}


def _network(subject: Any) -> Any:
    return getattr(subject, "inner", subject.network)


def _gradients(network: Any) -> Any:
    """A copy of the network that keeps gradients where its weights were: it lends its layout."""
    import torch
    from torch import nn

    holder = copy.deepcopy(network)
    for own, held in zip(network.parameters(), holder.parameters(), strict=True):
        held.data = torch.zeros_like(own) if own.grad is None else own.grad.detach().clone()
    for layer in holder.modules():
        # Of two biases that are told as their sum, each has the gradient of the sum.
        if isinstance(layer, nn.RNNBase | nn.RNNCellBase) and not isinstance(layer, nn.GRU | nn.GRUCell):
            for name, parameter in layer.named_parameters(recurse=False):
                if name.startswith("bias_hh"):
                    parameter.data.zero_()
    return holder
