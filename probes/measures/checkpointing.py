"""Gradient checkpointing: values are forgotten on the way forward and computed again on the way back."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, SingleValue, Subject

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probes.contracts import Arrays

BLOCKS, WIDTH, INNER, BATCH = 12, 256, 1024, 1024
STEPS = 2

SPEC = MeasureSpec(
    id="checkpointing",
    title="Gradient checkpointing",
    question="How much memory does a gradient through twelve blocks need when each block's values are computed again?",
    metric="memory for a checkpointed gradient",
    unit="B",
    better="lower",
    kind="fresh",
    tracks={"default": "thorough"},
    group="Memory and disk",
    models=("mlp",),
    seconds={"default": 8.0},
    spread=0.15,
)

#: Gradient of the mean square of the output by every block's two kernels, checkpointed or not.
Gradient = Callable[[], Any]


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the gradient by the first block's first kernel, checkpointed and not."""
    subject = bench.build(batch=1)
    half = HALVES[bench.framework]
    kernels, x = _start(bench)
    return {
        f"result/{name}": subject.read(half(subject, kernels, x, checkpointed=checkpointed)()[0])
        for name, checkpointed in (("plain", False), ("checkpointed", True))
    }


def measure(bench: Bench) -> SingleValue:
    """Peak above what the process held before; the smaller, checkpointed one first, so that what it leaves behind hides
    in the other. Steps' times say what the second forward pass costs."""
    subject = bench.build(batch=1)
    kernels, x = _start(bench)
    details: dict[str, float] = {}
    note, before = "", bench.held()
    for name, checkpointed in (("checkpointed", True), ("plain", False)):
        gradient = HALVES[bench.framework](subject, kernels, x, checkpointed=checkpointed)
        gc.collect()
        bench.reset_peak()
        subject.read(gradient()[0])  # traced and allocated
        start = bench.clock()
        for _ in range(STEPS):
            subject.read(gradient()[0])
        details[f"{name}_step_s"] = (bench.clock() - start) / STEPS
        peak, note = bench.peak()
        details[f"{name}_B"] = max(1.0, peak - before)
        del gradient
    return SingleValue(details["checkpointed_B"], details, note)


def _start(bench: Bench) -> tuple[list[NDArray[Any]], NDArray[Any]]:
    import numpy as np

    rng = np.random.default_rng(bench.seed)
    shapes = [(WIDTH, INNER), (INNER, WIDTH)] * BLOCKS
    kernels = [(rng.standard_normal(shape) / shape[0] ** 0.5).astype(np.float32) for shape in shapes]
    return kernels, rng.standard_normal((BATCH, WIDTH)).astype(np.float32)


def pytorch(subject: Subject, kernels: list[NDArray[Any]], x: NDArray[Any], *, checkpointed: bool) -> Gradient:
    """``torch.utils.checkpoint`` around every block."""
    import torch
    from torch.utils.checkpoint import checkpoint

    weights = [torch.tensor(kernel, device=subject.x.device, requires_grad=True) for kernel in kernels]
    placed = torch.from_numpy(x).to(subject.x.device)

    def block(x: Any, first: Any, second: Any) -> Any:
        return x + torch.tanh(torch.nn.functional.gelu(x @ first)) @ second

    def gradient() -> Any:
        y = placed
        for first, second in zip(weights[::2], weights[1::2], strict=True):
            y = checkpoint(block, y, first, second, use_reentrant=False) if checkpointed else block(y, first, second)
        return torch.autograd.grad(y.square().mean(), weights)

    return gradient


def tensorflow(subject: Subject, kernels: list[NDArray[Any]], x: NDArray[Any], *, checkpointed: bool) -> Gradient:
    """``tf.recompute_grad`` around every block."""
    import tensorflow as tf

    weights = [tf.Variable(kernel) for kernel in kernels]
    placed = tf.constant(x)

    def block(x: Any, first: Any, second: Any) -> Any:
        return x + tf.tanh(tf.nn.gelu(x @ first)) @ second

    again = tf.recompute_grad(block) if checkpointed else block

    def gradient() -> Any:
        with tf.GradientTape() as tape:
            y = placed
            for first, second in zip(weights[::2], weights[1::2], strict=True):
                y = again(y, tf.convert_to_tensor(first), tf.convert_to_tensor(second))
            loss = tf.reduce_mean(tf.square(y))
        return tape.gradient(loss, weights)

    step: Gradient = subject.compiled(gradient)
    return step


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
