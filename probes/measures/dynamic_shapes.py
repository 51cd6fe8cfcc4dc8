"""Changing shapes, the way a framework takes them by default: it may compile anew for each."""

from __future__ import annotations

from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.workloads import streams

SPEC = MeasureSpec(
    id="dynamic_shapes",
    title="Changing lengths",
    question="How long do 12 batches of 12 different lengths take, everything compiled on the way included?",
    metric="time for 12 batches of new lengths",
    unit="s",
    better="lower",
    kind="paired",
    tracks={"default": "standard", "tuned": "thorough"},
    group="Shapes and control flow",
    sizes=("length",),
    seconds={"default": 5.0, "tuned": 60.0},
)

check = streams.check


def measure(bench: Bench) -> SingleValue:
    """The first pass over the stream; how often something was compiled, and a second pass, are among the details."""
    return streams.run(bench, relaxed=False)
