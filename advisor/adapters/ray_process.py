"""The child process with Ray in it, seen from whoever gives it an order."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from probes.system import pipes
from probes.system.folders import PACKAGES
from probes.system.variables import starting_with, variables

#: What work that was cancelled may take to end in good order: a child ends at once, a driver with its connection.
_GRACE_SECONDS: Final = 30.0
_POLL: Final = 0.2
_LONGEST: Final = 2**28  # characters of what it says at a time: a whole run, with all its rounds

Said = dict[str, Any]


class Driver:
    """The child with Ray in it: one order in, what it says out."""

    def __init__(self, python: str, address: str, order: Said) -> None:
        own = starting_with("RAY_")  # the token, above all
        passed = variables() | {"RAY_AUTH_MODE": "token"} | own
        self._process = subprocess.Popen(
            [python, "-m", "advisor.adapters.ray_driver", address],
            cwd=PACKAGES,
            env=passed,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._heard: queue.SimpleQueue[Said | None] = queue.SimpleQueue()
        self._words: deque[str] = deque(maxlen=20)
        self._readers = (
            pipes.listen(self._process.stdout, self._hear, ended=lambda: self._heard.put(None), longest=_LONGEST),
            pipes.listen(self._process.stderr, self._hear_words),
        )
        self._tell(json.dumps(order))

    def next(self, seconds: float) -> Said | None:
        """What it says next; None if it has ended, or says nothing for so long."""
        try:
            return self._heard.get(timeout=seconds)
        except queue.Empty:
            return None

    def heard(self, cancelled: Callable[[], bool]) -> Iterator[Said]:
        """All that it says, until it ends. Once ``cancelled``, it is asked to end, and ended if it takes long."""
        patience = float("inf")
        while time.monotonic() < patience:
            if patience == float("inf") and cancelled():
                patience = time.monotonic() + _GRACE_SECONDS
                self._tell("cancel")
            try:
                said = self._heard.get(timeout=_POLL)
            except queue.Empty:
                continue
            if said is None:
                return
            yield said

    def why_silent(self) -> str:
        """Why it ended without an answer, as far as its last words tell."""
        if "No module named 'ray'" in " ".join(self._words):
            return "Ray isn't installed here: pip install -r requirements-fleet.txt"
        return self._words[-1] if self._words else "the connection to the cluster ended"

    def close(self) -> None:
        pipes.close(self._process.stdin)
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join(1.0)

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError):  # it is dead, and what it said last says why
            pipes.say(self._process.stdin, line)

    def _hear(self, line: str) -> None:
        with contextlib.suppress(ValueError):  # what others print is no word of the driver
            self._heard.put(json.loads(line))

    def _hear_words(self, line: str) -> None:
        if line.strip():
            self._words.append(line.strip()[:400])


@contextmanager
def driven(python: str, address: str, order: Said) -> Iterator[Driver]:
    """A driver at work on one order; it doesn't outlive the block."""
    driver = Driver(python, address, order)
    try:
        yield driver
    finally:
        driver.close()
