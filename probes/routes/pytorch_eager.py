"""PyTorch in Python, as it was trained: the way without an export."""

from __future__ import annotations

from probes.deploy import torch_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec

SPEC = RouteSpec(
    id="pytorch_eager",
    title="PyTorch in Python",
    framework="pytorch",
    steps="torch.save(model.state_dict()) → the model's code → load_state_dict → model.eval()",
    packages=("torch",),
)

export = torch_model.save_weights


def load(artefact: Artefact) -> Predict:
    """The network rebuilt from its code."""
    torch_model.use(artefact.threads)
    return torch_model.caller(torch_model.rebuilt(artefact))
