"""What compiling costs, and what a step gains by it: the two numbers that decide when it pays."""

from __future__ import annotations

from statistics import median

from probes.contracts import Bench, MeasureSpec, SingleValue, Subject

BATCH = 64
WARM_UP, STEPS = 5, 31

SPEC = MeasureSpec(
    id="compile_cost",
    title="Compiling",
    question="How long until the first compiled training step is done, with nothing kept from earlier runs?",
    metric="time to the first compiled training step",
    unit="s",
    better="lower",
    kind="fresh",
    tracks={"tuned": "thorough"},
    any_model=True,
    group="Start and compile",
    seconds={"tuned": 60.0},
    spread=0.05,
)


def measure(bench: Bench) -> SingleValue:
    """Build and first step in the tuned mode, and the steps before and after: what is paid and what is gained.

    ``plain_step_s`` is a step in the default mode, ``plain_first_s`` its build and first step; the compiled ones are
    named alike. Compiling pays after (compiled_first − plain_first) / (plain_step − compiled_step) steps.
    """
    start = bench.clock()
    plain = bench.build(batch=BATCH, track="default")
    plain.read(plain.train())
    plain_first = bench.clock() - start
    plain_step = _step(bench, plain)
    start = bench.clock()
    compiled = bench.build(batch=BATCH)
    with compiled.uncached():
        compiled.read(compiled.train())
    compiled_first = bench.clock() - start
    details = {
        "plain_first_s": plain_first,
        "plain_step_s": plain_step,
        "compiled_first_s": compiled_first,
        "compiled_step_s": _step(bench, compiled),
    }
    return SingleValue(compiled_first, details)


def _step(bench: Bench, subject: Subject) -> float:
    for _ in range(WARM_UP):
        subject.read(subject.train())
    times = []
    for _ in range(STEPS):
        start = bench.clock()
        subject.read(subject.train())
        times.append(bench.clock() - start)
    return median(times)
