"""A mistake on purpose: how soon a framework says that two shapes don't fit, and whether it names the line."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, SingleValue, Subject

if TYPE_CHECKING:
    from probes.contracts import Arrays

SPEC = MeasureSpec(
    id="shape_error",
    title="A shape that doesn't fit",
    question="How long until the message when two matrices don't fit, and does it name the line that multiplies them?",
    metric="time to the message",
    unit="s",
    better="lower",
    kind="paired",
    tracks={"default": "standard", "eager": "thorough", "tuned": "thorough"},
    group="Shapes and control flow",
    models=("mlp",),
    seconds={"default": 0.5, "eager": 0.5, "tuned": 3.0},
    spread=0.2,
)

WRONG = "return h @"  # how the line begins that fails, in both halves


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: what comes out where the shapes do fit."""
    subject = bench.build(batch=2)
    return {"outputs": subject.read(HALVES[bench.framework](subject)(subject.x[:, :3], subject.x[:, :3]))}


def measure(bench: Bench) -> SingleValue:
    """Seconds from the call to the exception; what a process loads for its first one isn't counted. ``names_line`` is 1
    if its text or traceback shows the line's code."""
    subject = bench.build(batch=2)
    _failed(bench, subject)
    seconds, shown = _failed(bench, subject)
    return SingleValue(seconds, {"names_line": float(WRONG in shown), "lines": float(shown.count("\n"))})


def _failed(bench: Bench, subject: Subject) -> tuple[float, str]:
    """Seconds until the message, and all that a user sees of it. Compiled anew each time, as after an edit."""
    forward = subject.compiled(HALVES[bench.framework](subject))
    good, bad = subject.x[:, :3], subject.x[:, :2]
    start = bench.clock()
    try:
        subject.read(forward(good, bad))
    except Exception as error:
        return bench.clock() - start, "".join(traceback.format_exception(error))
    raise RuntimeError("two shapes that don't fit were taken without an error")


def pytorch(subject: Subject) -> Callable[[Any, Any], Any]:  # noqa: ARG001 - neither half needs more than its inputs
    """Two products in a row; the second one's matrix is the caller's."""
    import torch

    def forward(first: Any, second: Any) -> Any:
        h = torch.relu(first.T @ first)
        return h @ second.T

    return forward


def tensorflow(subject: Subject) -> Callable[[Any, Any], Any]:  # noqa: ARG001
    """Two products in a row; the second one's matrix is the caller's."""
    import tensorflow as tf

    def forward(first: Any, second: Any) -> Any:
        h = tf.nn.relu(tf.transpose(first) @ first)
        return h @ tf.transpose(second)

    return forward


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
