"""What compilers keep on the disk for later runs, and when it must not be believed.

A child that is ended while it compiles (cancelled, killed, a power cut) leaves half a library behind, and every later
run that loads it fails. Hence a mark lies beside the cache as long as somebody compiles: one whose process is gone
means that the cache may be broken, and it is thrown away.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probes.system import folders

_MARK = "compiling-"


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Compile inside. ``folder`` is emptied first if somebody died while compiling into it."""
    import psutil

    if not all(psutil.pid_exists(int(mark.name.removeprefix(_MARK))) for mark in folder.glob(f"{_MARK}*")):
        shutil.rmtree(folder, ignore_errors=True)
    folders.made(folder)
    mark = folder / f"{_MARK}{os.getpid()}"
    mark.touch()
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)
