"""Mixed precision: weights stay float32, what is multiplied is bfloat16."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, Timed, TrainingSettings, UnsupportedError
from probes.workloads.agreement import in_bfloat16, trained

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 64

SPEC = MeasureSpec(
    id="train_step_bf16",
    title="Training step in bfloat16",
    question="How long does a training step on a batch of 64 take in mixed precision, where the hardware has bfloat16?",
    metric="time per training step, mixed bfloat16",
    unit="s",
    better="lower",
    kind="timed",
    work=2.0,
    tracks={"careful": "thorough", "default": "thorough"},
    any_model=True,
    group="Training",
    spread=0.03,  # as of the step in float32
)


def prepare(bench: Bench) -> Timed:
    """As the step in float32, under PyTorch's ``autocast`` and Keras' policy ``mixed_bfloat16``."""
    _need_bfloat16(bench.device)
    subject = bench.build(batch=BATCH, settings=TrainingSettings(precision="bfloat16"))
    return Timed(subject, subject.train, subject.read)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: all of training in float32, as exactly as that allows; then outputs and a step in
    bfloat16, where two right answers differ by 1 %."""
    _need_bfloat16(bench.device)
    return {**trained(bench, BATCH), **in_bfloat16(bench, BATCH)}


def _need_bfloat16(device: str) -> None:
    """Raise UnsupportedError on a CPU that would only emulate it. GPUs that both frameworks support have it."""
    cpuinfo = Path("/proc/cpuinfo")
    if device != "cpu" or not cpuinfo.exists():
        return
    flags = set(cpuinfo.read_text(encoding="ascii", errors="replace").split())
    if not flags & {"avx512_bf16", "amx_bf16", "bf16"}:
        raise UnsupportedError(
            "this CPU has no bfloat16 instructions: emulating them would say nothing of the frameworks"
        )
