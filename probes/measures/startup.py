"""Start-up: from a bare process to the end of the first training step, in every child that starts cold."""

from __future__ import annotations

from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.workloads.cold_start import cold_start

BATCH = 64

SPEC = MeasureSpec(
    id="startup",
    title="Start-up",
    question="How long from a saved change in the network to the first loss: import, build, and first training step?",
    metric="time to the end of the first training step",
    unit="s",
    better="lower",
    kind="cold",
    tracks={"default": "quick", "eager": "thorough", "tuned": "thorough"},
    any_model=True,
    group="Start and compile",
    seconds={"tuned": 30.0},
    spread=0.1,  # 0.077 over 32 degrees of freedom in recorded runs
)


def measure(bench: Bench) -> SingleValue:
    """Import, build and first step, added up."""
    _, parts = cold_start(bench, BATCH)
    return SingleValue(sum(parts.values()), parts)
