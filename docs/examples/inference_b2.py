"""A measure: latency at batch 2. As ``probes/measures/inference_b2.py`` every network is measured so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, Timed

if TYPE_CHECKING:
    from probes.contracts import Arrays

SPEC = MeasureSpec(
    id="inference_b2",
    title="Inference at batch 2",
    question="How long does a prediction for two inputs take, until its result can be read?",
    metric="time per prediction, batch 2",
    unit="s",
    better="lower",
    kind="timed",
    tracks={"default": "quick"},
    group="Answering",
)


def prepare(bench: Bench) -> Timed:
    """What is repeated between two looks at the clock, and how its last result is waited for."""
    subject = bench.build(batch=2)
    return Timed(subject, lambda: subject.read(subject.predict()), lambda _: None)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on before any clock starts."""
    subject = bench.build(batch=2)
    return {"outputs": subject.read(subject.predict())}
