"""The code behind the figures, from the very modules that run: both halves of a part, and what the sides share.

Modules of networks, measures and ways out of a framework import none at their top. A new one is found by being there.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from probes import catalog
from probes.deploy import catalog as routes
from probes.frameworks import pytorch, tensorflow
from probes.schema import FRAMEWORKS, Framework
from probes.system.folders import PACKAGES

_SUBJECTS: Final[Mapping[Framework, type]] = {"pytorch": pytorch.TorchSubject, "tensorflow": tensorflow.KerasSubject}
#: What of each side's subject trains, and what predicts.
_METHODS: Final[Mapping[str, Mapping[Framework, tuple[str, ...]]]] = {
    "training": {
        "pytorch": ("__init__", "criterion", "compiled", "train_on", "place"),
        "tensorflow": ("__init__", "criterion", "compiled", "_one_step", "forward", "train_on", "place"),
    },
    "inference": {"pytorch": ("compiled", "predict_on"), "tensorflow": ("compiled", "infer", "predict_on")},
}
#: What isn't shown of a file besides its halves: what the pages say anyway, and what only joins the halves.
_TOLD: Final = frozenset({"SPEC", "HALVES"})
#: What some networks have beside their two halves.
_WITHOUT_KERAS: Final = "tensorflow_plain"
#: What every measure and every way rests on is no part of one.
_COMMON: Final = (
    *("probes.contracts", "probes.schema", "probes.results", "probes.team_files", "probes.places", "probes.json_form"),
    *("probes.deploy.contracts", "probes.deploy.schema"),
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a file, without their common indentation. ``first`` and ``last`` count from 1, both included."""

    name: str  # what is defined there: ``tensorflow``, ``TorchSubject.train_on``, ``BATCH, STEPS``
    text: str
    file: str  # relative to the repository's root, with forward slashes
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part in both frameworks. ``sides`` is empty where one text runs on both."""

    id: str  # ``network.mlp``, ``training``, ``inference``, ``measure.gradient``, ``export``
    sides: Mapping[Framework, tuple[Excerpt, ...]]
    shared: tuple[Excerpt, ...] = ()
    without_keras: tuple[Excerpt, ...] = ()  # of a network that TensorFlow has in this form too


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A network, a measure or a way out of a framework that can be read."""

    id: str
    title: str
    says: str  # its own summary or question, one sentence
    halves: bool = True  # whether it is written once for each framework


def networks() -> tuple[SourceEntry, ...]:
    """Every network, the article's first, then by title."""
    return tuple(SourceEntry(spec.id, spec.title, spec.summary) for spec in catalog.models())


def measures() -> tuple[SourceEntry, ...]:
    """Every measure: those written in two halves first, then by title."""
    entries = [
        SourceEntry(name, module.SPEC.title, module.SPEC.question, halves=_halves(module) is not None)
        for name, module in _measures().items()
    ]
    return tuple(sorted(entries, key=lambda entry: (not entry.halves, entry.title)))


def ways(framework: Framework) -> tuple[SourceEntry, ...]:
    """Every way out of a framework, by title."""
    entries = [
        SourceEntry(name, module.SPEC.title, " ".join((module.__doc__ or "").partition("\n\n")[0].split()))
        for name, module in routes.modules().items()
        if module.SPEC.framework == framework
    ]
    return tuple(sorted(entries, key=lambda entry: entry.title))


def network(name: str) -> Part:
    """A network's definition, with the weights and inputs that both sides get. Raises ValueError for unknown names."""
    return _part("network", name, catalog.modules())


def measure(name: str) -> Part:
    """A measure: its two halves where it has such, and what runs on both sides. Raises ValueError for unknown names."""
    return _part("measure", name, _measures())


def methods(kind: str) -> Part:
    """How each side does its «training» or «inference», the same for every network."""
    sides = {side: tuple(_method(_SUBJECTS[side], name) for name in names) for side, names in _METHODS[kind].items()}
    return Part(kind, sides)


def export(pytorch: str, tensorflow: str) -> Part:
    """How two ways export and load, one of each framework, and what they share with others. Raises ValueError."""
    files = [_known("way", name, routes.modules()) for name in (pytorch, tensorflow)]
    sides = {side: tuple(_rest(file, _TOLD)) for side, file in zip(FRAMEWORKS, files, strict=True)}
    return Part("export", sides, _borrowed(files))


def _measures() -> dict[str, ModuleType]:
    return {probe.spec.measure: probe.measure for probe in catalog.probes_by_id().values()}


def _known(what: str, name: str, modules: Mapping[str, ModuleType]) -> ModuleType:
    if name not in modules:
        raise ValueError(f"{what}: {name!r} doesn't exist; allowed: {', '.join(sorted(modules))}")
    return modules[name]


