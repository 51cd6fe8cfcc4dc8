"""What a process still holds when its network is gone."""

from __future__ import annotations

import gc

from probes.contracts import Bench, MeasureSpec, SingleValue

BATCH = 256
STEPS = 5
PAGE = 4096.0  # bytes: a process that gave everything back still counts as holding something

SPEC = MeasureSpec(
    id="memory_given_back",
    title="Memory that stays",
    question="How much memory does a process keep after the network it trained was deleted?",
    metric="memory kept after deletion",
    unit="B",
    better="lower",
    kind="fresh",
    tracks={"default": "thorough"},
    any_model=True,
    group="Memory and disk",
    seconds={"default": 3.0},
    spread=0.1,
)


def measure(bench: Bench) -> SingleValue:
    """Bytes held after the network is gone, above those before it was built; what libraries load late is among them."""
    before = bench.held()
    subject = bench.build(batch=BATCH)
    for _ in range(STEPS):
        subject.read(subject.train())
    alive = bench.held() - before
    del subject
    gc.collect()
    kept = bench.held() - before
    return SingleValue(max(PAGE, kept), {"while_alive_B": alive, "given_back_B": alive - kept})
