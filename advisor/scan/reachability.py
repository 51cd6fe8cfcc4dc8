"""What runs which file: imports followed from entry points, notebooks, a package's surface and tests.

Imports say what is loaded, not what is used of it, and a name in a configuration (Hydra, gin) loads without an import:
a file that nothing reaches may be in use still. What loads modules whose names are known only when it runs is taken to
load whatever lies beside and below it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from advisor.scan.areas import is_test
from advisor.scan.prefilter import ModuleTable, NamedImport
from advisor.scan.report import Reach

_GUARD: Final = re.compile(rb"^if[ \t(]+(?:__name__|['\"]__main__)", re.MULTILINE)
_STARTED: Final = re.compile(r"(?<![\w./-])([\w./-]+\.py)\b|\s-m[ \t]+([A-Za-z_][\w.]*)")
_POINT: Final = re.compile(r"[=\"'][ \t]*([A-Za-z_][\w.]*)[ \t]*:[ \t]*[A-Za-z_]\w*")
_ACTS: Final = re.compile(rb"^(?:(?:for|while|with)[ \t(]|[A-Za-z_][\w.]*\()", re.MULTILINE)
#: (name of a module as far as it is written there, what closes it where it is whole)
_LOADS: Final = re.compile(
    rb"(?:import_module|__import__|importorskip)\s*\((?:\s*[rbfRBF]*[\"'](\.*[A-Za-z_][\w.]*)?([\"']\s*[,)])?)?"
)
_PACKAGING: Final = {"pyproject.toml", "setup.py", "setup.cfg"}


def is_main(source: bytes) -> bool:
    """Whether a file does something when it is run, by its own word."""
    return b"__main__" in source and _GUARD.search(source) is not None


def acts(source: bytes) -> bool:
    """Whether a file calls something at its top, as a script without a guard does."""
    return _ACTS.search(source) is not None


@dataclass(slots=True)
class Starts:
    """What other files of a tree say of what is run."""

    named: list[tuple[str, str]] = field(default_factory=list)  # (module or path, the file that names it)
    packaged: set[str] = field(default_factory=set)  # folders with a package's own description

    def take(self, path: str, text: str, *, script: bool) -> None:
        """A list of packages, a Dockerfile, a CI file or a script."""
        name = path.rpartition("/")[2]
        if name in _PACKAGING:
            self.packaged.add(path.rpartition("/")[0])
            self.named += ((found[1], path) for found in _POINT.finditer(text))
        elif script:
            self.named += ((found[1] or found[2], path) for found in _STARTED.finditer(text))


@dataclass(frozen=True, slots=True)
class Reached:
    """The first way in which a file is reached, in the order of ``REACHES``; ``by``: where that way begins."""

    way: Reach
    by: str


#: The ways in which a file is reached, the strongest first.
REACHES: Final[tuple[Reach, ...]] = ("entry_point", "notebook", "package", "tests", "nothing")


class Reachability:
    """Follows the imports of a tree's own files."""

    def __init__(
        self, table: ModuleTable, imports: Mapping[str, tuple[NamedImport, ...]], text: Callable[[str], bytes]
    ) -> None:
        """``text`` gives a source again, b"" for one that can't be read any more."""
        self._table = table
        self._imports = imports
        self._text = text
        self._packages = {path.rpartition("/")[0] for path in imports if path.endswith("__init__.py")}
        self._next = {path: self._targets(path, named) for path, named in imports.items()}
        self._folders: dict[str, set[str]] = {}  # by file, those of which it may load all that lies in them
        self._ordered = sorted(path for path in imports if not is_test(path))

    def reached(self, mains: Iterable[str], loaders: Iterable[str], starts: Starts) -> dict[str, Reached]:
        """By file. ``mains``: files that say they are run; ``loaders``: those that may load modules by a call."""
        for path in loaders:
            self._load(path)
        begins = self._begins({*mains}, starts, self._imported())
        found: dict[str, Reached] = {}
        opened: set[str] = set()  # folders whose files are reached, all of them
        for way in REACHES[:-1]:
            for first in begins[way]:
                self._follow(first, way, found, opened)
        return found | {path: Reached("nothing", "") for path in self._imports if path not in found}

    def _imported(self) -> set[str]:
        """The files that others import, tests aside."""
        found = {to for path, targets in self._next.items() if not is_test(path) for to in targets}
        loaders: dict[str, set[str]] = {}
        for path, folders in self._folders.items():
            for folder in folders if not is_test(path) else ():
                loaders.setdefault(folder, set()).add(path)
        for folder, by in loaders.items():
            found |= {path for path in self._below(folder) if by != {path}}
        return found

    def _begins(self, mains: set[str], starts: Starts, imported: set[str]) -> dict[Reach, list[str]]:
        named = {file for start, at in starts.named if (file := self._named(start, at))}
        begins: dict[Reach, list[str]] = {way: [] for way in REACHES}
        for path in self._imports:
            folder, _, name = path.rpartition("/")
            if path.endswith(".ipynb"):
                begins["notebook"].append(path)
            elif is_test(path):
                begins["tests"].append(path)
            elif path in mains or path in named or name == "__main__.py" or self._is_script(path, imported):
                begins["entry_point"].append(path)
            elif name == "__init__.py" and self._is_surface(folder, starts.packaged):
                begins["package"].append(path)
        return begins

    def _is_script(self, path: str, imported: set[str]) -> bool:
        """Outside of a package, imported by nobody, and it does something at its top."""
        folder, _, name = path.rpartition("/")
        if not name.endswith(".py") or name == "setup.py" or folder in self._packages or path in imported:
            return False
        return acts(self._text(path))

    def _is_surface(self, folder: str, packaged: set[str]) -> bool:
        """Whether a package is the topmost of what is installed: others may import it."""
        above = folder.rpartition("/")[0]
        return above in packaged or (above.rpartition("/")[2] == "src" and above.rpartition("/")[0] in packaged)

    def _named(self, start: str, at: str) -> str:
        if not start.endswith(".py"):
            return self._table.find(start, at) or self._table.find(f"{start}.__main__", at)
        folder = at.rpartition("/")[0]
        tried = ("/".join(filter(None, (where, start.removeprefix("./")))) for where in (folder, ""))
        return next((path for path in tried if path in self._imports), "")

    def _targets(self, path: str, named: Iterable[NamedImport]) -> set[str]:
        found: set[str] = set()
        for one in named:
            if target := self._table.source(one, path):
                found |= {target, *self._above(target)}
        return found - {path}

    def _above(self, path: str) -> Iterator[str]:
        """The packages that a module lies in, which are run before it."""
        folder = path.rpartition("/")[0]
        while folder and folder in self._packages:
            yield f"{folder}/__init__.py"
            folder = folder.rpartition("/")[0]

    def _load(self, path: str) -> None:
        """Of a name that is written only in part («models.» + name) all below that part, of no name all beside it."""
        for load in _LOADS.finditer(self._text(path)):
            name = (load[1] or b"").decode()
            if name and load[2]:
                self._next[path] |= self._targets(path, [NamedImport(name, "", "")])
                continue
            part = name.rpartition(".")[0]
            package = self._table.find(part, path) if part.strip(".") else path
            if package:
                self._folders.setdefault(path, set()).add(package.rpartition("/")[0])

    def _below(self, folder: str) -> Sequence[str]:
        """The files in a folder and in those within it, tests aside; of "" all."""
        if not folder:
            return self._ordered
        after = chr(ord("/") + 1)
        return self._ordered[bisect_left(self._ordered, f"{folder}/") : bisect_left(self._ordered, folder + after)]

    def _follow(self, first: str, way: Reach, found: dict[str, Reached], opened: set[str]) -> None:
        waiting = [first, *self._above(first)]
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            found[path] = Reached(way, first)
            waiting += self._next.get(path, ())
            for folder in self._folders.get(path, set()) - opened:
                opened.add(folder)
                waiting += self._below(folder)
