"""PyTorch models that are run by PyTorch itself: what the ways within PyTorch share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.contracts import half

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from probes.deploy.contracts import Artefact, Predict, SourceModel
    from probes.deploy.schema import ArtefactForm

FILE = "model.weights.pt"


def save_weights(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001 - a route's export
    """The weights alone: the code is the artefact's other half."""
    import torch

    torch.save(source.network.state_dict(), folder / FILE)


def rebuilt(artefact: Artefact) -> Any:
    """The module from its code, with the saved weights, in evaluation mode."""
    import torch

    from probes import catalog

    module = half(catalog.modules()[artefact.model], "pytorch")(artefact.sizes, 0.0)
    module.load_state_dict(torch.load(artefact.folder / FILE, weights_only=True))
    return module.eval()


def use(threads: int) -> None:
    """Bound both pools, before PyTorch does any work."""
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)


def caller(module: Any) -> Predict:
    """Logits from whatever takes and gives tensors, without gradients."""
    import torch

    def predict(x: NDArray[Any]) -> NDArray[Any]:
        with torch.inference_mode():
            logits: NDArray[Any] = module(torch.from_numpy(x)).numpy()
        return logits

    return predict


def exported(source: SourceModel) -> Any:
    """The network's graph by ``torch.export``, for a batch of any size."""
    import torch

    batch = torch.export.Dim("batch", min=1)
    return torch.export.export(source.network, (torch.from_numpy(source.example),), dynamic_shapes=({0: batch},))
