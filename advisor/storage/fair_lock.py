"""A lock that is given in the order in which it was asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from advisor.ports import StoreUnavailableError
from advisor.storage.failures import BUSY


class FairLock:
    """Whoever waited longest is next.

    SQLite has no such order: who finds it locked asks again after ever longer pauses, up to a tenth of a second, and
    whoever happens to ask at the right moment goes first. Dozens of writers in one process lock one of them out so for
    as long as it has patience. ``threading.Lock`` has none either: who gives it back may take it again at once.
    """

    def __init__(self) -> None:
        self._inner = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Raises StoreUnavailableError after so many seconds without a turn."""
        if not self._take(seconds):
            raise StoreUnavailableError(BUSY)
        try:
            yield
        finally:
            self._give()

    def _take(self, seconds: float) -> bool:
        with self._inner:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(seconds):
            return True
        with self._inner:
            if turn.is_set():  # given between the end of the wait and now
                return True
            self._waiting.remove(turn)
            return False

    def _give(self) -> None:
        """To the next one straight away, so that nobody who comes meanwhile goes before."""
        with self._inner:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
