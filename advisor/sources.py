"""The code behind the figures, read from the very files that run: both halves of a part, and what the sides share.

Files are parsed, never imported: no framework is needed to read its half, and a new network or measure is found by
being there. Line numbers are those of the file.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Literal

import probes
from probes.schema import FRAMEWORKS, Framework

PACKAGE: Final = Path(probes.__file__ or "").parent
ROOT: Final = PACKAGE.parent

Kind = Literal["network", "training", "inference", "measure"]

#: What is read of each side's subject: methods by themselves, and one with all that it calls of its own class.
_METHODS: Final[Mapping[Kind, tuple[tuple[str, ...], str]]] = {
    "training": (("__init__", "place"), "train_on"),
    "inference": ((), "predict_on"),
}
_SHARED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "network": ("weights", "inputs"),
    "measure": ("prepare", "measure", "check"),
}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a file, without their common indentation. ``first`` and ``last`` count from 1, both included."""

    name: str  # what is defined there: ``tensorflow``, ``TorchSubject.train_on``
    text: str
    file: str  # relative to the repository's root, with forward slashes
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part in both frameworks. ``sides`` is empty where one text runs on both."""

    id: str  # ``network.mlp``, ``training``, ``inference``, ``measure.gradient``
    sides: Mapping[Framework, tuple[Excerpt, ...]]
    shared: tuple[Excerpt, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A network or a measure that can be read."""

    id: str
    title: str
    says: str  # its own summary or question, one sentence
    halves: bool  # whether it is written once for each framework


def networks() -> tuple[Entry, ...]:
    """Every network, the article's first, then by title."""
    return tuple(sorted(_entries("models"), key=lambda entry: (entry.id != "mlp", entry.title)))


def measures() -> tuple[Entry, ...]:
    """Every measure: those written in two halves first, then by title."""
    return tuple(sorted(_entries("measures"), key=lambda entry: (not entry.halves, entry.title)))


def network(name: str) -> Part:
    """A network's definition, with the weights and inputs that both sides get. Raises ValueError for unknown names."""
    return _read("network", name, _file("models", name, "network"))


def measure(name: str) -> Part:
    """A measure: its two halves where it has such, and what runs on both sides. Raises ValueError for unknown names."""
    return _read("measure", name, _file("measures", name, "measure"))


def training() -> Part:
    """The training loop, the same for every network."""
    return _methods("training")


def inference() -> Part:
    """How predictions are made, the same for every network."""
    return _methods("inference")


def excerpt(path: Path, name: str) -> Excerpt:
    """What ``name`` (``function``, ``CONSTANT`` or ``Class.method``) defines in a file below ``ROOT``.

    Comments right above it belong to it. Raises ValueError naming the file when nothing there is called so.
    """
    tree, lines = _parsed(path)
    nodes: list[ast.stmt] = tree.body
    found: ast.stmt | None = None
    for step in name.split("."):
        found = _defined(nodes).get(step)
        if found is None:
            raise ValueError(f"{_relative(path)}: nothing is called {name!r}; there are {', '.join(_names(path))}")
        nodes = found.body if isinstance(found, ast.ClassDef) else []
    assert found is not None  # noqa: S101 - a name has at least one step
    decorators = getattr(found, "decorator_list", [])
    first, last = min([found.lineno, *(item.lineno for item in decorators)]), found.end_lineno or found.lineno
    while first > 1 and lines[first - 2].lstrip().startswith("#"):
        first -= 1
    text = textwrap.dedent("\n".join(lines[first - 1 : last]))
    return Excerpt(name, text, _relative(path), first, last)


def _entries(folder: str) -> Iterator[Entry]:
    for path in sorted((PACKAGE / folder).glob("*.py")):
        if path.stem == "__init__" or "SPEC" not in _names(path):
            continue
        said = _spec(path)
        yield Entry(
            id=path.stem,
            title=said.get("title", path.stem.replace("_", " ").capitalize()),
            says=said.get("summary") or said.get("question") or "",
            halves=_halves(path) is not None,
        )


