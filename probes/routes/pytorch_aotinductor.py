"""PyTorch compiled ahead of time into a package with a shared library; C++ programs load the same file."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import torch_model
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="pytorch_aotinductor",
    title="AOTInductor package",
    framework="pytorch",
    steps="torch.export.export → torch._inductor.aoti_compile_and_package → aoti_load_package",
    packages=("torch",),
    programs=("g++",),
    heavy=True,
)
_FILE = "model.pt2"


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:  # noqa: ARG001
    """One file, compiled for this processor."""
    import torch._inductor

    torch._inductor.aoti_compile_and_package(torch_model.exported(source), package_path=str(folder / _FILE))


def load(artefact: Artefact) -> Predict:
    """The library of the package, called through PyTorch."""
    import torch._inductor

    torch_model.use(artefact.threads)
    return torch_model.caller(torch._inductor.aoti_load_package(str(artefact.folder / _FILE)))
