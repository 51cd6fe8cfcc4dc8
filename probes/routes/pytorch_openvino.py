"""PyTorch → OpenVINO."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import ov
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="pytorch_openvino",
    title="OpenVINO",
    framework="pytorch",
    steps="openvino.convert_model → save_model → Core().compile_model",
    forms=("float32", "float16"),
    exports_with=("openvino",),
    runs_with=("openvino",),
    packages=("openvino",),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """Two files, with a batch of any size."""
    import openvino
    import torch

    example = torch.from_numpy(source.example)
    model = openvino.convert_model(source.network, example_input=example, input=[-1, *example.shape[1:]])
    ov.save(model, folder, form)


load = ov.session
