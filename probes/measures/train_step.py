"""How long one training step takes, on a batch that is already on the device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, Timed
from probes.workloads.agreement import trained

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 64

SPEC = MeasureSpec(
    id="train_step",
    title="Training step",
    question="How long does one step of training take: forward, backward, clipping and AdamW on a batch of 64?",
    metric="time per training step",
    unit="s",
    better="lower",
    kind="timed",
    work=2.0,
    tracks={
        "careful": "quick",
        "default": "standard",
        "tuned": "standard",
        "eager": "thorough",
        "plain": "thorough",
        "graph": "thorough",
    },
    any_model=True,
    group="Training",
    # Identical sides of PyTorch in eleven fresh pairs: 1.3 % (docs/measurements); twice that for other machines.
    spread=0.03,
)


def prepare(bench: Bench) -> Timed:
    """The step with dropout on. The loss is read once a block, not at every step, on both sides."""
    subject = bench.build(batch=BATCH)
    return Timed(subject, subject.train, subject.read)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: outputs, losses, what steps change, and what dropout does."""
    return trained(bench, BATCH)
