"""Modules of a tree that hand every name on to one of several frameworks: what goes by them names none.

Trax has one (``trax.fastmath`` on JAX or TensorFlow). Told by what it is made of: a module with a ``__getattr__``,
which imports files beside it that stand for other frameworks each; and by who goes by it: files that name none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from advisor.scan.ecosystems import KNOWN, framework_of
from advisor.scan.prefilter import ModuleTable, NamedImport, joined
from advisor.scan.report import FoundFramework

_FEW: Final = 5  # files: what fewer go by is a helper


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """A module that hands names on, the frameworks that it chooses from, and how many files of the tree go by it."""

    file: str
    frameworks: tuple[FoundFramework, ...]
    users: int


def dispatchers(
    table: ModuleTable, imported: Mapping[str, tuple[NamedImport, ...]], content: Callable[[str], bytes]
) -> list[Dispatcher]:
    """Those that at least a few files go by. ``content`` reads a file, which few are read of."""
    own = {path: found for path, named in imported.items() if (found := _frameworks(table, path, named))}
    if len(frozenset().union(*own.values())) < 2:
        return []
    users: defaultdict[str, set[str]] = defaultdict(set)  # of a folder's modules
    beside: defaultdict[str, set[frozenset[FoundFramework]]] = defaultdict(set)
    for path, named in imported.items():
        for file in _files(table, path, named):
            if _folder(file) == _folder(path):
                beside[path] |= {own[file]} if file in own else set()
            elif path not in own:
                users[_folder(file)].add(path)
    return [
        Dispatcher(path, tuple(sorted(frozenset().union(*found))), len(users[_folder(path)]))
        for path, found in sorted(beside.items())
        if len(found) > 1 and len(users[_folder(path)]) >= _FEW and b"def __getattr__" in content(path)
    ]


def _frameworks(table: ModuleTable, path: str, named: Iterable[NamedImport]) -> frozenset[FoundFramework]:
    """Those that a file imports by itself. Keras counts as TensorFlow: nobody chooses between the two."""
    found: set[FoundFramework] = set()
    for one in named:
        top = one.module.partition(".")[0]
        if top in KNOWN and (framework := framework_of(joined(one.module, one.name))) and not table.owns(top, path):
            found.add("tensorflow" if framework == "keras" else framework)
    return frozenset(found)


def _files(table: ModuleTable, path: str, named: Iterable[NamedImport]) -> set[str]:
    """The files of the tree that a file imports."""
    return {table.source(one, path) for one in named} - {"", path}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
