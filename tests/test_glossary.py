"""The words of the house: one meaning each, and those that the glossary names exist."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from tests import source_tree
from tests.places import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in row.split("|")[1:4]] for row in re.findall(r"^\| (?!word).+ \|$", GLOSSARY, re.MULTILINE)
]


@cache
def public() -> Mapping[str, list[str]]:
    """Every public class and type alias at the top of a module, with the files that define it."""
    found = defaultdict(list)
    for room in source_tree.ROOMS:
        for path, text in source_tree.texts(room).items():
            for name in _defined(ast.parse(text)):
                found[name].append(path)
    return found


def _defined(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        else:
            continue
        if re.fullmatch(r"[A-Z]\w*[a-z]\w*", name):
            yield name


def test_a_name_is_defined_once() -> None:
    assert len(public()) > 300
    assert {name: files for name, files in public().items() if len(files) > 1} == {}


def test_a_word_has_a_meaning_and_what_it_is_called_in_the_code_exists() -> None:
    assert len(ROWS) > 50
    for word, meaning, code in ROWS:
        assert word
        assert len(meaning.split()) > 2, word
        for name in re.findall(r"`([A-Z]\w*[a-z]\w*)`", code):
            assert name in public(), f"{word}: there is no {name}"


def test_a_word_stands_there_once() -> None:
    words = [word for row in ROWS for word in row[0].split(", ")]
    assert len(words) > 50
    assert sorted(words) == sorted(set(words))
