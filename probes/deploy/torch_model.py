"""PyTorch models that are run by PyTorch itself: what the ways within PyTorch share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from probes.contracts import UnsupportedError
from probes.deploy import batches
from probes.model_file import templates, trees
from probes.tracks import half

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from probes.deploy.batches import Leaves
    from probes.deploy.contracts import Artefact, Predict, SourceModel
    from probes.deploy.schema import ArtefactForm

FILE = "model.weights.pt"


def save_weights(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001 - a route's export
    """The weights alone: the code is the artefact's other half."""
    keep(source.network, folder)


def rebuilt(artefact: Artefact) -> Any:
    """The module from its code, with the saved weights, in evaluation mode."""
    from probes import catalog

    if artefact.own:
        module = artefact.own.network("pytorch")
        restore(module, artefact.folder)
        return module
    module = half(catalog.modules()[artefact.model], "pytorch")(artefact.sizes, 0.0)
    module.load_state_dict(_kept(artefact.folder))
    return module.eval()


def keep(module: Any, folder: Path) -> None:
    """Write its weights."""
    import torch

    torch.save(module.state_dict(), folder / FILE)


def restore(module: Any, folder: Path) -> None:
    """Take weights that ``keep`` wrote, by place: the same code makes the same parts in the same order, but some
    libraries count their names up from one network to the next. Raises ValueError for another number of them."""
    module.load_state_dict(dict(zip(module.state_dict(), _kept(folder).values(), strict=True)))


def state(module: Any) -> list[NDArray[Any]]:
    """Its weights."""
    return [tensor.detach().float().numpy() for tensor in module.state_dict().values() if hasattr(tensor, "detach")]


def by_place(network: Any, of: templates.Template, *, plain: bool) -> Any:
    """A team's own network in evaluation mode, taking the leaves of a tree by place and answering with a tensor, or a
    tuple of them; ``plain``: it does so already. What is only made at the first call is made."""
    import torch
    from torch import nn

    in_keras = not isinstance(network, nn.Module) or hasattr(network, "stateless_call")

    class ByPlace(nn.Module):  # type: ignore[misc]  # PyTorch is no module to the type checker
        """A dictionary goes by name, a tuple or list by place, to Keras all as it is."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *leaves: Any) -> Any:
            tree = templates.tree(of, leaves)
            if in_keras:
                outputs = network(tree, training=False)
            elif isinstance(tree, Mapping):
                outputs = self.network(**tree)
            else:
                outputs = self.network(*tree) if isinstance(tree, tuple | list) else self.network(tree)
            found = tuple(leaf for _, leaf in trees.leaves(outputs) if isinstance(leaf, torch.Tensor))
            return found[0] if len(found) == 1 else found

    module = (network if plain and not in_keras else ByPlace()).eval()
    lazy = nn.parameter.UninitializedTensorMixin
    if in_keras or any(isinstance(tensor, lazy) for tensor in (*network.parameters(), *network.buffers())):
        with torch.no_grad():  # not inference_mode: exporters refuse parameters that were made in it
            module(*map(torch.from_numpy, templates.blank(of)))
    return module


def inner(module: Any) -> Any:
    """What ``by_place`` was given, if that can be called as it is."""
    network = module.network
    return module if hasattr(network, "stateless_call") else network


def answered(module: Any, leaves: Leaves) -> list[NDArray[Any]]:
    """All outputs of a network that takes its inputs by place."""
    import torch

    with torch.inference_mode():
        return _arrays(module(*map(torch.from_numpy, leaves)))


def use(threads: int) -> None:
    """Bound both pools, before PyTorch does any work."""
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)


def caller(module: Any) -> Predict:
    """Logits from whatever takes and gives tensors, without gradients."""

    def predict(*x: NDArray[Any]) -> NDArray[Any]:
        return batches.table(answered(module, x))

    return predict


def example(source: SourceModel, batch: int = 0) -> tuple[Any, ...]:
    """Inputs to export by, as tensors; ``batch`` of them if it is given."""
    import torch

    leaves = batches.resized(source.example, batch) if batch else source.example
    return tuple(map(torch.from_numpy, leaves))


def any_batch(source: SourceModel) -> tuple[Any, ...]:
    """For ``torch.export``: the first axis of every input is a batch of any size."""
    import torch

    batch = torch.export.Dim("batch", min=1)
    shapes = tuple({0: batch} for _ in source.example)
    return (shapes,) if spreads(source.network) else shapes


def spreads(module: Any) -> bool:
    """Whether its forward takes any number of inputs as one argument."""
    return type(module).__name__ == "ByPlace"


#: What makes a number of a batch that a graph has to leave open, and what doesn't.
FIXED_BATCH: Final = (
    "the graph holds for one size of the batch only, because something in the model makes a plain number of it. Usual "
    "causes: len(x), for which x.shape[0] stays open; int(x.shape[0]); a loop over the samples; a size written out in "
    "reshape or view, for which -1 stays open"
)


def exported(source: SourceModel) -> Any:
    """The network's graph by ``torch.export``, for a batch of any size. Raises UnsupportedError where the model has
    fixed it."""
    import torch
    from torch._dynamo.exc import UserError, UserErrorType

    try:
        return torch.export.export(source.network, example(source), dynamic_shapes=any_batch(source))
    except UserError as error:
        if error.error_type is UserErrorType.CONSTRAINT_VIOLATION:
            raise UnsupportedError(f"torch.export: {FIXED_BATCH}") from error
        raise


def _kept(folder: Path) -> dict[str, Any]:
    import torch

    found: dict[str, Any] = torch.load(folder / FILE, weights_only=True)
    return found


def _arrays(outputs: Any) -> list[NDArray[Any]]:
    tensors = outputs if isinstance(outputs, tuple | list) else (outputs,)
    return [(tensor.float() if tensor.dtype.itemsize < 4 else tensor).numpy() for tensor in tensors]
