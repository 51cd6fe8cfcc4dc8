"""The product's own sources, for rules that hold of all of them: a file is parsed once, and only if it may matter."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cache

from tests.places import ROOT

ROOMS = ("probes", "advisor", "ui")


@cache
def texts(room: str) -> Mapping[str, str]:
    """Every Python file of a room, by its path in the repository."""
    files = sorted((ROOT / room).rglob("*.py"))
    return {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}


@cache
def nodes(path: str) -> Sequence[ast.AST]:
    """All nodes of a file, the module first."""
    return tuple(ast.walk(ast.parse(texts(path.partition("/")[0])[path])))


def naming(*words: str, rooms: Sequence[str] = ROOMS) -> dict[str, Sequence[ast.AST]]:
    """The nodes of the files in which any of ``words`` stands; a rule about a name can't be broken without it."""
    found = {path: nodes(path) for room in rooms for path, text in texts(room).items() if any(w in text for w in words)}
    assert found, f"no file names {words}"
    return found
