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
    from torch._inductor import aoti_compile_and_package

    program, path = torch_model.exported(source), str(folder / _FILE)
    try:
        aoti_compile_and_package(program, package_path=path)
    except AssertionError:  # it wants functions, and an operation in place was left over, as Keras' layers write them
        aoti_compile_and_package(program.run_decompositions({}), package_path=path)


def load(artefact: Artefact) -> Predict:
    """The library of the package, called through PyTorch."""
    import torch._inductor

    torch_model.use(artefact.threads)
    return torch_model.caller(torch._inductor.aoti_load_package(str(artefact.folder / _FILE)))
