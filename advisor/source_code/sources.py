"""The code behind the figures, read from the very files that run: both halves of a part, and what the sides share.

No framework is needed to read its half, and a new network or measure is found by being there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import probes
from advisor.source_code.excerpts import Excerpt, defined, definitions, excerpt, excerpts, parsed, relative
from probes.schema import FRAMEWORKS, Framework

PACKAGE: Final = Path(probes.__file__ or "").parent

PartKind = Literal["network", "training", "inference", "measure", "export"]

#: What is read of each side's subject: methods by themselves, and one with all that it calls of its own class.
_METHODS: Final[Mapping[PartKind, tuple[tuple[str, ...], str]]] = {
    "training": (("__init__", "place"), "train_on"),
    "inference": ((), "predict_on"),
}
#: Functions of a file that run on both sides.
_SHARED: Final[Mapping[PartKind, tuple[str, ...]]] = {
    "network": ("weights", "inputs"),
    "measure": ("prepare", "measure", "attempt", "check"),
}
#: What is read of a way out of a framework: its two steps, then what they use of its own file.
_STEPS: Final = ("export", "load")
#: Packages whose files are imported as modules, by their folder.
_HOLDERS: Final[Mapping[str | None, str]] = {"probes": ".", "probes.deploy": "deploy", "probes.workloads": "workloads"}
#: What every measure rests on is no part of one.
_COMMON: Final = frozenset({"contracts", "schema", "deploy/contracts", "deploy/schema"})


@dataclass(frozen=True, slots=True)
class Part:
    """A part in both frameworks. ``sides`` is empty where one text runs on both."""

    id: str  # ``network.mlp``, ``training``, ``inference``, ``measure.gradient``, ``export``
    sides: Mapping[Framework, tuple[Excerpt, ...]]
    shared: tuple[Excerpt, ...]


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A network, a measure or a way out of a framework that can be read."""

    id: str
    title: str
    says: str  # its own summary or question, one sentence
    halves: bool  # whether it is written once for each framework
    framework: str = ""  # of a way: whose models it takes


def networks() -> tuple[SourceEntry, ...]:
    """Every network, the article's first, then by title."""
    return tuple(sorted(_entries("models"), key=lambda entry: (entry.id != "mlp", entry.title)))


def measures() -> tuple[SourceEntry, ...]:
    """Every measure: those written in two halves first, then by title."""
    return tuple(sorted(_entries("measures"), key=lambda entry: (not entry.halves, entry.title)))


def ways(framework: Framework) -> tuple[SourceEntry, ...]:
    """Every way out of a framework, by title."""
    own = (entry for entry in _entries("routes") if entry.framework == framework)
    return tuple(sorted(own, key=lambda entry: entry.title))


def export(pytorch: str, tensorflow: str) -> Part:
    """How two ways export and load, one of each framework, and what they share with others. Raises ValueError."""
    sides: dict[Framework, tuple[Excerpt, ...]] = {}
    shared: dict[Path, set[str]] = {}
    for side, name in zip(FRAMEWORKS, (pytorch, tensorflow), strict=True):
        path = _file("routes", name, "way")
        steps = {step for step in _STEPS if step in definitions(path)}
        own = steps | _used(path, steps)
        sides[side] = tuple(excerpts(path, own))
        for other, names in _borrowed(path, own).items():
            shared.setdefault(other, set()).update(names | _used(other, names))
    return Part("export", sides, tuple(item for file, names in shared.items() for item in excerpts(file, names)))


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


def _entries(folder: str) -> Iterator[SourceEntry]:
    for path in sorted((PACKAGE / folder).glob("*.py")):
        if "SPEC" not in definitions(path):
            continue
        said = _spec(path)
        yield SourceEntry(
            id=path.stem,
            title=said.get("title", path.stem.replace("_", " ").capitalize()),
            says=said.get("summary") or said.get("question") or _headline(path),
            halves=_halves(path) is not None,
            framework=said.get("framework", ""),
        )


def _headline(path: Path) -> str:
    """The first paragraph of a file's own description."""
    return " ".join((ast.get_docstring(parsed(path)[0]) or "").partition("\n\n")[0].split())


