"""Graphs as DOT."""

from __future__ import annotations

import pytest

from advisor.output.charts.graphs import MOST, dot, most_frequent
from probes.workloads.graphs import Graph, Node, read

CHAIN = Graph((Node("a", "linear", ()), Node("b", "gelu", ("a",)), Node("c", "linear", ("a", "b"))), 2, "kernels")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_operation_is_a_box_and_every_use_an_arrow(theme: str) -> None:
    text = dot(CHAIN, theme)
    assert text.count("[label=") == 3
    assert [line.strip(";") for line in text.splitlines() if "->" in line] == ["n0 -> n1", "n0 -> n2", "n1 -> n2"]
    assert text.startswith("digraph {")


def test_names_of_operations_cannot_break_out() -> None:
    text = dot(Graph((Node("a", 'x"] ; evil [label="', ()),), 1, ""), "light")
    assert 'label="x\\"] ; evil [label=\\""' in text


def test_a_wall_of_boxes_is_refused() -> None:
    nodes = tuple(Node(str(n), "add", ()) for n in range(MOST + 1))
    with pytest.raises(ValueError, match=f"allowed: {MOST}"):
        dot(Graph(nodes, 1, ""), "light")


def test_what_occurs_most_comes_first() -> None:
    assert most_frequent(CHAIN) == (("linear", 2), ("gelu", 1))


def test_a_graph_survives_its_way_out_of_the_child() -> None:
    told = {"nodes": [{"name": "a", "op": "add", "inputs": ["b"]}], "optimised": 1, "by": "x"}
    assert read(told) == Graph((Node("a", "add", ("b",)),), 1, "x")
