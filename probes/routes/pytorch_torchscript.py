"""TorchScript in Python: deprecated, and still what many servers and mobile programs load."""

from __future__ import annotations

from probes.deploy import torch_model, torchscript
from probes.deploy.contracts import Artefact, Predict, RouteSpec

SPEC = RouteSpec(
    id="pytorch_torchscript",
    title="TorchScript in Python",
    framework="pytorch",
    steps="torch.jit.trace → save → torch.jit.load",
    packages=("torch",),
    deprecated=torchscript.DEPRECATED,
)

export = torchscript.save


def load(artefact: Artefact) -> Predict:
    """The traced module, without the model's code."""
    import torch

    torch_model.use(artefact.threads)
    return torch_model.caller(torch.jit.load(artefact.folder / torchscript.FILE))
