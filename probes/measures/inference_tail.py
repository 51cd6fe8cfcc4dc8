"""Tail latency: not the usual prediction but the slow ones, which users remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, SingleValue

if TYPE_CHECKING:
    from probes.contracts import Arrays

#: Predictions for one value: 20 of them lie beyond the 99th percentile.
QUERIES = 2_000
WARM_UP = 100
SECONDS = 4.0  # a slow network gets fewer queries; then p99 rests on fewer slow ones

SPEC = MeasureSpec(
    id="inference_tail",
    title="Tail latency",
    question="How long do the slowest of a hundred predictions for a single input take?",
    metric="99th percentile of the time per prediction, batch 1",
    unit="s",
    better="lower",
    kind="paired",
    tracks={"careful": "standard", "default": "thorough"},
    any_model=True,
    trains=False,
    group="Answering",
    seconds={"careful": 3.0, "default": 3.0},
    spread=0.1,  # a few slow predictions decide it, and what slows them comes from outside as well
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the outputs."""
    subject = bench.build(batch=1)
    return {"outputs": subject.read(subject.predict())}


def measure(bench: Bench) -> SingleValue:
    """p50, p95 and p99 of predictions that are read one by one. 2,000, or as many as 4 s take."""
    import numpy as np

    subject = bench.build(batch=1)
    for _ in range(WARM_UP):
        subject.read(subject.predict())
    times: list[float] = []
    end = bench.clock() + SECONDS
    while len(times) < QUERIES and (start := bench.clock()) < end:
        subject.read(subject.predict())
        times.append(bench.clock() - start)
    p50, p95, p99 = (float(value) for value in np.percentile(times, (50, 95, 99)))
    return SingleValue(p99, {"p50_s": p50, "p95_s": p95, "p99_s": p99, "queries": float(len(times))})
