"""PyTorch's own exported program, run in Python: code and weights in one file."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import torch_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="pytorch_export",
    title="torch.export (.pt2)",
    framework="pytorch",
    steps="torch.export.export → torch.export.save → torch.export.load(…).module()",
    packages=("torch",),
)
_FILE = "model.pt2"


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """One file, with a batch of any size."""
    import torch

    torch.export.save(torch_model.exported(source), folder / _FILE)


def load(artefact: Artefact) -> Predict:
    """The program, without the model's code."""
    import torch

    torch_model.use(artefact.threads)
    return torch_model.caller(torch.export.load(artefact.folder / _FILE).module())
