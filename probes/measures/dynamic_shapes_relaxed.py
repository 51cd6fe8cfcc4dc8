"""Changing shapes, announced: ``dynamic=True`` on one side, relaxed signatures on the other."""

from __future__ import annotations

from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.workloads import streams

SPEC = MeasureSpec(
    id="dynamic_shapes_relaxed",
    title="Changing lengths, prepared for",
    question="How long do 12 batches of 12 lengths take if the framework is told beforehand that shapes will change?",
    metric="time for 12 batches of new lengths",
    unit="s",
    better="lower",
    kind="paired",
    tracks={"default": "thorough", "tuned": "thorough"},
    group="Shapes and control flow",
    sizes=("length",),
    seconds={"default": 5.0, "tuned": 60.0},
)

check = streams.check


def measure(bench: Bench) -> SingleValue:
    """The first pass over the stream; how often something was compiled, and a second pass, are among the details."""
    return streams.run(bench, relaxed=True)
