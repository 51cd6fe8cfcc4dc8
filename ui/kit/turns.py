"""Who draws when: all scripts of a server share one interpreter, so that readers take turns and editors go first.

A script gives the interpreter away at each of its hundreds of messages and waits for it behind every other script that
runs; fifty of them at once made an editor's click take ten seconds. One reader's page at a time costs the readers
nothing together, and an editor waits for one part of one page.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from time import monotonic
from typing import Final

PATIENCE: Final = 3.0  # seconds after which a reader draws although editors do, or although another one still does
KEPT: Final = 0.5  # seconds for which a turn waits for the script that is to draw
PAUSE: Final = 0.5  # seconds for which a reader stops within a page: the front end greys out what takes longer
_LOOK: Final = 0.25  # seconds after which the first in the queue looks by itself: whoever was to tell it may be gone


class Turns:
    """Safe to use from several threads. A thread that reads neither edits nor reads once more meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calm = threading.Condition(self._lock)  # for who stopped within a page
        self._queue: deque[threading.Condition] = deque()  # who wants to draw, in the order of coming
        self._reading: dict[int, float] = {}  # threads, and until when their turns count
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
                    self._next()

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """A reader's page is drawn, as the only one unless another takes longer than ``PATIENCE``."""
        me = threading.get_ident()
        with self._lock:
            if self._reading.get(me, 0.0) < monotonic():
                self._take_turn()
            self._reading[me] = monotonic() + PATIENCE
        try:
            yield
        finally:
            with self._lock:
                self._reading.pop(me, None)
                self._next()

    def wait(self) -> None:
        """Wait for the turn of which ``reading`` makes use in this thread: here nothing of the page is greyed out yet.

        It is kept for ``KEPT`` seconds: the script may be stopped before it draws.
        """
        with self._lock:
            self._take_turn()
            now = monotonic()
            self._reading = {thread: end for thread, end in self._reading.items() if end > now}
            self._reading[threading.get_ident()] = now + KEPT

    def give_way(self) -> None:
        """Between two parts of a page: let editors pass, if this thread has a reader's turn. ``PAUSE`` at most."""
        with self._lock:
            if self._editing and threading.get_ident() in self._reading:
                self._calm.wait_for(lambda: not self._editing, PAUSE)

    def _take_turn(self) -> None:
        came, mine = monotonic(), threading.Condition(self._lock)
        self._queue.append(mine)
        while self._queue[0] is not mine or self._taken(came):
            mine.wait(_LOOK if self._queue[0] is mine else None)
        self._queue.popleft()
        self._next()

    def _taken(self, came: float) -> bool:
        now = monotonic()
        return (bool(self._editing) and now - came < PATIENCE) or any(end > now for end in self._reading.values())

    def _next(self) -> None:
        if self._queue:
            self._queue[0].notify()


turns: Final = Turns()
