"""Requests at given times, as LoadGen sends them at drawn ones: it can't be told when, so this stands in its place.

Like LoadGen's own, a latency counts from the moment at which a request is due, whoever was late.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from probes.serving.load_client import Query
from probes.serving.loadgen import Logged, Sample

LEAD = 0.05  # seconds before the first is due: whoever sends it is awake by then


class Replayer:
    """One test: ``complete`` is told which queries have ended, as ``loadgen.complete`` is."""

    def __init__(
        self,
        due: Sequence[float],
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``due``: seconds from the first, ascending."""
        self._due, self._clock, self._sleep = due, clock, sleep
        self._ended: dict[int, float] = {}
        self._lock, self._all_ended = threading.Lock(), threading.Event()

    def run(self, issue: Callable[[Sequence[Query]], None], places: Sequence[int]) -> Logged:
        """Block until every query has ended. ``places``: which question each asks."""
        start, sent = self._clock() + LEAD, []
        for number, (at, place) in enumerate(zip(self._due, places, strict=True)):
            while (left := start + at - self._clock()) > 0:
                self._sleep(left)
            sent.append(self._clock() - start - at)
            issue([Query(number, place)])
        self._all_ended.wait()  # a client gives up what isn't answered
        samples = [
            Sample(at, sent[number], self._ended[number] - start - at) for number, at in enumerate(self._due)
        ]  # fmt: skip
        return Logged(tuple(samples), valid=True, why=(), p99=None)

    def complete(self, queries: Sequence[Query]) -> None:
        """They have ended, whichever way."""
        now = self._clock()
        with self._lock:
            for query in queries:
                self._ended.setdefault(query.id, now)
            if len(self._ended) == len(self._due):
                self._all_ended.set()
