"""Who draws when: all scripts of a server share one interpreter, so that readers take turns and editors go first.

A script gives the interpreter away at each of its hundreds of messages and waits for it behind every other script that
runs; fifty of them at once made an editor's click take ten seconds. One reader's page at a time costs the readers
nothing together, and an editor waits for one part of one page.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Final

PATIENCE: Final = 3.0  # seconds after which a reader draws although editors do, or although another one still does
PAUSE: Final = 0.5  # seconds for which a reader stops within a page: the front end greys out what takes longer
_LOOK: Final = 0.25  # seconds after which who waits looks by itself: whoever was to tell it may be gone


class Turns:
    """Safe to use from several threads. A thread that reads neither edits nor reads once more meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)  # for who wants to draw
        self._calm = threading.Condition(self._lock)  # for who stopped within a page
        self._reading: dict[int, float] = {}  # threads, and since when
        self._editing = 0

    @contextlib.contextmanager
    def editing(self) -> Iterator[None]:
        """An editor's script or part of it runs: it never waits, and readers do."""
        with self._lock:
            self._editing += 1
        try:
            yield
        finally:
            with self._lock:
                self._editing -= 1
                if not self._editing:
                    self._calm.notify_all()
                    self._free.notify()

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """A reader's page is drawn, as the only one unless another takes longer than ``PATIENCE``."""
        me = threading.get_ident()
        with self._lock:
            self._until_free()
            self._reading[me] = monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._reading.pop(me, None)
                self._free.notify()

    def wait(self) -> None:
        """Until a reader may draw: for where nothing of the page is greyed out yet."""
        with self._lock:
            self._until_free()

    def _until_free(self) -> None:
        begin = monotonic()
        while self._taken(begin):
            self._free.wait(_LOOK)

    def _taken(self, since: float) -> bool:
        now = monotonic()
        editors_first = bool(self._editing) and now - since < PATIENCE
        return editors_first or any(now - began < PATIENCE for began in self._reading.values())

    def give_way(self) -> None:
        """Between two parts of a page: let editors pass, if this thread has a reader's turn. ``PAUSE`` at most."""
        with self._lock:
            if self._editing and threading.get_ident() in self._reading:
                self._calm.wait_for(lambda: not self._editing, PAUSE)


turns: Final = Turns()
