"""LitServe around the module itself, in PyTorch."""

from __future__ import annotations

from probes.serving import lit
from probes.serving.schema import ServerSpec

SPEC = ServerSpec(
    id="litserve_pytorch",
    title="LitServe, PyTorch",
    framework="pytorch",
    protocol="rest",
    way="pytorch_eager",
    settings=lit.SETTINGS,
    environment="litserve",
    packages=("litserve", "torch"),
)
launch = lit.launch
