"""Scratch folders that are gone when their process is: at its end by itself, after a kill at the next start."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_NAME: Final = re.compile(r"fulcrum-[0-9a-f]{16}\.lock")


@contextmanager
def scratch_folder() -> Iterator[str]:
    """A new one, its owner's alone. A lock beside it says that somebody lives in it, in whatever container.

    The lock is there first and goes last, so that nobody ever sees a folder without one.
    """
    path = Path(tempfile.gettempdir()) / f"fulcrum-{secrets.token_hex(8)}"
    lock = FileLock(f"{path}.lock", mode=0o600)
    with lock:
        try:
            path.mkdir(mode=0o700)
            yield str(path)
        finally:
            shutil.rmtree(path, ignore_errors=True)
            with suppress(OSError):  # Windows deletes no open file: ``sweep`` does
                os.unlink(lock.lock_file)


def sweep() -> int:
    """Delete what processes left that were killed; returns how many. Others' folders and live ones are left alone."""
    swept = 0
    for path in Path(tempfile.gettempdir()).glob("fulcrum-*.lock"):
        if not _NAME.fullmatch(path.name) or not _ours(path, stat.S_ISREG):
            continue
        left = path.with_suffix("")
        try:
            with FileLock(path, timeout=0, mode=0o600):
                if _ours(left, stat.S_ISDIR):
                    shutil.rmtree(left, ignore_errors=True)
                    swept += 1
                with suppress(OSError):
                    path.unlink()
        except (Timeout, OSError):  # alive, or not to be opened
            continue
    return swept


def _ours(path: Path, kind: Callable[[int], bool]) -> bool:
    """A file or folder of this user; no link, which could lead anywhere."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return kind(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())
