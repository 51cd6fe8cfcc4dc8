"""One run at a time on a machine, whoever starts it: the app, the command line, a test."""

from __future__ import annotations

import getpass
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from probes.engine.running.child import POLL_SECONDS, CancelledError

NAME = "fulcrum-probes.lock"


#: What keeps the machine for one run at a time: ``machine_lock``, or nothing in tests.
Lock = Callable[..., AbstractContextManager[None]]


@contextmanager
def machine_lock(
    *, waiting: Callable[[], None], cancelled: Callable[[], bool], folder: Path | None = None
) -> Iterator[None]:
    """Hold the machine's lock. While another run has it, ``waiting`` is called once and ``cancelled`` is asked often.

    Raises CancelledError if the wait was cancelled. A lock file that belongs to another user and can't be opened
    gives way to one of this user's own.
    """
    folder = folder or Path(tempfile.gettempdir())
    lock = FileLock(folder / NAME, mode=0o666)
    try:
        take(lock, waiting=waiting, cancelled=cancelled)
    except PermissionError:
        lock = FileLock(folder / f"{getpass.getuser()}-{NAME}", mode=0o600)
        take(lock, waiting=waiting, cancelled=cancelled)
    try:
        yield
    finally:
        lock.release()


def take(lock: FileLock, *, waiting: Callable[[], None], cancelled: Callable[[], bool]) -> None:
    """Acquire ``lock``. While another holds it, ``waiting`` is called once and ``cancelled`` is asked often.

    Raises CancelledError if the wait was cancelled, OSError if the file can't be opened.
    """
    told = False
    while not lock.is_locked:
        try:
            lock.acquire(timeout=POLL_SECONDS)
        except Timeout:
            if not told:
                waiting()
                told = True
            if cancelled():
                raise CancelledError from None
