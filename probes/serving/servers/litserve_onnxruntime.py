"""LitServe around the PyTorch module as ONNX, in ONNX Runtime."""

from __future__ import annotations

from probes.serving import lit
from probes.serving.schema import ServerSpec

SPEC = ServerSpec(
    id="litserve_onnxruntime",
    title="LitServe, ONNX Runtime",
    framework="pytorch",
    protocol="rest",
    way="pytorch_onnxruntime",
    settings=lit.SETTINGS,
    environment="litserve",
    packages=("litserve", "onnxruntime"),
)
launch = lit.launch
