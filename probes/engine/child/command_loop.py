"""The child's end of a supervised process: commands in, replies out, and an end when nobody waits any more.

Commands come as JSON lines on stdin, replies leave as JSON lines on a pipe of their own (the original stdout; what a
library prints goes to stderr). The end of stdin means that nobody waits any more: the child exits, whatever it does.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Collection, Iterable
from typing import Any, TextIO

from probes.contracts import UnsupportedError
from probes.schema import Outcome
from probes.system import quoting

Reply = dict[str, Any]  # what a command's method returns; a JSON object


class Servant:
    """What answers the commands: each is a method of the same name that returns a JSON object."""

    def foreign(self) -> list[str]:
        """Frameworks in this process that don't belong here."""
        return []

    def replied(self) -> None:
        """From here on the process idles until the next command."""

    def is_out_of_memory(self, error: BaseException) -> bool:
        """Whether an error is somebody's way to say that memory ran out."""
        return isinstance(error, MemoryError)


def serve(parent: int, commands: Collection[str], make: Callable[[], Servant]) -> None:
    """Answer ``commands`` until stdin ends. ``parent`` is the process that started this one."""
    _die_with(parent)
    faulthandler.enable(all_threads=False)  # a crash says where, for the reason that the supervisor gives
    replies = _private_pipe()
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(_private_stdin(), waiting), daemon=True).start()
    servant, own = make(), os.getpid()
    while True:
        reply = _answer(servant, commands, json.loads(waiting.get()))
        if os.getpid() != own:  # what was asked has forked, and the copy comes back too: one answer is enough
            os._exit(0)
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        servant.replied()


def _answer(servant: Servant, commands: Collection[str], command: dict[str, Any]) -> dict[str, Any]:
    """Every failure of a measure is a reply with its outcome; only a crash of the process is none."""
    name = command.pop("do")
    try:
        if name == "limit":
            return {"cpus": _limit(**command)}
        if name not in commands:
            raise ValueError(f"unknown command {name!r}")
        reply: dict[str, Any] = getattr(servant, name)(**command)
    except UnsupportedError as error:
        return {"error": str(error), "outcome": Outcome.UNSUPPORTED}
    except ImportError as error:
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}", "outcome": Outcome.UNSUPPORTED}
    except SystemExit as error:
        return {"error": f"it asked for the end of its process (exit {error.code})"[:2000], "outcome": Outcome.FAILED}
    except Exception as error:  # whatever a framework throws becomes a stated outcome
        traceback.print_exc()
        reason = quoting.error(error)[:2000]
        if servant.is_out_of_memory(error):
            advice = "choose smaller sizes, or free memory on this machine"
            return {"error": f"{advice} ({reason})", "outcome": Outcome.OUT_OF_MEMORY}
        return {"error": reason, "outcome": Outcome.FAILED}
    return reply | {"foreign": servant.foreign()}


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
