"""The process that scans: a request in JSON on its standard input, a line of JSON for each thing that it says.

It reads files that strangers wrote, so that it is a process of its own: it imports no framework, ends with whoever
started it, and has limits of time and memory. Nothing that it reads is run.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from advisor.effort.pins import pin_files, pins_of
from advisor.lifecycle import lock_files
from advisor.lifecycle.dates import ClockInputError
from advisor.lifecycle.pins import LockFile
from advisor.ports import CodeScan, ProjectLock
from advisor.ports.code import ScanSource
from advisor.scan import engine
from advisor.scan.archives import opened
from advisor.scan.found_lines import found_lines
from advisor.scan.limits import MB, ScanClock, ScanError, ScanLimits
from advisor.scan.report import ScanReport
from probes.json_form import to_dict

#: Seconds after which it is killed; by itself it ends before, with what it has read by then.
KILL_AFTER: Final = 90.0
#: Bytes of resident memory beyond which it is killed. A million lines take less than half of it.
MOST_MEMORY: Final = 500 * MB
_MOST_ADDRESSES: Final = 2_000 * MB  # of address space: what it could take between two looks at its memory
#: So many findings are kept in the database; the command line lists more.
LIMITS: Final = ScanLimits(findings=10_000)
_MOST_KEPT: Final = 16 * MB  # of all that is kept, as text: no tree that people wrote comes near it
_MOST_PINS: Final = 5_000  # of all files together
_MOST_LOCKS: Final = 8


def main() -> int:
    """One request, and the end."""
    request = json.loads(sys.stdin.readline())
    _limit()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        done = scanned(request["source"], Path(request["path"]), request["title"], _doing)
    except ScanError as error:  # «PATH» is the command line's word
        _say(refused=str(error).removeprefix("PATH: "))
    except MemoryError:
        _say(refused="It takes more memory than a scan may have. Scan a part of it.")
    else:
        kept = to_dict(done)
        if len(json.dumps(kept)) > _MOST_KEPT:
            _say(refused=f"What was found takes more than {_MOST_KEPT / MB:,.0f} MB. Scan a part of it.")
        else:
            _say(result=kept)
    return 0


def scanned(
    source: ScanSource, path: Path, title: str, tell: Callable[[str, float], None] = lambda *_: None
) -> CodeScan:
    """What is kept of a scan. Raises ScanError."""
    if source == "packages":
        tell("Reading the list", 0.5)
        try:
            return of_list(path.read_text(encoding="utf-8", errors="replace"), title)
        except ValueError as error:
            raise ScanError(str(error)) from error
    day = datetime.now(UTC).date()
    clock = ScanClock(LIMITS.seconds)
    tell("Unpacking" if source == "archive" else "Listing", 0.02)
    with opened(path, LIMITS, clock) as root:
        left = replace(LIMITS, seconds=max(1.0, LIMITS.seconds - (time.monotonic() - clock.began)))
        report = engine.scan(root, left, tell=partial(_told, tell))
        tell("Reading the lines of what was found", 0.95)
        return CodeScan(source, title, day, report, found_lines(root, report.findings), tuple(locks(root, report)))


def of_list(text: str, title: str) -> CodeScan:
    """The same of a list of packages alone. Raises ValueError with a reason."""
    try:
        lock = lock_files.parsed(text)
    except ClockInputError as error:
        raise ValueError(f"The list {error}; allowed: what pip freeze prints, or a file of requirements") from error
    return CodeScan("packages", title, datetime.now(UTC).date(), None, locks=(ProjectLock("", _cut(lock)),))


def locks(root: Path, report: ScanReport) -> Iterator[ProjectLock]:
    """What can be asked until when it can stay; the first is the one that the command asks."""
    pins = 0
    for file in pin_files(report)[:_MOST_LOCKS]:
        with contextlib.suppress(ClockInputError):
            lock = pins_of(root, file, report)
            pins += len(lock.pins)
            if pins <= _MOST_PINS:
                yield ProjectLock(file, _cut(lock))


def _cut(lock: LockFile) -> LockFile:
    """A list is bounded; of lines that aren't understood the first few say enough, and may hold anything."""
    return replace(lock, pins=lock.pins[:_MOST_PINS], unread=tuple(line[:80] for line in lock.unread[:5]))


def _told(tell: Callable[[str, float], None], done: int, of: int) -> None:
    tell(f"Reading source {done:,} of {of:,}", 0.1 + 0.8 * done / max(1, of))


def _doing(what: str, fraction: float) -> None:
    _say(doing=what, fraction=fraction)


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """Nothing more is sent: standard input ends when whoever started this is gone."""
    sys.stdin.read()
    os._exit(1)


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # POSIX only

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESSES, _MOST_ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


if __name__ == "__main__":
    sys.exit(main())
