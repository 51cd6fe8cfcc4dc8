"""Files that are read whole, or written whole or not at all.

Of those that people name only regular ones are read, up to a size: a device has no end, a pipe may never begin.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

_KINDS: Final = (
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)
_LONGEST: Final = 60  # characters of a path in a message: enough to find the file by its end


class UnreadableFileError(Exception):
    """Why a file wasn't read: ``what`` is wrong with it, and what is ``allowed``."""

    def __init__(self, path: Path, what: str, allowed: str) -> None:
        self.what, self.allowed = f"{shortened(path)} {what}", allowed
        super().__init__(f"{self.what}; allowed: {allowed}")


def contents(path: Path, *, largest: int) -> bytes:
    """What a regular file of at most ``largest`` bytes holds. Raises UnreadableFileError, at once for what is none."""
    try:
        with open(path, "rb", opener=_at_once) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                kind = next((words for holds, words in _KINDS if holds(found.st_mode)), "is no regular file")
                raise UnreadableFileError(path, kind, "a regular file")
            content = file.read(largest + 1) or b""  # None: of the kernel's files some have nothing yet
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableFileError(path, f"can't be read ({reason})", "a file that can be read") from error
    if len(content) > largest:
        raise UnreadableFileError(path, f"has {max(found.st_size, len(content)):,} bytes", f"at most {largest:,} bytes")
    return content


def write(path: Path, text: str, *, opener: Callable[[str, int], int] | None = None) -> None:
    """Put ``text`` at ``path`` in one step: whoever reads meanwhile finds what was there before, or all of it.

    ``opener``: as ``open`` has it. Raises OSError; then what was there stays, and nothing is left beside it.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "w", encoding="utf-8", opener=opener) as out:
            out.write(text)
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _at_once(path: str, flags: int) -> int:
    """Opening a pipe would wait for somebody who writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def shortened(path: Path) -> str:
    """The end of a long path, so that what is said of it isn't lost behind it."""
    text = str(path)
    return text if len(text) <= _LONGEST else f"…{text[1 - _LONGEST :]}"
