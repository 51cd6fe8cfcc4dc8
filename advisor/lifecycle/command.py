"""The support clock of a file, as the command line asks for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from advisor.lifecycle import lock_files, report
from advisor.lifecycle.clock import support_clock
from advisor.lifecycle.dates import ClockInputError, lifecycle
from advisor.lifecycle.machine import machine
from advisor.lifecycle.wheels import wheels

__all__ = ["ClockInputError", "answered"]


def answered(path: Path, day: date, *, json: bool, python: str, system: str, gpu: str, cuda: str) -> str:
    """The answer as text or JSON; "" is not said. Raises ClockInputError for a file or a field that can't be used."""
    known = lifecycle()
    lock = lock_files.read(path)
    where = machine(known.pythons, lock.python, python=python, system=system, gpu=gpu, cuda=cuda)
    found = support_clock(lock, where, known, wheels(), day)
    return report.to_json(found) if json else report.to_text(found)
