"""Ends what a measured program started and let go: a process with a session of its own is in nobody's group."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psutil

#: Looks, at most: something may be started while others are ended.
_LOOKS: Final = 10


@contextmanager
def ended(scratch: str) -> Iterator[None]:
    """Afterwards nobody is left who works in that scratch folder; nothing is looked for in ""."""
    try:
        yield
    finally:
        if scratch:
            end("TMPDIR", scratch)


def end(variable: str, value: str) -> int:
    """Kill every process of this user whose environment says that ``variable`` is ``value``; returns how many.

    The environment is what a process was started with, and what it forks inherits: who wants to hide, can.
    """
    ended = 0
    for _ in range(_LOOKS):
        found = [process for process in psutil.process_iter() if _has(process, variable, value)]
        if not found:
            break
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(found, timeout=1.0)
        ended += len(found)
    return ended


def _has(process: psutil.Process, variable: str, value: str) -> bool:
    try:
        return process.environ().get(variable) == value and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False
