"""A small hand-built run over servers for tests of pages; the numbers mean nothing."""

from __future__ import annotations

from dataclasses import replace

from probes.schema import Framework, Outcome
from probes.serving.figures import pack
from probes.serving.schema import (
    Issued,
    LoadTrial,
    ServerAvailability,
    ServerSpec,
    ServingRecord,
    ServingRequest,
    ServingRun,
)
from tests.samples import MACHINE

INSTALL = "tensorflow_model_server not found. Debian: apt install <tensorflow-model-server>"


def spec(id_: str, title: str, side: Framework, *, deprecated: str = "") -> ServerSpec:
    return ServerSpec(id_, title, side, "rest", f"{side}_eager", "one worker, no batching", deprecated=deprecated)


LIT = spec("litserve_pytorch", "LitServe, PyTorch", "pytorch")
KERAS = spec("litserve_keras", "LitServe, Keras", "tensorflow")
OLD = spec("torchserve", "TorchServe", "pytorch", deprecated="archived")
TFS = spec("tensorflow_serving_rest", "TensorFlow Serving, REST", "tensorflow")


def issued(p99_s: float, *, count: int = 600) -> Issued:
    """``count`` queries, the slowest two in a hundred at ``p99_s``."""
    late = max(1, count // 50)
    return Issued("Server", pack([0.004] * (count - late) + [p99_s] * late), count, 3.0, True)


def record(server: ServerSpec, *rates: tuple[float, float]) -> ServingRecord:
    """A server that was tried at these rates, each with its 99th percentile in seconds."""
    trials = tuple(LoadTrial(rate, 600, 459, issued(p99)) for rate, p99 in rates)
    alone = Issued("SingleStream", pack([0.003] * 99 + [0.009]), 100, 0.4, True)
    return ServingRecord(server, "mlp", Outcome.OK, "", 2.5, 0.0, alone, trials)


def run(request: ServingRequest | None = None) -> ServingRun:
    """Two that kept the limit at some rate, one that failed, one that isn't here."""
    request = request or ServingRequest()
    records = (
        record(LIT, (200.0, 0.02), (400.0, 0.5)),
        record(KERAS, (100.0, 0.05)),
        ServingRecord(OLD, "mlp", Outcome.FAILED, "it never answered within <60 s>"),
        ServingRecord(TFS, "mlp", Outcome.UNSUPPORTED, INSTALL),
    )
    placed = tuple(replace(one, model=request.model) for one in records)
    return ServingRun(MACHINE, request, placed, "2026-11-23T09:40:00+00:00", 120.0)


def cut_off(found: ServingRun) -> ServingRun:
    """As it is when somebody pressed Cancel after the first."""
    first, *rest = found.records
    lost = (ServingRecord(one.server, one.model, Outcome.CANCELLED, "The run was cancelled.") for one in rest)
    return replace(found, records=(first, *lost))


def offers(request: ServingRequest) -> tuple[ServerAvailability, ...]:
    """All but TensorFlow Serving, unless the request says where one is."""
    lacking = "" if request.tensorflow_serving else INSTALL
    return (
        *(ServerAvailability(server, Outcome.OK) for server in (LIT, KERAS, OLD)),
        ServerAvailability(TFS, Outcome.UNSUPPORTED if lacking else Outcome.OK, lacking),
    )
