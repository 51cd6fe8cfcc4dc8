"""Inputs of changing shape: what a stream of different lengths costs a framework that compiles for shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, SingleValue, Subject, UnsupportedError

if TYPE_CHECKING:
    from probes.contracts import Arrays

LENGTHS = 12  # different ones
BATCH = 16


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the outputs for the shortest and the longest inputs."""
    subject = bench.build(batch=BATCH)
    placed = _stream(bench, subject)
    return {
        f"result/{name}": subject.read(subject.infer(x)) for name, x in (("short", placed[0]), ("long", placed[-1]))
    }


def run(bench: Bench, *, relaxed: bool) -> SingleValue:
    """Seconds for the stream, first pass: what was compiled on the way included.

    ``second_pass_s`` is what the same lengths cost when all of them are known; ``compiled`` counts traces or graphs.
    """
    subject = bench.build(batch=BATCH)
    placed = _stream(bench, subject)
    infer = subject.compiled(subject.infer, relaxed=relaxed, whole=False)
    traces, breaks = subject.traces(), subject.breaks()
    with subject.uncached():
        first = _pass(bench, subject, infer, placed)
    compiled, broken = subject.traces() - traces, subject.breaks() - breaks
    second = _pass(bench, subject, infer, placed)
    details = {
        "first_pass_s": first,
        "second_pass_s": second,
        "cost_a_new_length_s": max(0.0, first - second) / LENGTHS,
        "compiled": float(compiled),
        "compiled_again": float(subject.traces() - traces - compiled),
        "graph_breaks": float(broken),
    }
    return SingleValue(first, details)


def _pass(bench: Bench, subject: Subject, infer: Any, placed: list[Any]) -> float:
    start = bench.clock()
    for x in placed:
        subject.read(infer(x))
    return bench.clock() - start


def _stream(bench: Bench, subject: Subject) -> list[Any]:
    """One batch each of 12 lengths, the longest being the run's. A model's size ``length`` is what changes."""
    import numpy as np

    longest = bench.sizes["length"]
    if longest < LENGTHS:
        raise UnsupportedError(f"a stream of {LENGTHS} lengths needs sequences of at least {LENGTHS}: choose a longer")
    rng = np.random.default_rng(bench.seed)
    lengths = range(longest - LENGTHS + 1, longest + 1)
    batches = [bench.inputs(rng, {**bench.sizes, "length": length}, BATCH) for length in lengths]
    return [subject.place(x, labels)[0] for x, labels in batches]
