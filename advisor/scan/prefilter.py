"""Which files matter: those that import a framework, and those that get one from another file of the tree.

A file that does neither is counted, and not parsed. Imports are read by a regular expression here, which takes one in a
string for an import as well: then a file is parsed that needn't be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from advisor.scan.ecosystems import KNOWN

#: What may bring a framework without an import statement. Looked for word by word, which takes less than half of what
#: an expression of them all takes.
_DYNAMIC: Final = (
    b"import_module", b"__import__", b"importorskip", b"LazyLoader", b"lazy_import", b"try_import", b"LazyImport",
)  # fmt: skip
_NAMES: Final = rb"(?:[^\n#;\\]|\\\r?\n)+"
_STATEMENT: Final = rb"[ \t]*(?:from[ \t]+(\.*[ \t]*[\w.]*)[ \t]+import[ \t]*(%b)|import[ \t]+(%b))"
_IMPORTS: Final = re.compile(_STATEMENT % (rb"\([^)]*\)|" + _NAMES, _NAMES))
_UNCLOSED: Final = re.compile(_STATEMENT % (_NAMES, _NAMES))
_DEFINES: Final = re.compile(rb"^(?:async[ \t]+)?(?:def|class)[ \t]", re.MULTILINE)
_COMMENT: Final = re.compile(r"#[^\n]*")


@dataclass(frozen=True, slots=True)
class NamedImport:
    """``from module import name as bound``; ``name`` is "" for ``import module``, "*" for everything."""

    module: str  # with leading dots
    name: str
    bound: str


def may_load(source: bytes) -> bool:
    """Whether a module may be loaded by a call."""
    return any(word in source for word in _DYNAMIC)


def defines(source: bytes) -> bool:
    """Whether a file defines anything at its top."""
    return _DEFINES.search(source) is not None


def imports(source: bytes) -> Iterator[NamedImport]:
    """What looks like an import, in order. The word is looked for first: that is what makes it quick."""
    place, last = source.find(b"import"), source.rfind(b")")
    while place >= 0:
        begin = source.rfind(b"\n", 0, place) + 1
        after = max(source.rfind(b";", begin, place), source.rfind(b":", begin, place))
        # Behind the last closing bracket each that is opened would be followed to the end of the file.
        statement = _IMPORTS if place < last else _UNCLOSED
        found = statement.match(source, begin)
        if (found is None or found.end() <= place) and after >= 0:
            found = statement.match(source, after + 1)
        if found is not None:
            yield from parts(
                (found[1] or b"").decode("utf-8", "replace"),
                (found[2] or found[3] or b"").decode("utf-8", "replace"),
                plain=found[1] is None,
            )
        place = source.find(b"import", max(place + 6, found.end() if found else 0))


def parts(module: str, names: str, *, plain: bool) -> Iterator[NamedImport]:
    """The names of one import statement, given what stands between ``from`` and ``import``, and what after it."""
    text = _COMMENT.sub("", names).replace("\\", " ").strip("() \t\r\n")
    for part in text.split(","):
        words = part.split()
        if not words or len(words) not in (1, 3) or (len(words) == 3 and words[1] != "as"):
            continue
        name = words[0].strip("()")
        if plain:
            yield NamedImport(name, "", words[-1] if len(words) == 3 else name.partition(".")[0])
        else:
            yield NamedImport(module.replace(" ", ""), name, words[-1].strip("()"))


class ModuleTable:
    """The tree's own modules, by the ways in which an import may name them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = {path for path in paths if path.endswith(".py")}
        self._found: dict[tuple[str, str], str] = {}
        self._roots = ["", *({"src", "lib", "python"} & {path.partition("/")[0] for path in self._paths})]

    def find(self, module: str, importer: str) -> str:
        """The file of a module, as its importer names it; "" if the tree has none."""
        key = (module, importer.rpartition("/")[0])
        if key not in self._found:
            self._found[key] = self._looked_for(module, key[1])
        return self._found[key]

    def submodule(self, one: NamedImport, importer: str) -> str:
        """The file of what is imported, where that is a module itself; else ""."""
        return "" if one.name in ("", "*") else self.find(joined(one.module, one.name), importer)

    def source(self, one: NamedImport, importer: str) -> str:
        """The file that an import reads: a submodule's, or that of the module which has the name; "" if the tree has
        neither."""
        return self.submodule(one, importer) or self.find(one.module, importer)

    def _looked_for(self, module: str, folder: str) -> str:
        dots = len(module) - len(module.lstrip("."))
        inner = module.lstrip(".").replace(".", "/")
        if dots:
            for _ in range(dots - 1):
                folder = folder.rpartition("/")[0]
            return self._file(folder, inner)
        package = f"{folder}/__init__.py" in self._paths and inner.partition("/")[0] in KNOWN
        roots = self._roots if package else [folder, *self._roots]  # beside a script, or in Python 2
        return next(filter(None, (self._file(root, inner) for root in roots)), "")

    def owns(self, module: str, importer: str) -> bool:
        """Whether the first part of a module's name is the tree's own, whether or not the rest is there."""
        return module.startswith(".") or bool(self.find(module.partition(".")[0], importer))

    def _file(self, folder: str, inner: str) -> str:
        base = "/".join(filter(None, (folder, inner)))
        return next((path for path in (f"{base}.py", f"{base}/__init__.py".lstrip("/")) if path in self._paths), "")


