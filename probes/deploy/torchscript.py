"""TorchScript: what its way in Python and its way in C++ share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.deploy import torch_model

if TYPE_CHECKING:
    from pathlib import Path

    from probes.deploy.contracts import SourceModel
    from probes.deploy.schema import ArtefactForm

FILE = "model.ts"
DEPRECATED = "PyTorch warns that torch.jit is deprecated and names torch.compile and torch.export as its successors"


def save(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001 - a route's export
    """The traced module. PyTorch checks the trace against the network itself, on the example."""
    import torch

    with torch.no_grad():
        torch.jit.trace(source.network, torch_model.example(source)).save(str(folder / FILE))
