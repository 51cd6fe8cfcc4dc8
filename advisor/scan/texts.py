"""From bytes to Python source: encodings, and the code cells of notebooks."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Final

from advisor.scan.report import BlindKind

_COOKIE: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.MULTILINE)
_MAGIC: Final = re.compile(r"^(\s*)([%!?].*|[\w.]+\?\??)$")
_SHELL: Final = re.compile(r"^(\s*+)[\w.\[\], ]+=\s*[!%].*$")
_BOMS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class NotTextError(Exception):
    """The bytes are no source; ``kind`` says why."""

    def __init__(self, kind: BlindKind, said: str) -> None:
        super().__init__(said)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class PythonText:
    """Source in UTF-8. ``note`` says what was guessed. Of a notebook: the first line of each code cell, by number."""

    source: bytes
    note: str = ""
    cells: tuple[tuple[int, int], ...] = ()  # (line of the source at which it begins, number of the cell)
    magics: tuple[tuple[int, str], ...] = ()  # (line of the source, what stood there): blanked in it

    def place(self, line: int) -> tuple[int, int | None]:
        """A line of the source, from 1, as (line within the cell, number of the cell) of a notebook."""
        begun = [(first, cell) for first, cell in self.cells if first <= line]
        return (line - begun[-1][0] + 1, begun[-1][1]) if begun else (line, None)


def python_text(content: bytes) -> PythonText:
    """A file of Python 2.7 to 3.14. Raises NotTextError."""
    if content.isascii() and b"\0" not in content:
        return PythonText(content)
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            try:
                return PythonText(content.decode(encoding).encode(errors="replace"))
            except UnicodeDecodeError as error:
                raise NotTextError("encoding", f"begins as {encoding} and doesn't go on so") from error
    if b"\0" in content:
        raise NotTextError("null-bytes", "holds null bytes, so it is no source")
    named = _COOKIE.search(b"\n".join(content.split(b"\n", 2)[:2]))
    encoding = named[1].decode("ascii", "replace") if named else "utf-8"
    try:
        return PythonText(content.decode(encoding).encode(errors="replace"))
    except (UnicodeDecodeError, LookupError, ValueError):
        note = f"is no {encoding}; read as Latin-1, so names outside ASCII may be wrong"
        return PythonText(content.decode("latin-1").encode(), note)


def notebook_text(content: bytes) -> PythonText:
    """The code cells of a notebook (nbformat 3 or 4), magics blanked. Raises NotTextError."""
    try:
        whole = json.loads(content)
        cells = _cells(whole)
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError) as error:
        raise NotTextError("notebook", "is no notebook: its JSON can't be read") from error
    language = _language(whole)
    if language not in ("", "python", "python2", "python3", "ipython"):
        raise NotTextError("notebook", f"is written in {language[:40]}, not in Python")
    lines: list[str] = []
    magics: list[tuple[int, str]] = []
    begins: list[tuple[int, int]] = []
    for number, text in cells:
        begins.append((len(lines) + 1, number))
        whole_cell = text.lstrip().startswith("%%") and not text.lstrip().startswith(("%%time", "%%capture", "%%prun"))
        for line in text.split("\n"):
            plain = "" if whole_cell else _without_magic(line)
            if plain != line:
                magics.append((len(lines) + 1, line))
            lines.append(plain)
    return PythonText("\n".join([*lines, ""]).encode(errors="replace"), cells=tuple(begins), magics=tuple(magics))


def _cells(whole: object) -> list[tuple[int, str]]:
    """Code cells with their numbers, from 1, among all cells."""
    if not isinstance(whole, dict):
        raise TypeError
    sheets = whole.get("worksheets")
    cells = whole["cells"] if "cells" in whole else [cell for sheet in sheets or () for cell in sheet["cells"]]
    found = []
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") == "code":
            text = cell.get("source", cell.get("input", ""))
            found.append((number, "".join(text) if isinstance(text, list) else str(text)))
    return found


def _language(whole: dict[str, object]) -> str:
    metadata = whole.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return str(kernel.get("language", "")).lower() if isinstance(kernel, dict) else ""


def _without_magic(line: str) -> str:
    """``pass`` where a magic stood, so that a block isn't empty; the packages that it installs are read elsewhere."""
    found = _MAGIC.match(line) or _SHELL.match(line)
    return f"{found[1]}pass" if found else line
