"""The line of each finding, as it is kept: alone, cut short, and without what may be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from advisor.scan import texts
from advisor.scan.report import CodeFinding
from advisor.scan.tree import TreeFile
from probes.system.plaintext import visible

LONGEST: Final = 160  # characters of a line
BLANK: Final = "…"
_Place: TypeAlias = tuple[int, int]  # (cell of a notebook or 0, line)
#: A value that is given to a name that ends so, in code, JSON, YAML or on a command line; what is called is no value.
_NAMED: Final = re.compile(
    r"""(?ix) ( (?<![\w.-]) [\w.-]*
    (?: pass(?:word|wd|phrase)? | secret | token | (?:api|access|secret|private)[_-]?key | credentials? | auth )
    ["'\]]* \s* [:=](?!=) \s* ) ( "[^"]*" | '[^']*' | [^\s"',()\[\]]+ (?![(\[\w.]) )"""
)
_IN_ADDRESS: Final = re.compile(r"(?<=://)[^\s/@\"']+@")
#: A literal of one word, long and with a digit: keys look so, and few names do.
_KEY: Final = re.compile(r"""(["'])(?=[^\s"']*\d)[^\s"']{20,}\1""")


def found_lines(root: Path, findings: Sequence[CodeFinding]) -> tuple[str, ...]:
    """The line of each finding, in their order; "" where it can't be read again. Nothing of it is run."""
    wanted: dict[str, set[_Place]] = {}
    for one in findings:
        wanted.setdefault(one.file, set()).add((one.cell or 0, one.line))
    kept = {path: dict(_lines(root, path, places)) for path, places in wanted.items()}
    return tuple(kept[one.file].get((one.cell or 0, one.line), "") for one in findings)


def without_secrets(line: str) -> str:
    """The line with «…» where a secret may have stood."""
    named = _NAMED.sub(rf"\1{BLANK}", _IN_ADDRESS.sub(f"{BLANK}@", line))
    return _KEY.sub(rf"\1{BLANK}\1", named)


def _lines(root: Path, path: str, wanted: set[_Place]) -> Iterator[tuple[_Place, str]]:
    """Of a file that was read a moment ago; nothing where it was changed since."""
    full = root / path
    try:
        content = TreeFile(path, full, full.stat().st_size).read()
        source = texts.notebook_text(content) if path.endswith(".ipynb") else texts.python_text(content)
    except (OSError, texts.NotTextError):
        return
    lines = source.source.split(b"\n")
    first = {cell: line for line, cell in source.cells}
    for cell, line in wanted:
        number = first[cell] + line - 1 if cell in first else line
        if number <= len(lines):
            yield (cell, line), _kept(lines[number - 1][: 4 * LONGEST].decode("utf-8", "replace"))


def _kept(line: str) -> str:
    plain = without_secrets(visible(line.strip()))
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}{BLANK}"
