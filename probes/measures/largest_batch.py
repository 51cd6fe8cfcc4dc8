"""The largest batch that trains within a given memory: what the slope of the memory comes to in the end."""

from __future__ import annotations

import sys
from pathlib import Path

from probes.contracts import Bench, MeasureSpec, UnsupportedError

#: Bytes that a process may have on top of what it holds after steps with the fewest samples.
ROOM = 512 * 2**20
STEPS = 2

SPEC = MeasureSpec(
    id="largest_batch",
    title="Largest batch",
    question="How many samples can a batch have when training gets 512 MiB on top of what it needs for two?",
    metric="largest batch within 512 MiB",
    unit="samples",
    better="higher",
    kind="search",
    tracks={"default": "thorough"},
    any_model=True,
    group="Growth",
    models=("mlp", "transformer"),
    seconds={"default": 50.0},
    spread=0.15,  # 16 % was seen; it is found to within 10 %
)


def attempt(bench: Bench, batch: int) -> float:
    """Train with ``batch`` samples; bytes of private memory the process then has. What doesn't fit raises, or dies."""
    if sys.platform != "linux" or bench.device != "cpu":
        raise UnsupportedError("a process' memory can be limited so on Linux only, and not a GPU's")
    subject = bench.build(batch=batch)
    for _ in range(STEPS):
        subject.read(subject.train())
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:"))
