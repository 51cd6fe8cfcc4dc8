"""A team's own requests: when each came, and how many rows it had. One CSV file; its times stay out of records."""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Final

from probes.serving.schema import Trace
from probes.system.plaintext import visible
from probes.system.whole_files import UnreadableFileError, contents

LARGEST: Final = 2**26  # bytes
MOST: Final = 1_000_000  # requests
FEWEST: Final = 20  # requests that say something, as in a trial
MOST_ROWS: Final = 1024  # of one request
_COLUMNS: Final = ("timestamp", "size")
_WHOLE: Final = re.compile(r"[0-9]{1,9}")
_TIMES: Final = "seconds, or a date and time as in ISO 8601"
#: In seconds that is in the year 5138: whoever writes more counts in milliseconds.
_LATEST: Final = 1e11


class TraceError(ValueError):
    """A trace that can't be replayed. The text names the line, what is wrong with it, and what is allowed."""

    def __init__(self, what: str, allowed: str) -> None:
        super().__init__(f"trace: {what}; allowed: {allowed}")


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Requests in the order of their arrival: seconds from the first one, and rows."""

    due: tuple[float, ...]
    rows: tuple[int, ...]

    def first(self, seconds: float, most: int) -> Arrivals:
        """Those that arrive within so many seconds, ``most`` of them."""
        number = min(most, sum(at <= seconds for at in self.due))
        return Arrivals(self.due[:number], self.rows[:number])


def look(path: Path) -> Trace:
    """What is in the file. Raises TraceError."""
    content = _content(path)
    found = _parsed(path.name, content)
    seconds = found.due[-1]
    if not seconds > 0:
        raise TraceError(f"the requests of {path.name} come all at once", "times that differ")
    return Trace(
        name=visible(path.name),
        sha256=hashlib.sha256(content).hexdigest(),
        requests=len(found.due),
        seconds=round(seconds, 6),
        rows=sum(found.rows),
        largest=max(found.rows),
        fewest_seconds=round(found.due[FEWEST - 1], 6),
    )


def arrivals(path: Path, sha256: str) -> Arrivals:
    """The requests of the file that was looked at. Raises TraceError, for another content too."""
    content = _content(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise TraceError(f"{path.name} has changed since it was looked at", "the same file: begin again")
    return _parsed(path.name, content)


def refusal(path: Path | None, found: Trace) -> str:
    """Why the trace that was looked at can't be replayed; "" if it can."""
    if path is None:
        return f"{found.name} isn't here: name it to replay it"
    try:
        arrivals(path, found.sha256)
    except TraceError as error:
        return str(error)
    return ""


def _content(path: Path) -> bytes:
    try:
        return contents(path, largest=LARGEST)
    except UnreadableFileError as error:
        raise TraceError(error.what, error.allowed) from error


def _parsed(name: str, content: bytes) -> Arrivals:
    try:
        text = content.decode("utf-8-sig")
        rows = [(number, row) for number, row in enumerate(csv.reader(StringIO(text)), 1) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise TraceError(f"{name} is no CSV file ({error})", "a text in UTF-8") from error
    (at, size), start = _places(name, rows)
    found = list(_requests(name, rows[start:], at, size))
    if not FEWEST <= len(found) <= MOST:
        raise TraceError(f"{name} has {len(found):,} requests", f"{FEWEST} to {MOST:,}")
    if len({zoned for _, zoned, _ in found}) > 1:
        raise TraceError(f"some times of {name} have a time zone and others don't", "all or none, or seconds")
    ordered = sorted((time, number) for time, _, number in found)  # logs are often in the order of the answers
    return Arrivals(tuple(time - ordered[0][0] for time, _ in ordered), tuple(number for _, number in ordered))


def _places(name: str, rows: Sequence[tuple[int, list[str]]]) -> tuple[tuple[int, int | None], int]:
    """The columns of times and of sizes (None: every request has one row), and which row is the first of them."""
    first = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if _COLUMNS[0] in first:
        return (first.index(_COLUMNS[0]), first.index(_COLUMNS[1]) if _COLUMNS[1] in first else None), 1
    if first and len(first) <= len(_COLUMNS) and _time(first[0]) is not None:
        return (0, 1 if len(first) == len(_COLUMNS) else None), 0
    raise TraceError(
        f"{name} begins with «{', '.join(first)[:60]}»", "the columns «timestamp» and, if you like, «size»"
    )


def _requests(
    name: str, rows: Sequence[tuple[int, list[str]]], at: int, size: int | None
) -> Iterator[tuple[float, str, int]]:
    """Seconds, in which sense they are meant, and rows of each request."""
    for line, row in rows:
        if len(row) <= max(at, size or 0):
            raise TraceError(f"{name}, line {line} has too few columns ({len(row)})", "a time and a size in each line")
        time = _time(row[at].strip())
        if time is None:
            raise TraceError(f"{name}, line {line}, timestamp: {row[at].strip()[:40]!r}", _TIMES)
        if time[1] == "seconds" and not 0 <= time[0] < _LATEST:
            raise TraceError(
                f"{name}, line {line}, timestamp: {row[at].strip()[:40]!r}", "seconds from 0 on, not milliseconds"
            )
        text = "1" if size is None else row[size].strip()
        if not (_WHOLE.fullmatch(text) and 1 <= int(text) <= MOST_ROWS):
            raise TraceError(f"{name}, line {line}, size: {text[:40]!r}", f"a whole number of rows, 1 to {MOST_ROWS}")
        yield (*time, int(text))


def _time(text: str) -> tuple[float, str] | None:
    """Seconds, and whether they were written as such, as a date with a zone, or without; None for anything else."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        zoned = moment.tzinfo is not None
        return (moment if zoned else moment.replace(tzinfo=UTC)).timestamp(), "zone" if zoned else "no zone"
    return (seconds, "seconds") if math.isfinite(seconds) else None
