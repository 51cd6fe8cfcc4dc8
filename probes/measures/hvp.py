"""Second derivatives: the Hessian of the loss times one direction in the space of the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, Subject, Timed

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 64

SPEC = MeasureSpec(
    id="hvp",
    title="Hessian–vector product",
    question="How long does the Hessian of the loss times one direction take, forward over reverse on a batch of 64?",
    metric="time per Hessian–vector product, batch 64",
    unit="s",
    better="lower",
    kind="timed",
    work=2.0,
    tracks={"default": "thorough"},
    group="Automatic differentiation",
)


def prepare(bench: Bench) -> Timed:
    """The direction is the weights themselves, so that it is the same on both sides."""
    subject = bench.build(batch=BATCH)
    return Timed(subject, HALVES[bench.framework](subject), lambda products: subject.read(products[-1]))


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the product, by weight."""
    subject = bench.build(batch=BATCH)
    products = subject.named(HALVES[bench.framework](subject)())
    return {f"result/{name}": product for name, product in products.items()}


def pytorch(subject: Subject) -> Callable[[], Any]:
    """Forward mode over the gradient, as PyTorch's own documentation advises."""
    from torch.func import functional_call, grad, jvp

    network, x, labels = subject.network.eval(), subject.x, subject.labels
    weights = {name: weight.detach() for name, weight in network.named_parameters() if weight.requires_grad}

    def product(x: Any, labels: Any) -> Any:
        def loss(changed: Any) -> Any:
            return subject.criterion(functional_call(network, changed, (x,)), labels)

        _, change = jvp(grad(loss), (weights,), (weights,))
        return list(change.values())

    step = subject.compiled(product)
    return lambda: step(x, labels)


def tensorflow(subject: Subject) -> Callable[[], Any]:
    """A ``ForwardAccumulator`` over a ``GradientTape``, as TensorFlow's own documentation advises."""
    import tensorflow as tf

    network, x, labels = subject.network, subject.x, subject.labels
    weights = network.trainable_variables

    def product(x: Any, labels: Any) -> Any:
        direction = [tf.convert_to_tensor(weight) for weight in weights]
        with tf.autodiff.ForwardAccumulator([weight.value for weight in weights], direction) as forward:
            with tf.GradientTape() as tape:
                loss = subject.criterion(network(x, training=False), labels)
            gradients = [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, weights)]
        return forward.jvp(gradients)

    step = subject.compiled(product)
    return lambda: step(x, labels)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
