"""Per-sample gradients: one gradient for each sample of a batch, as private and influence-aware training needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, Subject, Timed

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 16

SPEC = MeasureSpec(
    id="per_sample_gradients",
    title="Per-sample gradients",
    question="How long do 16 gradients of 16 single samples take, vectorised by the framework?",
    metric="time per 16 per-sample gradients",
    unit="s",
    better="lower",
    kind="timed",
    work=2.0,
    tracks={"default": "thorough"},
    group="Automatic differentiation",
)


def prepare(bench: Bench) -> Timed:
    """All gradients of a batch at once; the last one of a block is read."""
    subject = bench.build(batch=BATCH)
    return Timed(subject, HALVES[bench.framework](subject), lambda gradients: subject.read(gradients[-1]))


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the sum over the samples, by weight, and how long each gradient is."""
    import numpy as np

    subject = bench.build(batch=BATCH)
    gradients = HALVES[bench.framework](subject)()
    sums = subject.named([gradient[0] + sum(gradient[n] for n in range(1, BATCH)) for gradient in gradients])
    squares = sum(np.square(subject.read(gradient)).reshape(BATCH, -1).sum(1) for gradient in gradients)
    return {f"result/{name}": total for name, total in sums.items()} | {"result/lengths": np.sqrt(squares)}


def pytorch(subject: Subject) -> Callable[[], Any]:
    """``vmap`` over ``grad``: the module is a function of its parameters and of one sample."""
    from torch.func import functional_call, grad, vmap

    network, x, labels = subject.network.eval(), subject.x, subject.labels
    weights = {name: weight.detach() for name, weight in network.named_parameters() if weight.requires_grad}

    def loss(changed: Any, sample: Any, label: Any) -> Any:
        logits = functional_call(network, changed, (sample.unsqueeze(0),))
        return subject.criterion(logits, label.unsqueeze(0))

    def gradients(x: Any, labels: Any) -> Any:
        return list(vmap(grad(loss), in_dims=(None, 0, 0))(weights, x, labels).values())

    step = subject.compiled(gradients)
    return lambda: step(x, labels)


def tensorflow(subject: Subject) -> Callable[[], Any]:
    """``vectorized_map`` over a ``GradientTape`` of one sample."""
    import tensorflow as tf

    network, x, labels = subject.network, subject.x, subject.labels
    weights = network.trainable_variables

    def gradient(sample: Any) -> Any:
        x, label = sample
        with tf.GradientTape() as tape:
            loss = subject.criterion(network(x[None], training=False), label[None])
        return [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, weights)]

    def gradients(x: Any, labels: Any) -> Any:
        return tf.vectorized_map(gradient, (x, labels))

    step = subject.compiled(gradients)
    return lambda: step(x, labels)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
