"""A way out of PyTorch: its weights and its code. As ``probes/routes/pytorch_pickled.py`` it is tried at once."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import torch_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="pytorch_pickled",
    title="Pickled",
    framework="pytorch",
    steps="torch.save → torch.load",
    packages=("torch",),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """Runs in a child that has the framework and the trained network."""
    torch_model.save_weights(source, folder, form)


def load(artefact: Artefact) -> Predict:
    """Runs in a fresh child that has imported nothing: what it imports counts as cold start."""
    torch_model.use(artefact.threads)
    return torch_model.caller(torch_model.rebuilt(artefact))
