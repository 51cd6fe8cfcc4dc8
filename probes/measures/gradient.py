"""Automatic differentiation by itself: the gradient of the loss by every weight, without an optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, Subject, Timed, TrainingSettings
from probes.workloads.agreement import dropout

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 64

SPEC = MeasureSpec(
    id="gradient",
    title="Gradient",
    question="How long does the gradient of the loss by every weight take, on a batch of 64 and without an optimiser?",
    metric="time per gradient, batch 64",
    unit="s",
    better="lower",
    kind="timed",
    work=1.5,
    tracks={"default": "standard", "eager": "thorough"},
    group="Automatic differentiation",
    spread=0.03,  # most of a training step, whose spread this is
)


def prepare(bench: Bench) -> Timed:
    """Forward and backward in training mode; the last gradient of a block is read."""
    subject = bench.build(batch=BATCH)
    return Timed(subject, HALVES[bench.framework](subject), lambda gradients: subject.read(gradients[-1]))


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: every gradient, without dropout, whose masks are random; and what dropout does."""
    subject = bench.build(batch=BATCH, settings=TrainingSettings(dropout=0.0))
    gradients = subject.named(HALVES[bench.framework](subject)())
    return {f"result/{name}": gradient for name, gradient in gradients.items()} | dropout(bench, BATCH)


def pytorch(subject: Subject) -> Callable[[], Any]:
    """PyTorch records what happens to the weights and walks the record back."""
    import torch

    network, x, labels = subject.network.train(), subject.x, subject.labels
    weights = [weight for weight in network.parameters() if weight.requires_grad]

    def gradient(x: Any, labels: Any) -> Any:
        return torch.autograd.grad(subject.criterion(network(x), labels), weights)

    step = subject.compiled(gradient)
    return lambda: step(x, labels)


def tensorflow(subject: Subject) -> Callable[[], Any]:
    """TensorFlow records inside a ``GradientTape``. The slices of an embedding are added up, as PyTorch's are."""
    import tensorflow as tf

    network, x, labels = subject.network, subject.x, subject.labels
    weights = network.trainable_variables

    def gradient(x: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = subject.criterion(network(x, training=True), labels)
        return [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, weights)]

    step = subject.compiled(gradient)
    return lambda: step(x, labels)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
