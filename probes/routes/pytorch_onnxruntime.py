"""PyTorch → ONNX → ONNX Runtime, as float32 and in both forms of int8."""

from __future__ import annotations

from pathlib import Path

from probes.contracts import UnsupportedError
from probes.deploy import batches, ort, torch_model
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="pytorch_onnxruntime",
    title="ONNX → ONNX Runtime",
    framework="pytorch",
    steps="torch.onnx.export(dynamo=True) → onnxruntime.InferenceSession",
    forms=("float32", "int8 dynamic", "int8 static"),
    exports_with=("onnx", "onnxscript"),
    runs_with=("onnxruntime",),
    packages=("onnxruntime",),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """One file, with a batch of any size. Raises UnsupportedError where the model has fixed it: the exporter falls back
    to what holds for its example alone, and says so in passing."""
    import torch

    inputs = batches.names(len(source.example))
    program = torch.onnx.export(
        source.network, torch_model.example(source), dynamo=True, input_names=inputs,
        dynamic_shapes=torch_model.any_batch(source), verbose=False,
    )  # fmt: skip
    if any(isinstance(given.shape[0], int) for given in program.model.graph.inputs):
        raise UnsupportedError(f"torch.onnx.export: {torch_model.FIXED_BATCH}")
    program.save(str(folder / ort.FILE))
    ort.quantise(folder, form, source.calibration)


load = ort.session
