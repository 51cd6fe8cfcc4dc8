"""How exactly a framework calculates: float32 against its own float64, and whether two runs are bit for bit alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, SingleValue, TrainingSettings

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 64
STEPS = 10
EXACT = 1e-12  # a relative error below it isn't float32's

SPEC = MeasureSpec(
    id="float32_error",
    title="Rounding error",
    question="How far are outputs in float32 from those in float64, and do two runs from one seed end alike?",
    metric="error of the outputs in float32, relative to float64",
    unit="relative",
    better="lower",
    kind="paired",
    tracks={"default": "thorough"},
    group="Numerics",
    seconds={"default": 4.0},
    spread=0.1,
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the outputs."""
    subject = bench.build(batch=BATCH)
    return {"outputs": subject.read(subject.predict())}


def measure(bench: Bench) -> SingleValue:
    """Euclidean distance of the outputs over their length; ``identical_runs`` is 1 if ten steps, taken twice from the
    same start without dropout, leave the same bits in every weight."""
    import numpy as np

    single, double = (
        subject.read(subject.predict()).astype(np.float64)
        for subject in (
            bench.build(batch=BATCH),
            bench.build(batch=BATCH, settings=TrainingSettings(precision="float64")),
        )
    )
    error = float(np.linalg.norm(single - double) / np.linalg.norm(double))
    first, second = _trained(bench), _trained(bench)
    identical = all(np.array_equal(first[name], second[name]) for name in first)
    return SingleValue(max(EXACT, error), {"identical_runs": float(identical)})


def _trained(bench: Bench) -> Arrays:
    subject = bench.build(batch=BATCH, settings=TrainingSettings(dropout=0.0))
    for _ in range(STEPS):
        subject.read(subject.train())
    return subject.weights()
