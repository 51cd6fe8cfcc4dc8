"""What all commands have in common: refusing arguments, Ctrl-C, progress, files that are written whole."""

from __future__ import annotations

import argparse
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any, NoReturn, Protocol, TextIO, TypeAlias, cast

from probes.contracts import Cancelled, DataPlace
from probes.system.plaintext import visible
from probes.system.whole_files import shortened
from probes.team_data import looking

#: Exit statuses.
DONE, FAILED, BAD_ARGUMENTS, INTERRUPTED = 0, 1, 2, 130

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class Parser(argparse.ArgumentParser):
    """Refuses in one line."""

    def error(self, message: str) -> NoReturn:
        """One line, not the whole usage."""
        self.exit(BAD_ARGUMENTS, f"{self.prog}: {message}\n")


class RefusedError(Exception):
    """Arguments or a file that can't be used; the text is the one line that is shown."""


class FailedError(Exception):
    """What was asked for went wrong; the text is the one line that is shown."""


class Now(Protocol):
    """Progress of any kind of run."""

    @property
    def message(self) -> str:
        """What is done now."""

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""


class Reporter:
    """Prints each new message once, to stderr."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, now: Now) -> None:
        self.say(now.message, now.fraction)

    def say(self, message: str, fraction: float) -> None:
        """``fraction``: 0 to 1."""
        if message != self._last:
            self._last = message
            print(f"{100 * fraction:3.0f} %  {message}", file=sys.stderr)


class _Plain:
    """A text stream on which nothing steers the terminal: colours and jumps in others' texts are written out."""

    def __init__(self, to: TextIO) -> None:
        self._to = to

    def write(self, text: str) -> int:
        return self._to.write(visible(text))

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._to, name)


@contextmanager
def plain_output() -> Iterator[None]:
    """Whatever is printed inside, usage and logs too: answers, recordings, file names and the last words of children
    come from anywhere.
    """
    with redirect_stdout(cast(TextIO, _Plain(sys.stdout))), redirect_stderr(cast(TextIO, _Plain(sys.stderr))):
        yield


@contextmanager
def refusing() -> Iterator[None]:
    """A ValueError inside is about the arguments or the file that was given."""
    try:
        yield
    except ValueError as error:
        raise RefusedError(str(error)) from error


@contextmanager
def interruptible() -> Iterator[Cancelled]:
    """Says whether Ctrl-C was pressed, which raises nothing: what was measured is kept."""
    interrupted: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: interrupted.append(number))
    try:
        yield lambda: bool(interrupted)
    finally:
        signal.signal(signal.SIGINT, before)


def add_data(parser: argparse.ArgumentParser) -> None:
    """``--data`` and ``--label``, read by ``data``."""
    parser.add_argument(
        "--data", type=Path, metavar="PATH", help="data of your own: an npz or CSV file, a folder of JPEG files"
    )
    parser.add_argument("--label", default="", metavar="NAME", help="the column or array of --data with the labels")


def data(options: argparse.Namespace, tell: Callable[[str], None]) -> DataPlace | None:
    """What the two options name, looked at; None without. Raises ValueError for what can't be measured with."""
    if options.data is None:
        if options.label:
            raise ValueError(f"label: {options.label!r}; allowed: only with --data, which it belongs to")
        return None
    return DataPlace(looking.look(options.data, options.label, tell), options.data.absolute())


def add_sizes(parser: argparse.ArgumentParser) -> None:
    """``--size``, read by ``sizes``."""
    parser.add_argument(
        "--size", action="append", default=[], metavar="MODEL.NAME=N", help="a size of a model; may be repeated"
    )


def sizes(texts: Sequence[str]) -> dict[str, dict[str, int]]:
    """Sizes by model. Raises ValueError naming what is not a whole number."""
    by_model: dict[str, dict[str, int]] = {}
    for text in texts:
        name, _, value = text.partition("=")
        model, _, size = name.partition(".")
        by_model.setdefault(model, {})[size] = whole(f"size {name}", value)
    return by_model


def seed(text: str) -> int:
    """Of ``--seed``. Raises ValueError naming value and range."""
    from probes.engine.planning.validation import check_seed  # late: who decides or scans loads no engine

    found = whole("seed", text)
    check_seed(found)
    return found


def whole(field: str, text: str) -> int:
    """Raises ValueError naming field and value."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{field}: {text!r} is not a whole number") from None


def check_place(out: Path | None) -> None:
    """Raises ValueError if the file can't be written there: better before hours of work than after."""
    if out is None:
        return
    try:
        kind = _kind(out)
        if kind is not None and not stat.S_ISREG(kind):
            what = "a folder" if stat.S_ISDIR(kind) else "a pipe or a device"
            raise ValueError(f"--out: {shortened(out)} is {what}; allowed: a file, which is made or replaced")
        if not out.absolute().parent.is_dir():
            raise ValueError(f"--out: {shortened(out.parent)} is not a directory")
        _part(out).touch()
        _part(out).unlink()
    except OSError as error:
        raise ValueError(f"--out: {shortened(out)} can't be written ({error.strerror}); allowed: a file") from error


def _kind(out: Path) -> int | None:
    """The mode of what is there, None for nothing. Raises OSError and, for a NUL, ValueError."""
    try:
        return out.stat().st_mode
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(f"--out: {str(out)!r} can't be written ({error}); allowed: a file") from error


def _part(out: Path) -> Path:
    """Beside it, so that it can take its place at once; its name is no longer than many a file system allows."""
    return out.with_name(f".fulcrum-{os.getpid()}.part")


def write(text: str, out: Path | None) -> None:
    """To stdout, or into the file whole or not at all: a reader never finds half of it.

    Raises FailedError where the file can't be written any more; what was worked out is on stdout then.
    """
    text += "\n"
    if out is None:
        sys.stdout.write(text)
        return
    try:
        _part(out).write_text(text, encoding="utf-8")
        _part(out).replace(out)
    except OSError as error:
        sys.stdout.write(text)
        reason = f"--out: {shortened(out)} can't be written ({error.strerror})"
        raise FailedError(f"{reason}; what it was to hold stands on standard output") from error
    finally:
        with suppress(OSError):
            _part(out).unlink(missing_ok=True)
