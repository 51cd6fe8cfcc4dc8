"""Peak memory of a process that trains, in a child that has done nothing else."""

from __future__ import annotations

from probes.contracts import Bench, MeasureSpec, SingleValue
from probes.workloads.cold_start import cold_start

BATCH = 64
STEPS = 20

SPEC = MeasureSpec(
    id="memory_peak",
    title="Peak memory",
    question="How much memory does a training process need at its peak, the framework itself included?",
    metric="peak memory while training",
    unit="B",
    better="lower",
    kind="cold",
    tracks={"default": "quick"},
    any_model=True,
    group="Memory and disk",
)


def measure(bench: Bench) -> SingleValue:
    """The peak of 20 steps after the first one, which also traces and allocates the optimiser's state."""
    subject, parts = cold_start(bench, BATCH)
    bench.reset_peak()
    for _ in range(STEPS):
        loss = subject.train()
    subject.read(loss)
    peak, note = bench.peak()
    return SingleValue(peak, parts, note)
