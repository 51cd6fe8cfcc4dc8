"""What may be typed or uploaded has an end, in every page."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from advisor.knowledge import load
from probes import catalog
from tests import source_tree
from ui.views.evidence import library
from ui.views.probes import probe_picker

LIMITS = {
    "text_input": "max_chars",
    "text_area": "max_chars",
    "chat_input": "max_chars",
    "file_uploader": "max_upload_size",
}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path, nodes in source_tree.naming(*LIMITS, rooms=["ui"]).items():
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LIMITS:
                yield f"{path}:{node.lineno}", node.func.attr, node


def test_every_field_and_upload_has_a_limit() -> None:
    found = list(calls())
    assert {kind for _, kind, _ in found} >= {"text_input", "text_area", "file_uploader"}
    without = [
        where
        for where, kind, call in found
        if not any(
            word.arg == LIMITS[kind] and not (isinstance(word.value, ast.Constant) and word.value.value is None)
            for word in call.keywords
        )
    ]
    assert without == []


@pytest.mark.parametrize("length", [200, 400_000])
def test_a_search_looks_at_200_characters(length: int) -> None:
    fact = next(iter(load().facts.values()))
    (spec, *_) = catalog.probes()
    tail = " nowhere" * (length // 8)
    assert library.matches(fact, (fact.topic + " " * 200)[:200] + tail)
    assert not library.matches(fact, tail)
    assert probe_picker.found(spec, (spec.id + " " * 200)[:200] + tail)
    assert not probe_picker.found(spec, tail)
