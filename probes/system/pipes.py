"""The pipes of a child process: a line said into one, the lines of another heard while somebody waits or works."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, Final

#: Characters of a line that are read in one piece: one that never ends must not fill the memory.
LONGEST: Final = 4096


def say(pipe: IO[str] | None, line: str) -> None:
    """Send a line. Raises OSError where nobody reads any more."""
    assert pipe is not None  # noqa: S101 - the process was started with it
    pipe.write(f"{line}\n")
    pipe.flush()


def listen(
    pipe: IO[str] | None,
    heard: Callable[[str], object],
    *,
    ended: Callable[[], object] = lambda: None,
    longest: int = LONGEST,
) -> threading.Thread:
    """A thread that gives each line, with what ends it, to ``heard``, and calls ``ended`` after the last.

    A line is cut at ``longest`` characters. Whoever closes the pipe ends the thread as well.
    """
    assert pipe is not None  # noqa: S101 - the process was started with it

    def read() -> None:
        with suppress(ValueError):  # closed meanwhile
            for line in iter(partial(pipe.readline, longest), ""):
                heard(line)
        ended()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def close(*pipes: IO[str] | None) -> None:
    """Close those that there are. What is still unsent of one whose reader is gone is nobody's loss."""
    for pipe in pipes:
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