def _part(kind: str, name: str, modules: Mapping[str, ModuleType]) -> Part:
    module = _known(kind, name, modules)
    halves = _halves(module)
    sides = (
        {side: tuple(item.excerpt for item in _definitions(halves) if side in item.names) for side in FRAMEWORKS}
        if halves
        else {}
    )
    files = list(dict.fromkeys((module, halves or module)))
    rest = [excerpt for file in files for excerpt in _rest(file, {*_TOLD, *FRAMEWORKS, _WITHOUT_KERAS})]
    third = tuple(item.excerpt for item in _definitions(module) if _WITHOUT_KERAS in item.names)
    return Part(f"{kind}.{name}", sides, (*rest, *_borrowed(files)), third)


def _halves(module: ModuleType) -> ModuleType | None:
    """The module with the two halves: this one, or one of ``probes`` that it imports. None if there are none."""
    files = [module, *(value for value in vars(module).values() if inspect.ismodule(value))]
    return next((file for file in files if all(inspect.isfunction(vars(file).get(side)) for side in FRAMEWORKS)), None)


@dataclass(frozen=True, slots=True)
class _Definition:
    names: frozenset[str]
    uses: frozenset[str]  # ``BATCH``, ``ort.session``
    excerpt: Excerpt


@cache  # a running process doesn't take later edits over either
def _definitions(module: ModuleType) -> tuple[_Definition, ...]:
    """What a module defines at its top. Comments right above belong to it; neighbouring lines are one."""
    lines, _ = inspect.getsourcelines(module)
    definitions: list[_Definition] = []
    for node in ast.parse("".join(lines)).body:
        if not (names := _defined(node)):
            continue
        first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
        while lines[first - 2].startswith("#"):
            first -= 1
        uses = {ast.unparse(item) for item in ast.walk(node) if isinstance(item, ast.Name | ast.Attribute)}
        if definitions and first <= definitions[-1].excerpt.last + 1 and not _TOLD & {*names, *definitions[-1].names}:
            before = definitions.pop()
            names, uses, first = [*before.excerpt.name.split(", "), *names], uses | before.uses, before.excerpt.first
        excerpt = _excerpt(", ".join(names), module, first, lines[first - 1 : node.end_lineno])
        definitions.append(_Definition(frozenset(names), frozenset(uses), excerpt))
    return tuple(definitions)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [item.id for target in targets for item in ast.walk(target) if isinstance(item, ast.Name)]


def _excerpt(name: str, module: ModuleType, first: int, lines: Sequence[str]) -> Excerpt:
    file = Path(inspect.getfile(module)).relative_to(PACKAGES).as_posix()
    return Excerpt(name, textwrap.dedent("".join(lines)).rstrip("\n"), file, first, first + len(lines) - 1)


def _method(subject: type, name: str) -> Excerpt:
    lines, first = inspect.getsourcelines(getattr(subject, name))
    return _excerpt(f"{subject.__name__}.{name}", sys.modules[subject.__module__], first, lines)


def _rest(module: ModuleType, without: Collection[str]) -> list[Excerpt]:
    return [definition.excerpt for definition in _definitions(module) if definition.names.isdisjoint(without)]


def _borrowed(files: Sequence[ModuleType]) -> tuple[Excerpt, ...]:
    """What modules use of others of ours, with what that uses of its own module."""
    excerpts: dict[Excerpt, None] = {}
    for file in files:
        uses = {
            use for definition in _definitions(file) if definition.names.isdisjoint(_TOLD) for use in definition.uses
        }
        for name, value in vars(file).items():
            source = value if inspect.ismodule(value) else sys.modules.get(getattr(value, "__module__", None) or "")
            if (
                source is None
                or source in files
                or not source.__name__.startswith("probes.")
                or source.__name__ in _COMMON
            ):
                continue
            names = {name} & uses
            if source is value:
                names = {use.split(".")[1] for use in uses if use.startswith(f"{name}.")}
            excerpts |= dict.fromkeys(_reached(source, names))
    order = list(dict.fromkeys(excerpt.file for excerpt in excerpts))  # two files may borrow of the same one
    return tuple(sorted(excerpts, key=lambda excerpt: order.index(excerpt.file)))


def _reached(module: ModuleType, names: Collection[str]) -> list[Excerpt]:
    """Definitions of those names, and what these use in turn."""
    definitions, names = _definitions(module), set(names)
    while (more := names.union(*(item.uses for item in definitions if not item.names.isdisjoint(names)))) != names:
        names = more
    return [item.excerpt for item in definitions if not item.names.isdisjoint(names)]