def _spec(path: Path) -> dict[str, str]:
    """The texts that a file's ``SPEC`` is made of. Helpers that make one take id, title and question in this order."""
    made = getattr(_defined(_parsed(path)[0].body)["SPEC"], "value", None)
    if not isinstance(made, ast.Call):
        return {}
    given: dict[str | None, ast.expr] = dict(zip(("id", "title", "question"), made.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in made.keywords}
    return {
        name: value.value
        for name, value in given.items()
        if name and isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


def _file(folder: str, name: str, what: str) -> Path:
    found = {entry.id for entry in _entries(folder)}
    if name not in found:
        raise ValueError(f"{what}: {name!r} doesn't exist; allowed: {', '.join(sorted(found))}")
    return PACKAGE / folder / f"{name}.py"


def _read(kind: Kind, name: str, path: Path) -> Part:
    halves = _halves(path)
    sides = {side: (excerpt(halves, side),) for side in FRAMEWORKS} if halves else {}
    own = [excerpt(path, each) for each in _SHARED[kind] if each in _names(path)]
    helpers: list[Excerpt] = []
    for file in dict.fromkeys((halves or path, path)):  # a measure's halves may lie in a file that others share
        helpers += _joined([excerpt(file, each) for each in _used(file, (*FRAMEWORKS, *_SHARED[kind]))])
    return Part(f"{kind}.{name}", sides, (*helpers, *own))


def _methods(kind: Kind) -> Part:
    alone, start = _METHODS[kind]
    sides = {}
    for side in FRAMEWORKS:
        path = PACKAGE / "frameworks" / f"{side}.py"
        subject = _subject(path)
        wanted = {*alone, *_called(subject, start)}
        names = [f"{subject.name}.{name}" for name in _defined(subject.body) if name in wanted]
        sides[side] = tuple(excerpt(path, name) for name in names)
    return Part(kind, sides, ())


def _subject(path: Path) -> ast.ClassDef:
    """The class of a framework that trains and predicts. Raises ValueError naming the file if there is none."""
    for node in _parsed(path)[0].body:
        if isinstance(node, ast.ClassDef) and {"train_on", "predict_on"} <= set(_defined(node.body)):
            return node
    raise ValueError(f"{_relative(path)}: no class has train_on and predict_on")


def _called(subject: ast.ClassDef, start: str) -> set[str]:
    """``start`` and the methods behind it: those it names, those that its attributes were made with, and so on."""
    methods = _defined(subject.body)
    made = dict(_made(methods["__init__"]))
    found: set[str] = set()
    waiting: list[tuple[str, ast.AST]] = [(start, methods[start])]
    while waiting:
        name, node = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [(own, methods.get(own) or made[own]) for own in _own(node) if own in methods or own in made]
    return found.intersection(methods)


def _made(init: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Each attribute with the expression that it is made by."""
    for node in (node for node in ast.walk(init) if isinstance(node, ast.Assign)):
        for target in node.targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            paired = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            values = node.value.elts if paired else [node.value] * len(names)  # type: ignore[attr-defined]
            yield from ((own, value) for item, value in zip(names, values, strict=True) for own in _own(item))


def _own(node: ast.AST) -> set[str]:
    """Attributes of ``self`` in an expression."""
    return {
        item.attr
        for item in ast.walk(node)
        if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name) and item.value.id == "self"
    }


def _halves(path: Path) -> Path | None:
    """The file with the two halves: this one, or one of ``probes`` itself that it imports. None if there are none."""
    for candidate in (path, *_imported(path)):
        if set(FRAMEWORKS) <= set(_names(candidate)):
            return candidate
    return None


def _imported(path: Path) -> Iterator[Path]:
    for node in _parsed(path)[0].body:
        if isinstance(node, ast.ImportFrom) and node.module == "probes":
            yield from (file for item in node.names if (file := PACKAGE / f"{item.name}.py").is_file())


def _used(path: Path, users: Sequence[str]) -> list[str]:
    """Constants and helpers of a file that ``users`` use, directly or through others, in the file's order."""
    defined = _defined(_parsed(path)[0].body)
    known = [name for name in defined if name not in {*users, "SPEC", "HALVES"}]
    found: set[str] = set()
    waiting = [name for name in users if name in defined]
    while waiting:
        read = {node.id for node in ast.walk(defined[waiting.pop()]) if isinstance(node, ast.Name)}
        new = read.intersection(known) - found
        found |= new
        waiting += new
    return [name for name in known if name in found]


def _joined(excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """Definitions on the same or on neighbouring lines as one excerpt."""
    found: list[Excerpt] = []
    for item in excerpts:
        before = found[-1] if found else None
        if before is None or item.first > before.last + 1:
            found.append(item)
            continue
        new = item.first > before.last
        text, last = (f"{before.text}\n{item.text}", item.last) if new else (before.text, before.last)
        found[-1] = replace(before, name=f"{before.name}, {item.name}", text=text, last=last)
    return found


def _names(path: Path) -> tuple[str, ...]:
    return tuple(_defined(_parsed(path)[0].body))


def _defined(nodes: Sequence[ast.stmt]) -> dict[str, ast.stmt]:
    """What the statements define, by name."""
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


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _parsed(path: Path) -> tuple[ast.Module, list[str]]:
    """A file's syntax tree and lines, read once: the running process doesn't take later edits over either."""
    text = path.read_text(encoding="utf-8")
    return ast.parse(text), text.splitlines()
