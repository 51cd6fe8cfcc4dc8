"""A captured graph as text in Graphviz' DOT, which the browser lays out."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.output.charts.palette import Theme
from probes.workloads.graphs import Graph

#: More operations than this are a wall of boxes, and take the browser seconds.
MOST = 150
_INK: Mapping[Theme, tuple[str, str]] = {"light": ("#1f2933", "#6b7785"), "dark": ("#e6e9ee", "#9aa5b1")}


def dot(graph: Graph, theme: Theme) -> str:
    """The graph from top to bottom, an operation a box. Raises ValueError for more than ``MOST`` operations."""
    if len(graph.nodes) > MOST:
        raise ValueError(f"{len(graph.nodes)} operations; allowed: {MOST}")
    ink, line = _INK[theme]
    numbers = {node.name: index for index, node in enumerate(graph.nodes)}
    boxes = [f'n{numbers[node.name]} [label="{_quoted(node.op)}"]' for node in graph.nodes]
    arrows = [f"n{numbers[source]} -> n{numbers[node.name]}" for node in graph.nodes for source in node.inputs]
    style = (
        'bgcolor="transparent" rankdir="TB" nodesep="0.15" ranksep="0.25"',
        f'node [shape="box" style="rounded" fontname="sans-serif" fontsize="11" height="0.25" margin="0.08,0.04" '
        f'fontcolor="{ink}" color="{line}"]',
        f'edge [color="{line}" arrowsize="0.5"]',
    )
    return "digraph {\n" + ";\n".join((*style, *boxes, *arrows)) + "\n}"


def most_frequent(graph: Graph, number: int = 8) -> tuple[tuple[str, int], ...]:
    """The operations that occur most often, with their counts."""
    counts: dict[str, int] = {}
    for node in graph.nodes:
        counts[node.op] = counts.get(node.op, 0) + 1
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:number])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
