"""How the ratio of training steps changes as the network grows."""

from __future__ import annotations

from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.workloads.stepping import middle_step

SPEC = MeasureSpec(
    id="train_step_sizes",
    title="Training step over three sizes",
    question="How long does a training step take as the network grows to 8 times its weights and beyond?",
    metric="time per training step, largest size",
    unit="s",
    better="lower",
    kind="sized",
    tracks={"careful": "thorough"},
    group="Growth",
    seconds={"careful": 6.0},
    spread=0.05,  # one process a size: nothing is known of its scatter at large sizes
)


def measure(bench: Bench) -> SingleValue:
    """The median of single steps after unclocked ones, at the sizes of this child."""
    subject = bench.build(batch=64)
    return middle_step(bench, lambda: subject.read(subject.train()))
