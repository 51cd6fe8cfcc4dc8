"""Small hand-built ways and a routes run for tests of pages, charts and decisions; the numbers mean nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from probes.deploy.schema import (
    ArtefactForm,
    Exported,
    Played,
    Reference,
    RouteRecord,
    RoutesRequest,
    RoutesRun,
    RuntimeOffer,
    Way,
    WayAvailability,
)
from probes.deploy.summary import pack
from probes.schema import Framework, Outcome
from tests.samples import MACHINE

MB = 2**20
LOGITS = np.random.default_rng(7).normal(size=(32, 10)).astype("f4")
LABELS = tuple(int(label) for label in LOGITS.argmax(1))

RUNTIMES = (
    RuntimeOffer(
        "executorch", "ExecuTorch", "Runs PyTorch programs on phones; pins its own converter.",
        ("executorch==1.5.1", "torch==2.13.0"), 1100, (), "missing",
    ),
    RuntimeOffer(
        "tfjs", "TF.js converter", "Writes what a browser loads; needs old setuptools.",
        ("tensorflowjs==4.22.0",), 300, (), "ready", "/home/me/.local/share/fulcrum/tfjs/bin/python",
    ),
)  # fmt: skip


def way(
    route: str = "pytorch_onnxruntime",
    title: str = "ONNX → ONNX Runtime",
    *,
    form: ArtefactForm = "float32",
    environments: tuple[str, ...] = (),
    deprecated: str = "",
    heavy: bool = False,
    elsewhere: str = "",
) -> Way:
    """A way; its framework is what its route's id says."""
    side: Framework = "pytorch" if route.startswith("pytorch") or route == "keras_on_pytorch" else "tensorflow"
    plain = form == "float32"
    return Way(
        id=route if plain else f"{route}.{form.replace(' ', '-')}",
        route=route,
        form=form,
        title=title if plain else f"{title}, {form}",
        framework=side,
        environments=environments,
        steps="torch.onnx.export → onnxruntime.InferenceSession" if side == "pytorch" else "model.export → load",
        deprecated=deprecated,
        heavy=heavy,
        elsewhere=elsewhere,
    )


def record(
    found: Way,
    *,
    seconds: float = 0.001,
    bytes_: int = 2 * MB,
    off: float = 1e-7,
    outcome: Outcome = Outcome.OK,
    reason: str = "",
    model: str = "mlp",
    warnings: Sequence[str] = (),
    spread: Sequence[float] = (1.0, 1.01, 0.99),
    runtime_bytes: int = 40 * MB,
    wrong: int = 0,
) -> RouteRecord:
    """How a way ended: ``seconds`` a call at batch 1, ``off`` from the source, ``wrong`` answers of 32 upside down."""
    if outcome is Outcome.UNSUPPORTED:
        return RouteRecord(found, model, outcome, reason)
    exported = Exported(1.5, bytes_, 2, tuple(warnings))
    if outcome is Outcome.CANCELLED or found.elsewhere:
        return RouteRecord(found, model, outcome, reason, exported)
    logits = LOGITS + np.float32(off)
    logits[:wrong] = -logits[:wrong]
    played = Played(
        cold_s=0.8,
        load_s=0.5,
        first_s=0.1,
        answers=pack(logits),
        dynamic_batch=True,
        blocks={"1": tuple(seconds * s for s in spread), "64": tuple(20 * seconds * s for s in spread)},
        peak_bytes=120 * MB,
        runtime_bytes=runtime_bytes,
        versions={"onnxruntime": "1.32.0"},
    )
    return RouteRecord(found, model, outcome, reason, exported, played, group=1)


def records() -> tuple[RouteRecord, ...]:
    """One of each kind of end, on both sides."""
    missing = "Its environment «executorch» was not made yet."
    return (
        record(way("pytorch_eager", "Eager"), seconds=0.0002),
        record(way(), seconds=0.00005),
        record(way(form="int8 dynamic"), seconds=0.00004, bytes_=MB // 2, off=0.002, wrong=1),
        record(
            way("pytorch_torchscript", "TorchScript", deprecated="deprecated; torch.export follows it"),
            seconds=0.00017,
            warnings=("DeprecationWarning: `torch.jit.trace` is deprecated.",),
        ),
        record(
            way("pytorch_executorch", "ExecuTorch, XNNPACK", environments=("executorch",), heavy=True),
            outcome=Outcome.UNSUPPORTED,
            reason=missing,
        ),
        record(way("tensorflow_eager", "Eager"), seconds=0.0096),
        record(way("tensorflow_savedmodel", "SavedModel"), seconds=0.00044, bytes_=4 * MB, runtime_bytes=1400 * MB),
        record(way("tensorflow_litert", "LiteRT"), seconds=0.00003, runtime_bytes=30 * MB),
        record(
            way("tensorflow_onnxruntime", "ONNX → ONNX Runtime"),
            outcome=Outcome.NOT_COMPARABLE,
            reason="The export reported success, but its answers differ from the source's by up to 3.1; "
            "allowed: 0.0001.",
            off=3.1,
        ),
        record(
            way("tensorflow_openvino", "OpenVINO"),
            outcome=Outcome.FAILED,
            reason="RuntimeError: <b>no such op</b>: Erfc",
        ),
        record(way("tensorflow_tfjs", "TF.js", environments=("tfjs",), elsewhere="runs in a browser, not here")),
    )


def run(*found: RouteRecord, models: tuple[str, ...] = ("mlp",)) -> RoutesRun:
    """A run with these records, or with one of each kind."""
    packed = pack(LOGITS)
    references = tuple(
        Reference(
            model, {"width": 256}, "pytorch", "handwritten digits", LABELS, {"pytorch": packed, "tensorflow": packed}
        )
        for model in models
    )
    return RoutesRun(
        MACHINE, RoutesRequest(models=models), references, found or records(), "2026-11-23T09:30:00+00:00", 93.0
    )


def offers() -> tuple[WayAvailability, ...]:
    """All ways of ``run()``, and what each lacks."""
    return tuple(
        WayAvailability(one.way, one.outcome, one.reason)
        if one.outcome is Outcome.UNSUPPORTED
        else WayAvailability(one.way, Outcome.OK)
        for one in records()
    )


def cut_off(found: RoutesRun) -> RoutesRun:
    """As it is when somebody pressed Cancel: the second half was not reached."""
    half = len(found.records) // 2
    lost = tuple(
        replace(one, outcome=Outcome.CANCELLED, reason="The run was cancelled before this was done.", played=None)
        for one in found.records[half:]
    )
    return replace(found, records=(*found.records[:half], *lost))
