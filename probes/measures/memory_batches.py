"""How memory grows with the batch: the slope says which batch still fits."""

from __future__ import annotations

import gc

from probes.contracts import Bench, MeasureSpec, SingleValue

BATCHES = (16, 64, 256)
STEPS = 3

SPEC = MeasureSpec(
    id="memory_batches",
    title="Memory over batch size",
    question="How does the peak of a training step grow with the batch, from 16 over 64 to 256 samples?",
    metric="peak memory while training, batch 256",
    unit="B",
    better="lower",
    kind="fresh",
    tracks={"default": "thorough"},
    any_model=True,
    group="Growth",
    seconds={"default": 5.0},
)


def measure(bench: Bench) -> SingleValue:
    """Peaks of three steps each, the smallest batch first, so that what one leaves behind hides in the next."""
    peaks: dict[str, float] = {}
    note = ""
    for batch in BATCHES:
        subject = bench.build(batch=batch)
        bench.reset_peak()
        for _ in range(STEPS):
            subject.read(subject.train())
        peaks[f"batch_{batch}"], note = bench.peak()
        del subject
        gc.collect()
    return SingleValue(peaks[f"batch_{BATCHES[-1]}"], peaks, note)
