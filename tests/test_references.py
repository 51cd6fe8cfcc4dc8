"""What documents quote of the code is what the code says now."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import references

QUOTING = [path for path in references.documents() if "<!-- made: " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", QUOTING, ids=lambda path: path.name)
def test_a_document_quotes_the_code_of_today(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("<!-- made: ") == text.count("<!-- made -->")
    assert references.remade(text) == text, "run: make references"


def test_what_nobody_makes_is_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        references.remade("<!-- made: nothing x -->\nold\n<!-- made -->")


def test_what_stood_there_is_replaced() -> None:
    made = references.remade("a\n<!-- made: definitions scripts.references:remade -->\nold\n<!-- made -->\nb")
    assert made.startswith("a\n<!-- made: definitions scripts.references:remade -->\n`scripts.references`:")
    assert "def remade(text: str) -> str:" in made
    assert "old" not in made
    assert made.endswith("```\n<!-- made -->\nb")


def test_an_arrow_that_follows_from_others_is_left_out_of_the_picture() -> None:
    known = {"a": frozenset("bc"), "b": frozenset("c"), "c": frozenset("d"), "d": frozenset("c")}
    assert {room: set(references._direct(known, room)) for room in known} == {
        "a": {"b"},
        "b": {"c"},
        "c": {"d"},
        "d": {"c"},
    }
