"""What a training step takes in energy, by the hardware's own counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.contracts import Bench, MeasureSpec, SingleValue, UnsupportedError
from probes.system import energy
from probes.system.nvml import UnreadableError
from probes.workloads.agreement import trained

if TYPE_CHECKING:
    from probes.contracts import Arrays, Subject

BATCH = 64  # as in a training step

#: Counters move a thousand times a second at most, a GPU's ten times: so long that a reading's grain is below 3 %.
SECONDS, WARMUP = 4.0, 1.0
LOOK = 0.1  # seconds between two looks at the clock

SPEC = MeasureSpec(
    id="energy_train_step",
    title="Energy of a training step",
    question="How much energy does a step of training take, of the whole processor or of the GPU?",
    metric="energy per training step",
    unit="J",
    better="lower",
    kind="fresh",
    tracks={"careful": "thorough"},
    any_model=True,
    group="Training",
    packages=("nvidia-ml-py",),
    seconds={"careful": 2 * (SECONDS + WARMUP)},
    spread=0.1,  # a judgement: nobody has recorded it on several machines yet
)


def why_not() -> str:
    """Why no counter can be read here; "" where one can."""
    return energy.why_not()


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: all of training."""
    return trained(bench, BATCH)


def measure(bench: Bench) -> SingleValue:
    """Joules a step, over four seconds of steps after one that isn't counted. What else runs on the same package is
    counted too, the other side's idle process among it."""
    subject = bench.build(batch=BATCH)
    _, step = _steps(bench, subject, WARMUP, 1)
    try:
        with energy.meter(bench.device) as joules:
            before = joules()
            done, step = _steps(bench, subject, SECONDS, max(1, round(LOOK / step)))
            taken = joules() - before
    except UnreadableError as error:
        raise UnsupportedError(f"Not measurable here: {error}.") from error
    return SingleValue(taken / done, {"power_W": taken / (done * step), "step_s": step})


def _steps(bench: Bench, subject: Subject, limit: float, at_once: int) -> tuple[int, float]:
    """How many steps were done until ``limit`` seconds were over, and seconds a step."""
    done, start = 0, bench.clock()
    while bench.clock() - start < limit or not done:
        for _ in range(at_once):
            loss = subject.train()
        subject.read(loss)
        done += at_once
    return done, (bench.clock() - start) / done
