"""The measured child: ``python -m probes.engine.worker FRAMEWORK PARENT_PID``. One framework, one process.

Commands come as JSON lines on stdin, replies leave as JSON lines on a pipe of their own (the original stdout; what a
library prints goes to stderr). The end of stdin means that nobody waits any more: the child exits, whatever it does.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Iterable
from typing import Any, TextIO, cast

from probes.contracts import UnsupportedError
from probes.engine.bench import Worker
from probes.schema import Framework, Outcome

COMMANDS = (
    "load",
    "use",
    "single",
    "check",
    "prepare",
    "warm",
    "block",
    "tamper",
    "reference",
    "cost",
    "graph",
    "attempt",
)


def main(framework: str, parent: int) -> None:
    """Serve commands until stdin ends."""
    _die_with(parent)
    replies = _private_pipe()
    commands: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(_private_stdin(), commands), daemon=True).start()
    worker = Worker(cast(Framework, framework))
    while True:
        reply = _answer(worker, json.loads(commands.get()))
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        worker.replied()


def _answer(worker: Worker, command: dict[str, Any]) -> dict[str, Any]:
    """Every failure of a measure is a reply with its outcome; only a crash of the process is none."""
    name = command.pop("do")
    try:
        if name == "limit":
            return {"cpus": _limit(**command)}
        if name not in COMMANDS:
            raise ValueError(f"unknown command {name!r}")
        reply: dict[str, Any] = getattr(worker, name)(**command)
    except UnsupportedError as error:
        return {"error": str(error), "outcome": Outcome.UNSUPPORTED}
    except ImportError as error:
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}", "outcome": Outcome.UNSUPPORTED}
    except Exception as error:  # whatever a framework throws becomes a stated outcome
        traceback.print_exc()
        reason = f"{type(error).__name__}: {error}"[:2000]
        if worker.is_out_of_memory(error):
            advice = "choose smaller sizes, or free memory on this machine"
            return {"error": f"{advice} ({reason})", "outcome": Outcome.OUT_OF_MEMORY}
        return {"error": reason, "outcome": Outcome.FAILED}
    return reply | {"foreign": worker.foreign()}


def _read(source: TextIO, commands: queue.SimpleQueue[str]) -> None:
    for line in source:
        commands.put(line)
    os._exit(0)


def _private_stdin() -> TextIO:
    """The supervisor's commands on a file of their own. A process that a measure forks (a ``DataLoader``'s worker)
    closes ``sys.stdin`` first of all, and would wait forever for the thread that reads it here."""
    commands = os.fdopen(os.dup(0), encoding="utf-8")
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for the process' whole life
    return commands


def _private_pipe() -> TextIO:
    pipe = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(pipe, "w", encoding="utf-8")


def _limit(cpus: Iterable[int], memory: int) -> list[int]:
    """Pin to ``cpus`` (if any) and bound the memory, before a framework is imported. The cores in use then."""
    cpus = set(cpus)
    if cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cpus)
    if sys.platform == "linux":
        import resource

        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("800")  # if somebody has to go, then the measured child and not the team's editor
        if memory:
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _die_with(parent: int) -> None:
    """Linux: the kernel ends this process with the thread that started it, even if that one was killed."""
    if sys.platform != "linux":
        return
    import ctypes
    import signal

    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)  # it died before the call


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
