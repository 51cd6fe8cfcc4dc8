"""The graph that each framework captures of a network: what goes in, and what is left when it was optimised.

Counted and drawn are operations; inputs, constants and reading weights are not, on either side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from probes.contracts import Bench, Subject

BATCH = 2


@dataclass(frozen=True, slots=True)
class Node:
    """An operation; ``inputs`` are names of operations before it."""

    name: str
    op: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """What one framework captured for inference."""

    nodes: tuple[Node, ...]
    optimised: int  # operations that are left
    by: str  # who optimised, and what an operation is to it


def capture(bench: Bench) -> dict[str, Any]:
    """The child's graph as JSON types."""
    return asdict(HALVES[bench.framework](bench.build(batch=BATCH)))


def read(told: dict[str, Any]) -> Graph:
    """What ``capture`` gave, back from JSON."""
    nodes = tuple(Node(node["name"], node["op"], tuple(node["inputs"])) for node in told["nodes"])
    return Graph(nodes, told["optimised"], told["by"])


def pytorch(subject: Subject) -> Graph:
    """The FX graph that Dynamo captures, and the kernels that Inductor writes and calls for it."""
    import torch
    from torch._inductor import metrics

    captured: list[Any] = []

    def keep(module: Any, inputs: Any) -> Any:  # noqa: ARG001 - a backend's signature
        captured.append(module.graph)
        return module.forward

    torch.compile(subject.infer, backend=keep, fullgraph=True)(subject.x)
    torch._dynamo.reset()
    metrics.reset()
    torch._dynamo.utils.counters.clear()
    with subject.uncached():
        subject.compiled(subject.infer)(subject.x)
    calls = int(torch._dynamo.utils.counters["inductor"]["extern_calls"])
    called = ("call_function", "call_method", "call_module")
    nodes = [
        (
            node.name,
            getattr(node.target, "__name__", str(node.target)),
            [before.name for before in node.all_input_nodes],
        )
        for node in captured[0].nodes
        if node.op in called and getattr(node.target, "__name__", "") != "_set_grad_enabled"
    ]
    return Graph(_among(nodes), metrics.generated_kernel_count + calls, "kernels that Inductor writes or calls")


def tensorflow(subject: Subject) -> Graph:
    """The concrete function that is traced, and the same after Grappler."""
    import tensorflow as tf
    from tensorflow.python.eager import context

    passive = {"Const", "Placeholder", "ReadVariableOp", "Identity", "NoOp", "StopGradient", "_Arg", "_Retval"}
    function = tf.function(subject.infer)
    operations = function.get_concrete_function(subject.x).graph.get_operations()
    context.context().enable_graph_collection()
    try:
        function(subject.x)
        [function_graph] = context.context().export_run_metadata().function_graphs
    finally:
        context.context().disable_graph_collection()
    nodes = [
        (operation.name, operation.type, [source.op.name for source in operation.inputs])
        for operation in operations
        if operation.type not in passive
    ]
    optimised = sum(node.op not in passive for node in function_graph.post_optimization_graph.node)
    return Graph(_among(nodes), optimised, "operations that Grappler leaves")


HALVES = {"pytorch": pytorch, "tensorflow": tensorflow}


def _among(nodes: Iterable[tuple[str, str, list[str]]]) -> tuple[Node, ...]:
    """With inputs that are among the nodes themselves."""
    listed = list(nodes)
    names = {name for name, _, _ in listed}
    return tuple(
        Node(name, op, tuple(dict.fromkeys(source for source in inputs if source in names)))
        for name, op, inputs in listed
    )
