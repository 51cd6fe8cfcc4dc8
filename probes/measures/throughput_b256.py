"""Throughput: how many samples a second inference manages in batches of 256."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, Timed

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 256

SPEC = MeasureSpec(
    id="throughput_b256",
    title="Inference throughput",
    question="How many samples a second does inference manage in batches of 256?",
    metric="samples per second, batch 256",
    unit="samples/s",
    better="higher",
    kind="timed",
    tracks={
        "careful": "quick",
        "default": "standard",
        "tuned": "standard",
        "eager": "thorough",
        "plain": "thorough",
        "graph": "thorough",
    },
    any_model=True,
    trains=False,
    group="Answering",
    samples_per_step=BATCH,
)


def prepare(bench: Bench) -> Timed:
    """Batches follow each other; the last one of a block is read."""
    subject = bench.build(batch=BATCH)
    return Timed(subject, subject.predict, subject.read)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the outputs."""
    subject = bench.build(batch=BATCH)
    return {"outputs": subject.read(subject.predict())}
