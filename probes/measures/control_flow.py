"""A loop that ends when the data say so: what Python does by itself, and a graph has to be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, SingleValue, Subject

if TYPE_CHECKING:
    from probes.contracts import Arrays

CALLS = 200  # clocked, after the first

SPEC = MeasureSpec(
    id="control_flow",
    title="Data-dependent loop",
    question="How long does a call take that halves its input until it is small, a loop whose end only the data know?",
    metric="time per call of a data-dependent loop",
    unit="s",
    better="lower",
    kind="paired",
    tracks={"default": "standard", "eager": "thorough", "tuned": "thorough"},
    group="Shapes and control flow",
    models=("mlp",),
    seconds={"default": 1.0, "eager": 1.0, "tuned": 12.0},
)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: where the loop ends."""
    subject = bench.build(batch=1)
    return {"outputs": subject.read(HALVES[bench.framework](subject)(subject.x * LARGE))}


def measure(bench: Bench) -> SingleValue:
    """Seconds a call once everything is compiled. Inputs differ in size, so that the loops differ in length."""
    subject = bench.build(batch=1)
    loop = subject.compiled(HALVES[bench.framework](subject), whole=False)
    inputs = [subject.x * LARGE * 2.0**n for n in range(4)]
    traces, breaks = subject.traces(), subject.breaks()
    start = bench.clock()
    with subject.uncached():
        for x in inputs:
            subject.read(loop(x))
    first = bench.clock() - start
    compiled = subject.traces() - traces
    start = bench.clock()
    for n in range(CALLS):
        subject.read(loop(inputs[n % len(inputs)]))
    seconds = (bench.clock() - start) / CALLS
    details = {
        "first_four_calls_s": first,
        "compiled": float(compiled),
        "compiled_again": float(subject.traces() - traces - compiled),
        "graph_breaks": float(subject.breaks() - breaks),
    }
    return SingleValue(seconds, details)


LARGE = 2.0**16


def pytorch(subject: Subject) -> Callable[[Any], Any]:  # noqa: ARG001 - the other half needs as little
    """Plain Python."""

    def halve(x: Any) -> Any:
        while x.abs().max() > 1.0:
            x = x * 0.5
        return x

    return halve


def tensorflow(subject: Subject) -> Callable[[Any], Any]:  # noqa: ARG001
    """Plain Python too: in a ``tf.function`` AutoGraph makes a loop of the graph of it."""
    import tensorflow as tf

    def halve(x: Any) -> Any:
        while tf.reduce_max(tf.abs(x)) > 1.0:
            x = x * 0.5
        return x

    return halve


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
