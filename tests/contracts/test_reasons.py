"""Sentences are made once, at the edge, and nothing is read out of them: what steers is a code with parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests import source_tree

SENTENCES = {"said", "reason", "reasons", "note", "sentence", "headline", "advice", "requirement", "title"}
READS = {"startswith", "endswith", "partition", "rpartition", "split", "removeprefix", "removesuffix", "find"}
#: Read for looks alone: notes that begin alike are shown together, a title has to fit on a phone, and a file isn't
#: named twice.
FOR_LOOKS = {
    "ui/views/probes/notes.py": "note.partition",
    "advisor/output/charts/options.py": "title.split",
    "probes/engine/running/model_files.py": "reason.startswith",
}


def read(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """``reason.startswith`` for each place that looks into a sentence."""
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr=how)):
                if name in SENTENCES and how in READS:
                    yield f"{name}.{how}"
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Name(id=name) | ast.Attribute(attr=name)]):
                if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str) and name in SENTENCES:
                    yield f"in {name}"


@pytest.mark.parametrize("package", ["probes", "advisor", "ui"])
def test_nothing_is_read_out_of_a_sentence(package: str) -> None:
    found = {path: list(read(nodes)) for path, nodes in source_tree.naming(*SENTENCES, rooms=[package]).items()}
    assert {file: places for file, places in found.items() if places} == {
        file: [place] for file, place in FOR_LOOKS.items() if Path(file).parts[0] == package
    }


@pytest.mark.parametrize(
    "code", ["reason.startswith('no ')", "found.said.partition('. ')[2]", "'torch' in error.reason", "'x' not in said"]
)
def test_what_would_be_seen(code: str) -> None:
    assert list(read(ast.walk(ast.parse(code))))
