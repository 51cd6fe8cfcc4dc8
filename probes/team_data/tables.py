"""A CSV file with a line of names: every column a number, one of them the label. What both sides' loaders can read."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from probes.system.quantities import counted
from probes.team_data import limits
from probes.team_data.limits import TeamDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PIECE: Final = 4096  # lines that are parsed at once
_NUMBERS: Final = "finite numbers, separated by commas"


def columns(path: Path) -> tuple[str, ...]:
    """The names in the first line. Raises TeamDataError where they name nothing, or twice the same."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # spreadsheets put a mark in front
            names = tuple(name.strip() for name in next(csv.reader(file), ()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise TeamDataError(f"{path.name} is no CSV file ({error})", "a text in UTF-8") from error
    if not 2 <= len(names) <= limits.MOST_COLUMNS:
        raise TeamDataError(
            f"{path.name} has {counted(len(names), 'column')}",
            f"2 to {limits.MOST_COLUMNS:,}, separated by commas",
        )
    if any(_is_number(name) or not name for name in names):
        raise TeamDataError(
            f"{path.name} begins with «{', '.join(names)[:60]}»", "a first line with the columns' names"
        )
    if twice := sorted(name for name, times in Counter(names).items() if times > 1):
        raise TeamDataError(
            f"{path.name} has two columns with the name {twice[0]!r}", "a name of its own for each column"
        )
    return names


def label_place(path: Path, names: tuple[str, ...], label: str) -> int:
    """Which column holds the labels. Raises TeamDataError for none of that name."""
    if label not in names:
        said = f"{label!r} is no column of {path.name}" if label else f"not given, and {path.name} is a table"
        shown = ", ".join(names[:12]) + (f" and {len(names) - 12:,} more" if len(names) > 12 else "")
        raise TeamDataError(said, shown, "label")
    return names.index(label)


def look(path: Path, label: str) -> dict[str, Any]:
    """Fields of ``TeamData``. Raises TeamDataError."""
    import numpy as np

    names = columns(path)
    place = label_place(path, names, label)
    count, low, high, whole = 0, math.inf, -math.inf, True
    for table in _tables(path, names):
        labels = table[:, place]
        count += len(table)
        limits.look_at_count(path.name, max(count, limits.FEWEST))  # too many are told before the end is read
        low, high = min(low, float(labels.min())), max(high, float(labels.max()))
        whole = whole and bool((labels == np.round(labels)).all())
    limits.look_at_count(path.name, count)
    size = path.stat().st_size / count
    return {
        "count": count,
        "shapes": {"features": (len(names) - 1,)},
        "label": label,
        "classes": limits.class_number(path.name, int(low), int(high)) if whole else 0,
        "pass_count": limits.pass_count(count, limits.PASS_ROWS, size, limits.PASS_CSV_BYTES),
    }


def arrays(path: Path, label: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """All features (n, columns) and labels (n,), as float32. Raises TeamDataError."""
    import numpy as np

    names = columns(path)
    place = label_place(path, names, label)
    table = np.concatenate(list(_tables(path, names)))
    return np.delete(table, place, axis=1), table[:, place]


def _tables(path: Path, names: tuple[str, ...]) -> Iterator[NDArray[Any]]:
    """Pieces of the table as float32, as both sides read it. Raises TeamDataError with the line of a mistake."""
    import numpy as np

    line = 2
    try:
        # A return alone ends a line to Python, and to no loader that both sides have.
        with path.open(encoding="utf-8", newline="\n") as file:
            next(file, None)
            while lines := list(islice(file, _PIECE)):
                try:
                    table = np.loadtxt(lines, np.float32, delimiter=",", ndmin=2, comments=None)
                except ValueError:
                    table = np.zeros((0, 0), np.float32)
                if table.shape != (len(lines), len(names)) or not np.isfinite(table).all():
                    raise _mistake(path, names, lines, line)
                yield table
                line += len(lines)
    except UnicodeDecodeError as error:
        raise TeamDataError(f"{path.name} is no CSV file ({error})", "a text in UTF-8") from error


def _mistake(path: Path, names: tuple[str, ...], lines: list[str], first: int) -> TeamDataError:
    for number, line in enumerate(lines, first):
        cells = line.rstrip("\n").split(",")
        if not line.strip():
            return TeamDataError(f"{path.name}, line {number} is empty", f"{len(names)} numbers in each line")
        if len(cells) != len(names):
            return TeamDataError(
                f"{path.name}, line {number} has {counted(len(cells), 'column')}",
                f"{len(names)}, as its first line",
            )
        for name, cell in zip(names, cells, strict=True):
            if not _is_number(cell) or not abs(float(cell)) <= _LARGEST:
                return TeamDataError(f"{path.name}, line {number}, {name}: {cell.strip()[:40]!r}", _NUMBERS)
    return TeamDataError(f"{path.name}, lines {first} to {first + len(lines) - 1} can't be read", _NUMBERS)


_LARGEST: Final = 3.4028234e38  # of a float32


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # which Python alone takes for a number
