"""A server process as the supervisor sees it: started by a keeper, watched, and ended with all that it started."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from probes.engine.running.child import last_words
from probes.serving import keeper
from probes.system import pipes

LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
_STOP_LIMIT = keeper.STOP_SECONDS + 4 * keeper.GRACE_SECONDS
_IN_USE = re.compile(r"address (is )?already in use|EADDRINUSE|could ?n.t bind|failed to bind|port is already", re.I)


class ServerError(Exception):
    """The server isn't what was asked for. ``retry``: another port may help."""

    def __init__(self, reason: str, *, retry: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now. Somebody may take it before the server does: then try again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """A running server. Its keeper ends it when this process ends, however that happens."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        variables: Mapping[str, str],
        cores: Sequence[int] = (),
        stop: Sequence[str] = (),
    ) -> None:
        """Raises ServerError if the command can't be started."""
        self._words: deque[str] = deque(maxlen=200)
        self._ended = threading.Event()
        self._pid_known = threading.Event()
        self._pid: int | None = None
        self._code: int | None = None
        self._error = ""
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "probes.serving.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: variables[name] for name in ("PATH", "PYTHONPATH") if name in variables},
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C in a terminal must reach the supervisor alone
        )
        self._readers = (
            pipes.listen(self._keeper.stdout, self._hear, ended=self._hear_no_more),
            pipes.listen(self._keeper.stderr, lambda line: self._words.append(line.rstrip())),
        )
        self.started = time.perf_counter()
        order = {
            "command": list(command), "folder": str(folder), "variables": dict(variables), "cores": list(cores),
            "stop": list(stop),
        }  # fmt: skip
        with contextlib.suppress(OSError):  # it died: said below
            pipes.say(self._keeper.stdin, json.dumps(order))
        self._pid_known.wait(30.0)
        if self._pid is None:
            reason = self._error or self.last_words()
            self.close()
            raise ServerError(f"It could not be started: {reason}")

    @property
    def pid(self) -> int:
        """Of the server's first process, which leads a session of its own."""
        assert self._pid is not None  # noqa: S101 - known after __init__
        return self._pid

    def ended(self, wait: float = 0.0) -> bool:
        """Whether it has ended by itself, or does so within ``wait`` seconds."""
        return self._ended.wait(wait)

    def death(self) -> ServerError:
        """What is known of a server that ended by itself."""
        self._readers[1].join(0.2)
        how = f"signal {-self._code}" if self._code is not None and self._code < 0 else f"exit code {self._code}"
        return ServerError(
            f"The server ended with {how}\n{self.last_words()}", retry=any(_IN_USE.search(word) for word in self._words)
        )

    def last_words(self) -> str:
        """The last lines that it wrote."""
        return last_words(self._words) or "(it wrote nothing)"

    def listening(self) -> set[tuple[str, int]]:
        """Addresses and ports that any of its processes listens on."""
        addresses = set()
        for process in keeper.session(self.pid):
            with contextlib.suppress(psutil.Error):
                connections = process.net_connections("tcp")
                addresses |= {(c.laddr.ip, c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN}
        return addresses

    def refuse_beyond_loopback(self) -> None:
        """Raises ServerError if others on the network could reach it."""
        beyond = sorted(f"{ip}:{port}" for ip, port in self.listening() if ip not in LOOPBACK)
        if beyond:
            raise ServerError(f"It listens on {', '.join(beyond)}, where others on the network reach it; it was ended.")

    def close(self) -> None:
        """End it and all that it started. Safe to call twice."""
        pipes.close(self._keeper.stdin)
        try:
            self._keeper.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        if self._pid is not None:
            keeper.end_session(self._pid)  # nothing is left, unless somebody ended the keeper
        for reader in self._readers:
            reader.join(1.0)
        pipes.close(self._keeper.stdout, self._keeper.stderr)

    def _hear(self, line: str) -> None:
        """A fact that the keeper tells."""
        fact = json.loads(line)
        if "pid" in fact:
            self._pid = int(fact["pid"])
            self._pid_known.set()
        elif "ended" in fact:
            self._code = int(fact["ended"])
            self._ended.set()
        elif "error" in fact:
            self._error = str(fact["error"])

    def _hear_no_more(self) -> None:
        self._pid_known.set()
        self._ended.set()
