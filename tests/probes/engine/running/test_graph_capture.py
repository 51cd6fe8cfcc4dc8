"""Graphs of a network, captured in children of their own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

from probes import catalog
from probes.engine.running import lock
from probes.engine.running.graph_capture import BusyError, graphs_of
from probes.workloads.graphs import Graph

MLP = catalog.modules()["mlp"].SPEC.sized({})


@pytest.fixture(autouse=True)
def _a_machine_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its lock lies where no other test looks: nothing is clocked here, and so nobody has to wait."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))


def test_nothing_is_drawn_beside_a_run(tmp_path: Path) -> None:
    with FileLock(tmp_path / lock.NAME), pytest.raises(BusyError, match="draw the graphs when it has ended"):
        graphs_of("mlp", MLP)


def test_an_unknown_network_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="'gpt' doesn't exist; allowed: cnn"):
        graphs_of("gpt", {})


@pytest.mark.framework
def test_both_capture_the_articles_network() -> None:
    found = graphs_of("mlp", MLP)
    for graph in found.values():
        assert isinstance(graph, Graph), graph
        names = {node.name for node in graph.nodes}
        assert all(set(node.inputs) <= names for node in graph.nodes)
        assert 0 < graph.optimised < len(graph.nodes)
    pytorch, tensorflow = (found[framework] for framework in ("pytorch", "tensorflow"))
    assert [node.op for node in pytorch.nodes].count("linear") == 3
    assert [node.op for node in tensorflow.nodes].count("MatMul") == 3