def _spec(path: Path) -> dict[str, str]:
    """The texts that a file's ``SPEC`` is made of. Helpers that make one take id, title and question in this order."""
    made = getattr(definitions(path)["SPEC"], "value", None)
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


def _read(kind: PartKind, name: str, path: Path) -> Part:
    halves = _halves(path)
    sides = {side: (excerpt(halves, side),) for side in FRAMEWORKS} if halves else {}
    shared: dict[Path, set[str]] = {}
    for file in dict.fromkeys((path, halves or path)):
        roots = {root for root in (*FRAMEWORKS, *_SHARED[kind]) if root in definitions(file)}
        own = roots | _used(file, roots)
        for other, names in ((file, own), *_borrowed(file, own).items()):
            shared.setdefault(other, set()).update(names - {*FRAMEWORKS, "HALVES"})
    found = (item for file, names in shared.items() for item in excerpts(file, names))
    return Part(f"{kind}.{name}", sides, tuple(found))


def _methods(kind: PartKind) -> Part:
    alone, start = _METHODS[kind]
    sides = {}
    for side in FRAMEWORKS:
        path = PACKAGE / "frameworks" / f"{side}.py"
        subject = _subject(path)
        wanted = {*alone, *_called(subject, start)}
        names = [f"{subject.name}.{name}" for name in defined(subject.body) if name in wanted]
        sides[side] = tuple(excerpt(path, name) for name in names)
    return Part(kind, sides, ())


def _subject(path: Path) -> ast.ClassDef:
    """The class of a framework that trains and predicts. Raises ValueError naming the file if there is none."""
    for node in parsed(path)[0].body:
        if isinstance(node, ast.ClassDef) and {"train_on", "predict_on"} <= set(defined(node.body)):
            return node
    raise ValueError(f"{relative(path)}: no class has train_on and predict_on")


def _called(subject: ast.ClassDef, start: str) -> set[str]:
    """``start`` and the methods behind it: those it names, those that its attributes were made with, and so on."""
    methods = defined(subject.body)
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
    for candidate in (path, *_modules(path).values()):
        if definitions(candidate).keys() >= set(FRAMEWORKS):
            return candidate
    return None


def _modules(path: Path) -> dict[str, Path]:
    """Files of ``probes`` and ``probes.deploy`` that a file imports as modules, by the name they have there."""
    return {
        item.asname or item.name: file
        for node in parsed(path)[0].body
        if isinstance(node, ast.ImportFrom) and node.module in _HOLDERS
        for item in node.names
        if (file := PACKAGE / _HOLDERS[node.module] / f"{item.name}.py").is_file()
    }


def _used(path: Path, users: Iterable[str]) -> set[str]:
    """Constants and helpers of a file that ``users`` use, directly or through others."""
    nodes = definitions(path)
    known = set(nodes) - {*users, "SPEC", "HALVES"}
    found: set[str] = set()
    waiting = list(users)
    while waiting:
        new = _read_names(nodes[waiting.pop()]) & known - found
        found |= new
        waiting += new
    return found


def _borrowed(path: Path, users: Iterable[str]) -> dict[Path, set[str]]:
    """What ``users`` of a file take from other files of ``probes``, one step far."""
    nodes = [definitions(path)[name] for name in users]
    found: dict[Path, set[str]] = {}
    modules = _modules(path)
    for item in (item for node in nodes for item in ast.walk(node) if isinstance(item, ast.Attribute)):
        if isinstance(item.value, ast.Name) and item.value.id in modules:
            found.setdefault(modules[item.value.id], set()).add(item.attr)
    named = {name for node in nodes for name in _read_names(node)}
    for node in parsed(path)[0].body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("probes."):
            stem = (node.module or "").removeprefix("probes.").replace(".", "/")
            names = {item.name for item in node.names if (item.asname or item.name) in named}
            file = PACKAGE / f"{stem}.py"
            if names and stem not in _COMMON and file.is_file():
                found.setdefault(file, set()).update(names)
    return found


def _read_names(node: ast.AST) -> set[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
