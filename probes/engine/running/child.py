"""The supervisor's end of a measured child: start it, ask it, end it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import secrets
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from probes.contracts import Cancelled
from probes.engine.running import strays
from probes.schema import Framework, Outcome
from probes.system import pipes, quoting

LAST_WORDS = 8  # lines of stderr that a failure report shows
STACK = 16  # and if it ends with a crash's stack
#: What TensorFlow writes at every start, whatever is asked of it; the last words of a child that died are others.
NOISE = re.compile(r"WARNING: All log messages before absl|[IW]\d{4} |E\d{4} .*failed call to cuInit")
LONGEST_REPLY = 2**26  # characters
POLL_SECONDS = 0.2  # how often a waiting supervisor looks whether it was cancelled
_GRACE_SECONDS = 0.3
#: The variable by which a child's own processes are found, wherever they went.
MARK = "FULCRUM_CHILD"


class ChildError(Exception):
    """A child didn't deliver. ``dead`` says that it can't be asked again."""

    def __init__(self, framework: Framework, outcome: Outcome, reason: str, *, dead: bool) -> None:
        super().__init__(reason)
        self.framework = framework
        self.outcome = outcome
        self.reason = reason
        self.dead = dead


class CancelledError(Exception):
    """The run was cancelled while a child was being waited for."""


class Child(Protocol):
    """One framework's process, as the supervisor sees it."""

    framework: Framework

    def ask(self, do: str, *, timeout: float, **arguments: Any) -> dict[str, Any]:
        """Send a command and wait for its reply. Raises ChildError or CancelledError."""

    def close(self) -> None:
        """End it and all it started. Safe to call twice."""


class Launcher(Protocol):
    """Starts a child for a framework in an environment."""

    def __call__(self, framework: Framework, environment: dict[str, str], cancelled: Cancelled) -> Child: ...


class ProcessChild:
    """A real child: a process group of its own, commands on its stdin, replies on a pipe, stderr's tail kept."""

    def __init__(
        self, framework: Framework, environment: dict[str, str], cancelled: Cancelled, command: Sequence[str] = ()
    ) -> None:
        """``command``: a program that talks as ``probes.engine.child.command_loop`` does; this process' id is last."""
        self.framework: Framework = framework
        self._cancelled = cancelled
        self._looked_at = time.monotonic()
        self._oom_kills = _oom_kills()
        self._mark = secrets.token_hex(8)
        self._process = subprocess.Popen(
            [*(command or (sys.executable, "-m", "probes.engine.child.worker", framework)), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment | {MARK: self._mark},
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._replies: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._words: deque[str] = deque(maxlen=200)
        said, put = self._process.stdout, self._replies.put
        self._readers = (
            pipes.listen(said, put, ended=lambda: put(None), longest=LONGEST_REPLY),
            pipes.listen(self._process.stderr, lambda line: self._words.append(line.rstrip())),
        )

    @property
    def pid(self) -> int:
        """The process id, which is its group's too on POSIX systems."""
        return self._process.pid

    def ask(self, do: str, *, timeout: float, **arguments: Any) -> dict[str, Any]:
        """See ``Child``. A child that times out is ended: nobody knows what it would say next."""
        if time.monotonic() - self._looked_at >= POLL_SECONDS:  # replies may come so fast that nobody ever waits
            self._look()
        try:
            pipes.say(self._process.stdin, json.dumps({"do": do, **arguments}))
        except OSError:
            raise self._death() from None
        line = self._wait(time.monotonic() + timeout)
        if line is None:
            raise self._death()
        reply = self._read(line)
        if reply.get("foreign"):
            names = " and ".join(reply["foreign"])
            raise self._error(Outcome.CONTAMINATED, f"the process also had {names} loaded: one framework a process")
        if "error" in reply:
            raise self._error(Outcome(reply["outcome"]), reply["error"], dead=False)
        return reply

    def close(self) -> None:
        """SIGTERM, then SIGKILL, to the group; and whoever has left it and still holds a pipe."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_SECONDS)
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        self._process.wait()
        for reader in self._readers:
            reader.join(1.0)
        if any(reader.is_alive() for reader in self._readers):
            strays.end(MARK, self._mark)
            for reader in self._readers:
                reader.join(1.0)
        pipes.close(self._process.stdin)
        for pipe, reading in zip((self._process.stdout, self._process.stderr), self._readers, strict=True):
            if not reading.is_alive():  # else closing would wait for its end
                pipes.close(pipe)

    def _read(self, line: str) -> dict[str, Any]:
        """A reply. What isn't one was written by the program that is measured: nobody knows what comes next."""
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        if not isinstance(reply, dict):
            self.close()
            raise self._error(Outcome.FAILED, "the process wrote something else where its replies belong; it was ended")
        return reply

    def _wait(self, deadline: float) -> str | None:
        while True:
            try:
                return self._replies.get(timeout=max(0.0, min(POLL_SECONDS, deadline - time.monotonic())))
            except queue.Empty:
                self._look()
                if time.monotonic() >= deadline:
                    self.close()
                    reason = "no answer within the time limit; the process was ended"
                    raise self._error(Outcome.TIMED_OUT, reason) from None

    def _look(self) -> None:
        """Raises CancelledError if the run was cancelled. No clock runs meanwhile: between commands, or in a child."""
        self._looked_at = time.monotonic()
        if self._cancelled():
            self.close()
            raise CancelledError

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, number)
            elif self._process.poll() is None:
                self._process.kill()

    def _death(self) -> ChildError:
        """What is known of a child that ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)
        self._readers[1].join(1.0)
        code = self._process.poll()
        words = last_words(self._words)
        if _oom_kills() > self._oom_kills or "bad_alloc" in words:
            return self._error(Outcome.OUT_OF_MEMORY, f"the process ran out of memory\n{words}".strip())
        cause = f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"
        words = words or "(it wrote nothing to stderr)"
        return self._error(Outcome.FAILED, f"the process ended with {cause}\n{words}")

    def _error(self, outcome: Outcome, reason: str, *, dead: bool = True) -> ChildError:
        return ChildError(self.framework, outcome, reason, dead=dead)


def last_words(lines: Iterable[str]) -> str:
    """The last lines of a process' stderr; of a crash in a library the stack, whose first lines matter."""
    words = [quoting.line(text) for text in lines if text and not NOISE.match(text)]
    crash = next((at for at, line in enumerate(words) if line.startswith("Fatal Python error")), None)
    return "\n".join(words[-LAST_WORDS:] if crash is None else words[crash:][:STACK])


def _oom_kills() -> int:
    """How often the kernel has killed for want of memory, on the machine and in this control group."""
    total = 0
    for path in ("/proc/vmstat", "/sys/fs/cgroup/memory.events"):
        with contextlib.suppress(OSError, ValueError):
            lines = Path(path).read_text(encoding="ascii").splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return total
