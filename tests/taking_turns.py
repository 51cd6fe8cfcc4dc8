"""Tests side by side (``pytest -n auto``): who is marked ``alone`` waits until the machine is its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

if os.name == "posix":
    import fcntl


@contextmanager
def turn(item: pytest.Item) -> Iterator[None]:
    """One test's use of the machine, its fixtures included. Without other workers, and on Windows, there is no wait."""
    run = getattr(item.config, "workerinput", {}).get("testrunuid", "")
    if not run or os.name != "posix":
        yield
        return
    alone = item.get_closest_marker("alone") is not None
    place = Path(tempfile.gettempdir())
    with (place / f"fulcrum-tests-{run}.gate").open("w") as gate, (place / f"fulcrum-tests-{run}.use").open("w") as use:
        fcntl.flock(gate, fcntl.LOCK_EX)  # nobody begins any more while somebody waits to be alone
        fcntl.flock(use, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield
