"""PyTorch in Python through ``torch.compile``. What it compiles on the first call is part of its cold start."""

from __future__ import annotations

from probes.deploy import torch_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec

SPEC = RouteSpec(
    id="pytorch_compile",
    title="torch.compile in Python",
    framework="pytorch",
    steps="torch.save(model.state_dict()) → the model's code → load_state_dict → torch.compile",
    packages=("torch",),
    programs=("g++",),
    heavy=True,
)

export = torch_model.save_weights


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code and compiled as one graph."""
    import torch

    torch_model.use(artefact.threads)
    return torch_model.caller(torch.compile(torch_model.rebuilt(artefact), fullgraph=True))
