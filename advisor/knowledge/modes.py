"""What the careful and the compiled modes of each framework are made of, by its own documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import ClassVar, Literal

from pydantic import model_validator

from probes.schema import TITLES, Framework
from probes.system.data_files import DataFile, Text
from probes.tracks import MODES

Helped = Literal["training", "convolutions", "data loading", "everything"]


@dataclass(frozen=True, slots=True)
class Documentation:
    """A page of the framework's own documentation."""

    title: Text
    url: Text


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """One choice of a mode: the line that makes it, why, and the framework's own words for it, as seen on a day.

    ``helps``: where it can show. What helps data loading does nothing for a step whose batch is there already.
    """

    framework: Framework
    mode: Text
    title: Text
    code: Text
    helps: Helped
    why: Text
    source: Documentation
    quote: Text
    as_of: date

    @model_validator(mode="after")
    def _known(self) -> ModeChoice:
        allowed = sorted({modes[self.framework] for modes in MODES.values()})
        if self.mode not in allowed:
            raise ValueError(f"mode: {self.mode!r}; allowed for {TITLES[self.framework]}: {', '.join(allowed)}")
        return self


class Modes(DataFile):
    """``data/modes.yaml``."""

    file: ClassVar[str] = "modes.yaml"
    choices: tuple[ModeChoice, ...]


@cache
def choices() -> Mapping[tuple[Framework, str], tuple[ModeChoice, ...]]:
    """By framework and mode. Raises DataError naming file, path and value."""
    found: dict[tuple[Framework, str], tuple[ModeChoice, ...]] = {}
    for choice in Modes.read().choices:
        key = (choice.framework, choice.mode)
        found[key] = (*found.get(key, ()), choice)
    return found


def concerning(framework: Framework, mode: str, group: str) -> tuple[ModeChoice, ...]:
    """What of a mode can show in a measure under the heading ``group``, one of ``probes.contracts.GROUPS``.

    Of a heading that isn't known ("") nothing is left out but what helps data loading.
    """
    return tuple(one for one in choices().get((framework, mode), ()) if _shows(one.helps, group))


def _shows(helps: Helped, group: str) -> bool:
    if helps == "data loading":
        return group == "Data"
    return helps != "training" or group != "Answering"
