"""Keras → ONNX → ONNX Runtime, as float32 and in both forms of int8."""

from __future__ import annotations

from pathlib import Path

from probes.deploy import erfc, keras_model, ort
from probes.deploy.contracts import RouteSpec, SourceModel
from probes.deploy.schema import ArtefactForm

SPEC = RouteSpec(
    id="tensorflow_onnxruntime",
    title="ONNX → ONNX Runtime",
    framework="tensorflow",
    steps="model.export(format='onnx') with tf2onnx → onnxruntime.InferenceSession",
    forms=("float32", "int8 dynamic", "int8 static"),
    exports_with=("onnx", "tf2onnx"),
    runs_with=("onnxruntime",),
    packages=("onnxruntime",),
)


def export(source: SourceModel, folder: Path, form: ArtefactForm) -> None:
    """One file, with a batch of any size."""
    erfc.known()
    model = source.network
    signature = {"input_signature": keras_model.signature(source)} if keras_model.has_no_graph(model) else {}
    model.export(folder / ort.FILE, format="onnx", verbose=False, **signature)
    ort.quantise(folder, form, source.calibration)


load = ort.session
