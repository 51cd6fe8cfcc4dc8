"""Lines of this repository's Python files, by the name of what they define. Files are parsed, never imported."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a file, without their common indentation. ``first`` and ``last`` count from 1, both included."""

    name: str  # what is defined there: ``tensorflow``, ``TorchSubject.train_on``
    text: str
    file: str  # relative to the repository's root, with forward slashes
    first: int
    last: int


def excerpt(path: Path, name: str) -> Excerpt:
    """What ``name`` (``function``, ``CONSTANT`` or ``Class.method``) defines in a file below ``ROOT``.

    Comments right above it belong to it. Raises ValueError naming the file when nothing there is called so.
    """
    _, lines = parsed(path)
    nodes, found = definitions(path), None
    for step in name.split("."):
        found = nodes.get(step)
        if found is None:
            raise ValueError(f"{relative(path)}: nothing is called {name!r}; there are {', '.join(definitions(path))}")
        nodes = defined(found.body) if isinstance(found, ast.ClassDef) else {}
    assert found is not None  # noqa: S101 - a name has at least one step
    decorators: list[ast.expr] = getattr(found, "decorator_list", [])
    first, last = min([found.lineno, *(item.lineno for item in decorators)]), found.end_lineno or found.lineno
    while first > 1 and lines[first - 2].lstrip().startswith("#"):
        first -= 1
    text = textwrap.dedent("\n".join(lines[first - 1 : last]))
    return Excerpt(name, text, relative(path), first, last)


def excerpts(path: Path, names: Collection[str]) -> list[Excerpt]:
    """What a file defines under ``names``, in its own order; what it doesn't define is left out.

    Definitions on the same line or on neighbouring ones are one excerpt.
    """
    found: list[Excerpt] = []
    own = (excerpt(path, name) for name in definitions(path) if name in names)
    for item in sorted(own, key=lambda item: item.first):
        before = found[-1] if found else None
        if before is None or item.first > before.last + 1:
            found.append(item)
            continue
        new = item.first > before.last
        text, last = (f"{before.text}\n{item.text}", item.last) if new else (before.text, before.last)
        found[-1] = replace(before, name=f"{before.name}, {item.name}", text=text, last=last)
    return found


def definitions(path: Path) -> dict[str, ast.stmt]:
    """What a file defines at its top, by name."""
    return defined(parsed(path)[0].body)


def defined(nodes: Sequence[ast.stmt]) -> dict[str, ast.stmt]:
    """What statements define, by name."""
    found: dict[str, ast.stmt] = {}
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                found.update({part.id: node for part in parts if isinstance(part, ast.Name)})
    return found


def relative(path: Path) -> str:
    """The file's place in the repository, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> tuple[ast.Module, list[str]]:
    """A file's syntax tree and lines, read once: the running process doesn't take later edits over either."""
    text = path.read_text(encoding="utf-8")
    return ast.parse(text), text.splitlines()
