"""The client under load: sends what is due, sees what comes back, and gives up a trial that is already lost.

A *system under test* in LoadGen's words. Each query ends exactly once: answered, with an error, or never sent.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NamedTuple

from probes.serving.wire.connections import Connections

Fate = Literal["answered", "error", "unsent"]
LOOK_SECONDS = 0.1


class Query(NamedTuple):
    """What LoadGen wants answered: its name for it, and which input."""

    id: int
    place: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a test is lost, and when waiting is over."""

    patience: float  # seconds until an answer counts as missing
    limit: float = float("inf")  # seconds that an answer may take …
    may_break: int = 0  # … and queries that may take longer; one more, and the test is lost
    may_fail: int = 0  # queries that may end with an error; one more, and the test is lost
    in_flight: int = 1_000_000  # questions at once


@dataclass(slots=True)
class _Asked:
    queries: Sequence[Query]
    first: int  # the place of the first of them in the order of issue
    question: int
    at: float


@dataclass(slots=True)
class QueryFates:
    """What became of all queries, in the order of issue."""

    fates: list[Fate] = field(default_factory=list)
    bodies: dict[int, bytes] = field(default_factory=dict)  # question -> its last answer
    error: str = ""


class LoadClient:
    """Asks ``questions`` over ``connections``; ``complete`` tells LoadGen which queries have ended."""

    def __init__(
        self,
        connections: Connections,
        questions: Sequence[bytes],
        bounds: Bounds,
        complete: Callable[[Sequence[Query]], None],
        tray: int = 1,
    ) -> None:
        """``tray``: queries that one question answers together; then their own inputs give way to the question's."""
        self.seen = QueryFates()
        self._connections, self._questions, self._bounds = connections, questions, bounds
        self._complete, self._tray = complete, tray
        self._lock = threading.Lock()
        self._flying: dict[int, _Asked] = {}
        self._waiting: deque[_Asked] = deque()
        self._sent = self._late = self._errors = 0
        self.lost = False
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def issue(self, queries: Sequence[Query]) -> None:
        """LoadGen's callback: these are due now."""
        ready = []
        with self._lock:
            first = len(self.seen.fates)
            self.seen.fates += ["unsent"] * len(queries)
            if not self.lost:
                for start in range(0, len(queries), self._tray):
                    part = queries[start : start + self._tray]
                    question = part[0].place if self._tray == 1 else (first + start) // self._tray
                    self._waiting.append(_Asked(part, first + start, question % len(self._questions), 0.0))
                ready = self._due()
            lost = self.lost
        if lost:
            self._complete(queries)
        self._send(ready)

    def close(self) -> None:
        self._over.set()
        self._watch.join()

    def _due(self) -> list[tuple[int, _Asked]]:
        """Under the lock: what may be sent now."""
        due = []
        while self._waiting and len(self._flying) < self._bounds.in_flight:
            asked = self._waiting.popleft()
            asked.at = time.perf_counter()
            self._sent += 1
            self._flying[self._sent] = asked
            due.append((self._sent, asked))
        return due

    def _send(self, ready: Sequence[tuple[int, _Asked]]) -> None:
        for number, asked in ready:
            self._connections.send(self._questions[asked.question], partial(self._ended, number))

    def _ended(self, number: int, body: bytes | None, error: str) -> None:
        with self._lock:
            asked = self._flying.pop(number, None)
            if asked is None:
                return  # given up before
            self._end(asked, "error" if body is None else "answered")
            if body is None:
                self._errors += len(asked.queries)
                self.seen.error = self.seen.error or error
            else:
                self.seen.bodies[asked.question] = body
                self._late += time.perf_counter() - asked.at > self._bounds.limit
            may_break, may_fail = self._bounds.may_break, self._bounds.may_fail
            lost = self._errors > may_fail or self._late + self._errors > may_break
            dropped = self._drop() if lost else []
            ready = self._due()
        self._complete(asked.queries)
        for other in dropped:
            self._complete(other.queries)
        self._send(ready)

    def _end(self, asked: _Asked, fate: Fate) -> None:
        self.seen.fates[asked.first : asked.first + len(asked.queries)] = [fate] * len(asked.queries)

    def _drop(self) -> list[_Asked]:
        """Under the lock: nothing is sent any more."""
        self.lost = True
        dropped = list(self._waiting)
        self._waiting.clear()
        return dropped

    def _look(self) -> None:
        """A server that never answers must not keep LoadGen waiting."""
        while not self._over.wait(LOOK_SECONDS):
            with self._lock:
                oldest = next(iter(self._flying.values()), None)
                if oldest is None or time.perf_counter() - oldest.at < self._bounds.patience:
                    continue
                given_up = list(self._flying.values())
                self._flying.clear()
                for asked in given_up:
                    self._end(asked, "error")
                self.seen.error = self.seen.error or f"no answer within {self._bounds.patience:g} s"
                given_up += self._drop()
            for asked in given_up:
                self._complete(asked.queries)
