"""Keeps a server for as long as somebody wants it: ``python -m probes.serving.keeper``.

The supervisor's end of stdin is the lease. When it closes, whatever happened to the supervisor, the server and all
that it started are ended. That is why the server isn't the supervisor's own child: who is killed cleans up nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

import psutil

STOP_SECONDS, GRACE_SECONDS = 15.0, 5.0


def main() -> None:
    """Start what the first line of stdin says, tell its process id, tell its end, and end it with stdin."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    try:
        server = subprocess.Popen(
            order["command"],
            cwd=order["folder"],
            env=order["variables"],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
            start_new_session=True,
            preexec_fn=_bounded(order["cores"]),
        )
    except OSError as error:
        _tell({"error": f"{order['command'][0]}: {error.strerror or error}"})
        return
    _tell({"pid": server.pid})
    threading.Thread(target=lambda: _tell({"ended": server.wait()}), daemon=True).start()
    for _ in sys.stdin:  # nothing is said any more; the end of the file is what is waited for
        pass
    end(server, order["stop"], order["variables"], order["folder"])
    _tell({"stopped": True})


def session(leader: int) -> list[psutil.Process]:
    """All living processes of a session, also those that have left the leader's group."""
    alive = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive


def end(server: subprocess.Popen[bytes], stop: Sequence[str], variables: dict[str, str], folder: str) -> None:
    """In the server's own polite way if it has one; then SIGTERM, then SIGKILL, to all of its session."""
    if stop and server.poll() is None:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                stop, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=STOP_SECONDS,
                check=False,
            )  # fmt: skip
    end_session(server.pid)
    server.wait()


def end_session(leader: int) -> None:
    """SIGTERM, a moment of grace, then SIGKILL until nothing is left."""
    left = session(leader)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    psutil.wait_procs(left, timeout=GRACE_SECONDS)
    while left := session(leader):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=GRACE_SECONDS)


def _bounded(cores: Sequence[int]) -> Any:
    def before() -> None:
        if cores and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, cores)
        if sys.platform == "linux":
            import ctypes

            pr_set_pdeathsig = 1  # should the keeper itself be killed, at least the server's first process goes too
            ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)

    return before


def _tell(fact: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more
        sys.stdout.write(json.dumps(fact) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
