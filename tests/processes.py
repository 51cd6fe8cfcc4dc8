"""Waiting for other processes: for what they do, and for their end."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")
LOOK_SECONDS = 0.02


def wait_until(found: Callable[[], T], what: str, patience: float = 60.0) -> T:
    """The first result of ``found`` that is true. Fails after ``patience`` seconds, saying ``what`` did not come."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(LOOK_SECONDS)
    raise AssertionError(f"not within {patience:.0f} s: {what}")


def over(process: psutil.Process) -> bool:
    """Whether a process has ended, even if nobody has read its exit status yet.

    An orphan's is read by the first process of the machine, and in a container that may take seconds.
    """
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def descendants_of_tests(program: str) -> list[psutil.Process]:
    """Living descendants of this process whose command line names ``program``."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if not over(process) and any(program in part for part in process.cmdline()):
                found.append(process)
    return found


def minor_faults(pid: int) -> int:
    """Of a process so far: the tenth field of its line in /proc (proc(5)), after a name that may hold blanks."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[7])