def exported(
    table: ModuleTable, imported: Mapping[str, tuple[NamedImport, ...]], bare: Set[str] = frozenset()
) -> dict[str, dict[str, str]]:
    """By file, the names that stand for a framework or for something in one: a fix point over the tree's imports.

    Names with a dot («backend.tf») are those of a module that the file imports; they aren't handed on. Of the ``bare``
    files, which define nothing, one that imports everything of a framework stands for it: that is its «*».
    """
    found: dict[str, dict[str, str]] = {}
    importers: dict[str, list[tuple[str, NamedImport]]] = {}
    for path, named in imported.items():
        for one in named:
            source = table.source(one, path)
            if source and source != path:
                is_module = bool(table.submodule(one, path))
                whole_module = NamedImport(joined(one.module, one.name), "", one.bound) if is_module else one
                importers.setdefault(source, []).append((path, whole_module))
            elif one.module.partition(".")[0] in KNOWN and not table.owns(one.module, path):
                if one.name != "*":
                    found.setdefault(path, {})[one.bound] = target(one)
                elif path in bare:
                    stars = found.setdefault(path, {})
                    stars["*"] = min(stars.get("*", one.module), one.module, key=len)  # Keras itself before tf.keras
    waiting = list(found)
    while waiting:
        source = waiting.pop()
        plain = {name: to for name, to in found[source].items() if "." not in name}
        for path, one in importers.get(source, ()):
            mine = found.setdefault(path, {})
            if one.name == "*":
                new = plain
            elif one.name:
                new = {one.bound: plain[one.name]} if one.name in plain else {}
            else:
                prefix = one.bound if one.bound != one.module.partition(".")[0] else one.module
                new = {f"{prefix}.{name}": to for name, to in plain.items() if name != "*"}
                if "*" in plain:
                    new[one.bound] = plain["*"]
            handed_on = any("." not in name for name in new.keys() - mine.keys())
            for name, to in new.items():
                mine.setdefault(name, to)
            if handed_on:
                waiting.append(path)
    return found


def target(one: NamedImport) -> str:
    """What the name stands for: ``import a.b`` binds a, all others what they name."""
    if one.name:
        return f"{one.module}.{one.name}"
    top = one.module.partition(".")[0]
    return top if one.bound == top else one.module


def joined(module: str, name: str) -> str:
    """The whole name of what an import statement names."""
    return f"{module}{name}" if module.endswith(".") or not module else f"{module}.{name}"
