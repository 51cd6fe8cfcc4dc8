"""Throughput in small batches, as a server forms them from what comes in meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, Timed

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 32

SPEC = MeasureSpec(
    id="inference_b32",
    title="Inference in small batches",
    question="How many samples a second does inference manage in batches of 32?",
    metric="samples per second, batch 32",
    unit="samples/s",
    better="higher",
    kind="timed",
    work=0.5,
    tracks={"careful": "standard", "default": "thorough", "tuned": "thorough"},
    any_model=True,
    trains=False,
    group="Answering",
    samples_per_step=BATCH,
)


def prepare(bench: Bench) -> Timed:
    """Each batch is read: somebody waits for it."""
    subject = bench.build(batch=BATCH)
    return Timed(subject, lambda: subject.read(subject.predict()), lambda _: None)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the outputs."""
    subject = bench.build(batch=BATCH)
    return {"outputs": subject.read(subject.predict())}
