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


@dataclass(frozen=True, slots=True)
class Documentation:
    """A page of the framework's own documentation."""

    title: Text
    url: Text


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """One choice of a mode: the line that makes it, why, and the framework's own words for it, as seen on a day."""

    framework: Framework
    mode: Text
    title: Text
    code: Text
    helps: Literal["training", "inference", "convolutions", "data loading", "everything"]
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
