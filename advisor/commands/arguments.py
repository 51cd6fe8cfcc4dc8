"""What several commands ask for, and how a bad argument is said."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from advisor.ports import Services
from probes import records
from probes.commands.terminal import Parser, RefusedError
from probes.deploy.schema import RoutesRun
from probes.results import RunResult

Record = TypeVar("Record", RunResult, RoutesRun)
UNAVAILABLE: Final = 1


AdvisorCommands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_day(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--on", type=_day, metavar="DATE", help="what is known on that day and how old it is, today if left out"
    )


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: a day, as 2026-11-23") from error


def today() -> date:
    """The one place where this command looks at the clock."""
    return datetime.now(UTC).date()


def _digits(text: str) -> bool:
    """Whether it is 0-9 alone: int() takes the digits of every script, spaces and underscores."""
    return text.isascii() and text.isdecimal()


def process(text: str) -> int:
    if not _digits(text) or len(text) > 10 or not 1 <= int(text) < 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: the number of a process")
    return int(text)


def address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(?:/[^\s?#]*)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: an address, as http://localhost:8501")
    return text


def seed(text: str) -> int:
    if not _digits(text) or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: whole numbers from 0 to {2**32 - 1:,}")
    return int(text)


def days(text: str) -> timedelta:
    if not _digits(text) or not 1 <= int(text) <= 36_500:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: whole days from 1 to 36,500")
    return timedelta(days=int(text))


def recorded(option: str, read: Callable[[Path], Record], path: Path) -> Record:
    """What a file holds. Raises RefusedError naming the path in the file and the value."""
    try:
        return read(path)
    except records.RecordError as error:
        raise RefusedError(f"{option}: {error}") from error


def services() -> Services:
    """Raises RefusedError."""
    from advisor import wiring

    try:
        return wiring.build(wiring.Settings.from_environment())
    except wiring.SettingsError as error:
        raise RefusedError(str(error)) from error
