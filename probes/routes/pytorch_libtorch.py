"""TorchScript in a C++ program of its own, linked with the LibTorch that the wheel carries: no Python at run time."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import cpp, torch_model, torchscript
from probes.deploy.contracts import Artefact, Predict, RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="pytorch_libtorch",
    title="TorchScript → LibTorch in C++",
    framework="pytorch",
    steps="torch.jit.trace → save → torch::jit::load in C++, built with g++",
    packages=("torch",),
    files=("torch/lib/*",),
    programs=("g++",),
    deprecated=torchscript.DEPRECATED,
    heavy=True,
)
_PROGRAM = "answer"
look_at = cpp.look_at


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """The traced module and the program that answers with it."""
    look_at(source.example, torch_model.answered(source.network, source.example))
    torchscript.save(source, folder, form)
    cpp.libtorch_program(folder / _PROGRAM)


def load(artefact: Artefact) -> Predict:
    """The program, asked through its pipes: some ten microseconds a call are theirs."""
    program = artefact.folder / _PROGRAM
    return cpp.Program((str(program), str(artefact.folder / torchscript.FILE), str(artefact.threads)))
