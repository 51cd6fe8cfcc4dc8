"""Asks an interpreter that nobody knows yet: it may be no Python, never answer, or write without end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from probes.system.quoting import quoted

PATIENCE = 60.0  # seconds until an interpreter has answered
ANSWER: Final = 256 * 1024  # characters that are read of it
#: Stands before the line that counts, whatever else the interpreter writes: a program prints it, then its JSON.
MARK: Final = "fulcrum:"

T = TypeVar("T")


class NoAnswerError(ValueError):
    """It doesn't answer as Python does. The text says what it did instead."""


def ask(
    python: Path,
    program: str,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    read: Callable[[Any], T],
    options: Sequence[str] = (),
) -> T:
    """What ``program``, run by ``python`` with its ``options``, says in its last line that begins with ``MARK``.

    ``read`` takes what that line says in JSON; a ValueError or TypeError of it is an answer that can't be used. No more
    is read than an answer takes. At the end the program is gone, with all that it started. Raises NoAnswerError.
    """
    code, text, late = _said((str(python), *options, "-c", program, *arguments), environment)
    words = [line for line in text.splitlines() if line.strip()]
    reason = f"no answer within {PATIENCE:.0f} s" if late else quoted(words[-1]) if words else f"exit code {code}"
    if code == 0 and not late:
        try:
            return read(json.loads(next(line for line in reversed(words) if line.startswith(MARK))[len(MARK) :]))
        except (StopIteration, ValueError, TypeError):
            reason = f"it answered «{quoted(text)}»"
    raise NoAnswerError(reason)


def end_family(process: subprocess.Popen[str]) -> None:
    """Kill a process that leads a session, and all it started there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _said(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, bool]:
    """Exit code, the first ``ANSWER`` characters of what a program writes, and whether it was ended for its silence.

    It is ended, with all that it started, when it has written that much or its time is over. Raises NoAnswerError if it
    can't be started.
    """
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            encoding="utf-8", errors="replace", env=dict(environment), start_new_session=os.name == "posix",
        )  # fmt: skip
    except OSError as error:
        raise NoAnswerError(error.strerror or str(error)) from None
    late = threading.Event()

    def give_up() -> None:
        late.set()
        end_family(process)

    timer = threading.Timer(PATIENCE, give_up)
    timer.daemon = True
    timer.start()
    with process:
        assert process.stdout is not None  # noqa: S101 - PIPE above
        text = process.stdout.read(ANSWER)
        if len(text) == ANSWER:
            end_family(process)
        code = process.wait()
    timer.cancel()
    return code, text, late.is_set()
