"""Records as a run over routes would leave them, made by hand."""

from __future__ import annotations

import numpy as np

from probes.deploy import summary
from probes.deploy.schema import Exported, Played, Reference, RouteRecord, RoutesRequest, RoutesRun, Way
from probes.engine.watching import machine
from probes.schema import Outcome

WAY = Way("pytorch_onnxruntime", "pytorch_onnxruntime", "float32", "ONNX → ONNX Runtime", "pytorch", (), "a → b")


def run() -> RoutesRun:
    """One record: four inputs, one of which is answered otherwise than by the source."""
    source = np.array([[1, 0], [0, 1], [1, 0], [0.25, 0.5]], np.float32)
    answered = source.copy()
    answered[3] = 0.5, 0.25
    answers = summary.pack(answered)
    blocks = {"1": (1e-3, 1.1e-3), "64": (1e-2, 1.2e-2)}
    record = RouteRecord(
        WAY, "mlp", Outcome.OK,
        exported=Exported(2.0, 1000, 1),
        played=Played(0.5, 0.3, 0.01, answers, dynamic_batch=True, blocks=blocks, peak_bytes=5, runtime_bytes=7),
        group=1,
    )  # fmt: skip
    reference = Reference("mlp", {}, "pytorch", "handwritten digits", (0, 1, 0, 1), {"pytorch": summary.pack(source)})
    return RoutesRun(machine.read(), RoutesRequest(), (reference,), (record,), "2026-11-25T10:00:00+00:00", 3.0)
