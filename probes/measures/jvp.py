"""Forward mode: how the outputs change along one direction in the space of the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from probes.contracts import Bench, MeasureSpec, Subject, Timed

if TYPE_CHECKING:
    from probes.contracts import Arrays

BATCH = 64

SPEC = MeasureSpec(
    id="jvp",
    title="Jacobian–vector product",
    question="How long does a derivative along one direction take, by forward-mode differentiation on a batch of 64?",
    metric="time per Jacobian–vector product, batch 64",
    unit="s",
    better="lower",
    kind="timed",
    work=1.5,
    tracks={"default": "thorough"},
    group="Automatic differentiation",
)


def prepare(bench: Bench) -> Timed:
    """The direction is the weights themselves, so that it is the same on both sides."""
    subject = bench.build(batch=BATCH)
    return Timed(subject, HALVES[bench.framework](subject), subject.read)


def check(bench: Bench) -> Arrays:
    """What both sides must agree on: the change of every output."""
    subject = bench.build(batch=BATCH)
    return {"result/outputs": subject.read(HALVES[bench.framework](subject)())}


def pytorch(subject: Subject) -> Callable[[], Any]:
    """Through ``torch.func``: the module is a function of its parameters."""
    from torch.func import functional_call, jvp

    network, x = subject.network.eval(), subject.x
    weights = {name: weight.detach() for name, weight in network.named_parameters()}

    def product(x: Any) -> Any:
        _, change = jvp(lambda changed: functional_call(network, changed, (x,)), (weights,), (weights,))
        return change

    step = subject.compiled(product)
    return lambda: step(x)


def tensorflow(subject: Subject) -> Callable[[], Any]:
    """Through a ``ForwardAccumulator`` over the variables."""
    import tensorflow as tf

    network, x = subject.network, subject.x
    weights = network.trainable_variables

    def product(x: Any) -> Any:
        direction = [tf.convert_to_tensor(weight) for weight in weights]
        with tf.autodiff.ForwardAccumulator([weight.value for weight in weights], direction) as forward:
            logits = network(x, training=False)
        return forward.jvp(logits)

    step = subject.compiled(product)
    return lambda: step(x)


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}
