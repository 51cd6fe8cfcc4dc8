"""Latency: how long one prediction for one input takes until its result can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, Timed

if TYPE_CHECKING:
    from probes.contracts import Arrays

SPEC = MeasureSpec(
    id="inference_b1",
    title="Inference latency",
    question="How long does a prediction for a single input take, until its result can be read?",
    metric="time per prediction, batch 1",
    unit="s",
    better="lower",
    kind="timed",
    work=0.2,
    tracks={
        "careful": "quick",
        "default": "standard",
        "tuned": "standard",
        "eager": "quick",
        "plain": "thorough",
        "graph": "thorough",
    },
    any_model=True,
    trains=False,
    group="Answering",
)


def prepare(bench: Bench) -> Timed:
    """Each prediction is read: one waits for the answer before asking the next question."""
    subject = bench.build(batch=1)
    return Timed(subject, lambda: subject.read(subject.predict()), lambda _: None)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the outputs."""
    subject = bench.build(batch=1)
    return {"outputs": subject.read(subject.predict())}
