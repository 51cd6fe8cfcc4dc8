"""How a training step scales: the same step with one thread, two, four … and with every core of the machine."""

from __future__ import annotations

from statistics import median

from probes.contracts import Bench, MeasureSpec, SingleValue

BATCH = 64
WARM_UP, STEPS = 20, 101

SPEC = MeasureSpec(
    id="train_step_all_cores",
    title="Training step on all cores",
    question="How long does a training step on a batch of 64 take on every core, and what does each further one bring?",
    metric="time per training step, all cores",
    unit="s",
    better="lower",
    kind="scaled",
    tracks={"careful": "thorough", "default": "thorough"},
    any_model=True,
    group="Growth",
    seconds={"careful": 3.0, "default": 3.0},
    spread=0.2,  # on small shared machines two threads come in two speeds (measured: 18-22 %)
)


def measure(bench: Bench) -> SingleValue:
    """The median of 101 steps after 20 unclocked ones."""
    subject = bench.build(batch=BATCH)
    for _ in range(WARM_UP):
        subject.read(subject.train())
    times = []
    for _ in range(STEPS):
        start = bench.clock()
        subject.read(subject.train())
        times.append(bench.clock() - start)
    return SingleValue(median(times), {})
