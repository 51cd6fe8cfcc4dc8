"""Hides from a measured process what its framework doesn't require.

Libraries take up what they find: ``import keras`` loads pandas, pyarrow, scikit-learn and SciPy if some other program
has brought them, and a framework would be billed for them. Behind this guard a process sees of all installed packages
the framework, what that requires, and what measuring it needs; the rest is as if it weren't installed: modules aren't
found, metadata and entry points neither. Packages that share a namespace (``google``) are seen if one of them is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from probes.system import installed

#: Of the measured process itself: arrays, and the process' own figures.
OWN = ("numpy", "psutil")


class ImportGuard:
    """Hides nothing before ``start``."""

    def __init__(self) -> None:
        self._seen: set[str] = set()  # packages, by normalised name
        self._unseen: set[str] = set()
        self._modules: dict[str, set[str]] = {}  # hidden ones, at the top: in which folders
        self._asked: set[str] = set()
        self._unknown = ""

    def start(self, requirements: Iterable[str]) -> None:
        """Hide all but ``OWN``, ``requirements`` and what they require, once, before any of it is imported.

        Where an installer left no word of one of them, what it requires isn't known, and nothing is hidden.
        """
        roots = (*OWN, *requirements)
        required = installed.closure(roots).keys()
        self._unknown = ", ".join(root for root in roots if installed.parsed(root)[0] not in required)
        if self._unknown:
            return
        self._hide(required)
        guarded: Any = _GuardedPath(self)  # typeshed wants what only ``importlib`` itself defines
        sys.meta_path[:] = [guarded if finder is PathFinder else finder for finder in sys.meta_path]

    def open(self, requirements: Iterable[str]) -> None:
        """Show ``requirements`` as well, with all that they require: the measure's own."""
        if self._unseen and not self._seen.issuperset(installed.parsed(text)[0] for text in requirements):
            self._unseen = set()  # the guarded finders look for what it hides
            self._hide(installed.closure(requirements).keys())

    def told(self) -> str:
        """What was hidden, for the record: how many packages, and the modules among theirs that were asked for."""
        if self._unknown:
            return f"nothing: what {self._unknown} requires isn't known"
        if not self._unseen:
            return "nothing"
        return f"{len(self._unseen)} packages; asked for: {', '.join(sorted(self._asked)) or 'none'}"

    def hides(self, found: ModuleSpec) -> Collection[str]:
        """The folders in which a module at the top is hidden, if it lies in one; that it was asked for is kept."""
        folders = self._modules.get(found.name, set())
        places = {_folder(os.path.dirname(at)) for at in found.submodule_search_locations or [found.origin or ""]}
        if not places <= folders:
            return ()
        self._asked.add(found.name)
        return folders

    def package_of(self, module: str) -> str:
        """The installed package that brings a module at the top which was asked for and is hidden; "" if none is."""
        hidden = (
            package for package in metadata.MetadataPathFinder.find_distributions() if self.hides_package(package)
        )
        if module not in self._asked:
            return ""
        return next((installed.name_of(package) for package in hidden if module in installed.modules(package)), "")

    def hides_package(self, package: metadata.Distribution) -> bool:
        return installed.name_of(package) in self._unseen

    def _hide(self, but: Collection[str]) -> None:
        self._seen |= set(but)
        shown, hidden, unseen = set(sys.modules), dict[str, set[str]](), set[str]()
        for package in metadata.distributions():
            if (name := installed.name_of(package)) in self._seen:
                shown |= installed.modules(package)
                continue
            unseen.add(name)
            for module in installed.modules(package):
                hidden.setdefault(module, set()).add(_folder(str(package.locate_file(""))))
        # What is loaded by now, this project among it, is here to stay.
        self._modules = {module: folders for module, folders in hidden.items() if module not in shown}
        self._unseen = unseen


class _GuardedPath:
    """``PathFinder`` behind the guard. What other finders find lies elsewhere: projects installed to be edited."""

    def __init__(self, guard: ImportGuard) -> None:
        self._guard = guard

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(name, path, target)
        if path is None and found and (hidden := self._guard.hides(found)):
            # Further on another one may follow: setuptools brings its own copies of what it needs.
            return PathFinder.find_spec(name, [entry for entry in sys.path if _folder(entry) not in hidden], target)
        return found

    def find_distributions(self, *context: metadata.DistributionFinder.Context) -> Iterator[metadata.Distribution]:
        """See ``importlib.metadata.DistributionFinder``."""
        return (found for found in PathFinder.find_distributions(*context) if not self._guard.hides_package(found))

    def invalidate_caches(self) -> None:
        PathFinder.invalidate_caches()


def _folder(path: str) -> str:
    return os.path.normcase(os.path.abspath(path))
