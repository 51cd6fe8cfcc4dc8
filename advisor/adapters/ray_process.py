"""The child processes with Ray in them, seen from whoever gives them orders.

One takes orders for many machines: a process for each would be 150 MB and two seconds of a core as each run begins.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from probes.system import pipes
from probes.system.folders import PACKAGES
from probes.system.variables import starting_with, variables

#: Orders that a driver has at a time: what its death interrupts, each at its last finished round.
MOST_ORDERS: Final = 32
#: How long a driver without an order is kept: the next run of a sweep comes within a second.
LINGER_SECONDS: Final = 10.0
#: What work that was cancelled may take to end in good order: a child ends at once.
_GRACE_SECONDS: Final = 30.0
_POLL: Final = 0.2
_LONGEST: Final = 2**28  # characters of what it says at a time: a whole run, with all its rounds

Said = dict[str, Any]


class GivenOrder:
    """What was asked of a driver: all that it says of that, until it says that this is the end."""

    def __init__(self, driver: _Driver, number: int, *, first: bool) -> None:
        self._driver, self.number = driver, number
        self.first = first  # whether the driver was started for it
        self.heard_of: queue.SimpleQueue[Said | None] = queue.SimpleQueue()

    def next(self, seconds: float) -> Said | None:
        """What it says next; None if it has ended, or says nothing for so long."""
        try:
            return self.heard_of.get(timeout=seconds)
        except queue.Empty:
            return None

    def heard(self, cancelled: Callable[[], bool]) -> Iterator[Said]:
        """All that is said, until the end. Once ``cancelled``, it is asked to end, and given up if that takes long."""
        patience = float("inf")
        while time.monotonic() < patience:
            if patience == float("inf") and cancelled():
                patience = time.monotonic() + _GRACE_SECONDS
                self._driver.tell({"do": "cancel", "id": self.number})
            try:
                said = self.heard_of.get(timeout=_POLL)
            except queue.Empty:
                continue
            if said is None:
                return
            yield said
        self._driver.retired = True  # it doesn't do what it is asked to

    def why_silent(self) -> str:
        """Why it ended without an answer, as far as the driver's last words tell."""
        return self._driver.last_words()


class _Driver:
    """One child process, and the orders that it has."""

    def __init__(self, python: str, address: str) -> None:
        own = starting_with("RAY_")  # the token, above all
        self._process = subprocess.Popen(
            [python, "-m", "advisor.adapters.ray_driver", address],
            cwd=PACKAGES,
            env=variables() | {"RAY_AUTH_MODE": "token"} | own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self.ended = False
        self.retired = False  # it gets no more orders, and goes with its last one
        self.idle_since = time.monotonic()
        self.orders: dict[int, GivenOrder] = {}
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._words: deque[str] = deque(maxlen=20)
        self._readers = (
            pipes.listen(self._process.stdout, self._hear, ended=self._end, longest=_LONGEST),
            pipes.listen(self._process.stderr, self._hear_words),
        )

    def take(self, order: GivenOrder) -> bool:
        """Whether it has room for one more. One that died before it heard of that says so to the order."""
        with self._lock:
            if self.retired or len(self.orders) >= MOST_ORDERS or (self.ended and not order.first):
                return False
            self.orders[order.number] = order
            if self.ended:
                order.heard_of.put(None)
        return True

    def drop(self, order: GivenOrder) -> None:
        """Nobody hears of it any more: whatever is still at work on it is ended."""
        with self._lock:
            self.orders.pop(order.number, None)
        self.tell({"do": "drop", "id": order.number})

    def tell(self, what: Said) -> None:
        with self._writing, contextlib.suppress(OSError, ValueError):  # it is dead, and what it said last says why
            pipes.say(self._process.stdin, json.dumps(what))

    def last_words(self) -> str:
        self._readers[1].join(1.0)  # a process that has ended has said them
        if "No module named 'ray'" in " ".join(self._words):
            return "Ray isn't installed here: pip install -r requirements-fleet.txt"
        return self._words[-1] if self._words else "the connection to the cluster ended"

    def close(self) -> None:
        pipes.close(self._process.stdin)
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(1.0)

    def _hear(self, line: str) -> None:
        with contextlib.suppress(ValueError):  # what others print is no word of the driver
            self._pass_on(json.loads(line))

    def _end(self) -> None:
        with self._lock:
            self.ended = True
            left = list(self.orders.values())
        for order in left:
            order.heard_of.put(None)

    def _pass_on(self, said: Said) -> None:
        """To whoever gave that order; what names none is about all of them."""
        number = said.pop("id", None)
        with self._lock:
            meant = [order for order in self.orders.values() if number in (None, order.number)]
        for order in meant:
            order.heard_of.put(None if said.get("say") == "end" else said)

    def _hear_words(self, line: str) -> None:
        if line.strip():
            self._words.append(line.strip()[:400])


class Drivers:
    """As many as the orders under way take; none outlives its last order by more than ``LINGER_SECONDS``."""

    def __init__(self, python: str, address: str) -> None:
        self._python, self._address = python, address
        self._lock = threading.Lock()
        self._drivers: list[_Driver] = []
        self._numbers = itertools.count(1)

    @contextmanager
    def given(self, what: Said, *, keep: bool = True) -> Iterator[GivenOrder]:
        """An order at work; nothing of it outlives the block. ``keep``: more orders are likely to come soon."""
        with self._lock:
            driver, order = self._with_room()
        driver.tell(what | {"id": order.number})
        try:
            yield order
        finally:
            driver.drop(order)
            driver.idle_since = time.monotonic()
            if not self._end_idle(driver, LINGER_SECONDS if keep else 0.0) and keep:
                later = threading.Timer(LINGER_SECONDS, self._end_idle, (driver, LINGER_SECONDS))
                later.daemon = True
                later.start()

    def _with_room(self) -> tuple[_Driver, GivenOrder]:
        number = next(self._numbers)
        for driver in self._drivers:
            if driver.take(order := GivenOrder(driver, number, first=False)):
                return driver, order
        driver = _Driver(self._python, self._address)
        self._drivers.append(driver)
        driver.take(order := GivenOrder(driver, number, first=True))
        return driver, order

    def _end_idle(self, driver: _Driver, after: float) -> bool:
        """Whether it was ended: it has no order, and died, is retired or has had none for so many seconds."""
        with self._lock:
            useless = driver.ended or driver.retired
            waited = time.monotonic() - driver.idle_since >= after
            if driver.orders or driver not in self._drivers or not (useless or waited):
                return False
            self._drivers.remove(driver)
        driver.close()
        return True
