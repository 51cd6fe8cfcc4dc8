"""Tests side by side (``pytest -n auto``): who waits for whom, by the markers ``alone`` and ``measures``.

| | while one is ``alone`` | while one ``measures`` | while another runs |
|---|---|---|---|
| ``alone`` | waits | waits | waits |
| ``measures`` | waits | waits | begins |
| any other | waits | begins | begins |

Three files are locked, and always in this order, so that nobody can wait in a circle:

1. ``measures``, for the whole test, by those that measure. Whoever waits for it holds nothing, and so keeps nobody.
2. ``gate``, while a test begins. Whoever waits to be alone holds it: the others come to an end and no new ones begin.
3. ``use``, for the whole test: by one that is alone, or by any number of others.

Who has ``use`` has all that it needs, and gives it back when its test ends, within the test's time limit.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

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
    alone, measures = (item.get_closest_marker(name) is not None for name in ("alone", "measures"))
    with ExitStack() as held:

        def lock(name: str, how: int) -> IO[str]:
            file = held.enter_context(place(run, name).open("w"))
            fcntl.flock(file, how)
            return file

        if measures and not alone:
            lock("measures", fcntl.LOCK_EX)
        gate = lock("gate", fcntl.LOCK_EX)
        lock("use", fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        gate.close()
        yield


def place(run: str, name: str) -> Path:
    """The file of one of the locks that the workers of a test run share."""
    return Path(tempfile.gettempdir()) / f"fulcrum-tests-{run}.{name}"


def in_order(costs: Mapping[Path, int], measuring: Collection[Path]) -> list[Path]:
    """Files by what they cost, then by name; those that measure stand evenly among those that cost as much.

    Workers take files in this order, and two that come to a file that measures at the same time wait for each other.
    """
    places: dict[Path, tuple[int, float, Path]] = {}
    for cost in {*costs.values()}:
        alike = sorted(path for path, found in costs.items() if found == cost)
        for files in ([p for p in alike if p in measuring], [p for p in alike if p not in measuring]):
            places |= {path: (cost, (number + 0.5) / len(files), path) for number, path in enumerate(files)}
    return sorted(costs, key=places.__getitem__)
