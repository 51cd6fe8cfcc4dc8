"""The two sides: their frameworks, what runs at a side's place, and what people call it.

Both places are called after the frameworks that nearly all runs compare. Where two versions of one framework are
compared (``run --against``), each side keeps a place, and its interpreter says what runs there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Framework = Literal["pytorch", "tensorflow"]
FRAMEWORKS: tuple[Framework, Framework] = ("pytorch", "tensorflow")
#: How people call them.
TITLES: Mapping[Framework, str] = {"pytorch": "PyTorch", "tensorflow": "TensorFlow"}

#: By which of its packages a framework's version is told.
PACKAGE: Final[Mapping[Framework, str]] = {"pytorch": "torch", "tensorflow": "tensorflow"}


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python other than the app's that one side runs in, as it was found. Its path is in no record."""

    framework: Framework  # that runs there; not the side's own where two versions of one are compared
    name: str  # of the environment ("pytorch==2.12.0"), or what stands for a path ("own-3f9a12bc")
    python: str  # "3.12.4"
    versions: Mapping[str, str]  # of the framework's packages, and of what measuring needs: {"torch": "2.12.0", …}


def runs_at(place: Framework, interpreters: Mapping[Framework, Interpreter]) -> Framework:
    """The framework that is measured at ``place``."""
    return interpreters[place].framework if place in interpreters else place


def against(interpreters: Mapping[Framework, Interpreter]) -> bool:
    """Whether both sides are one framework."""
    return len({runs_at(place, interpreters) for place in FRAMEWORKS}) < len(FRAMEWORKS)


def titles(interpreters: Mapping[Framework, Interpreter]) -> Mapping[Framework, str]:
    """What people call the sides: frameworks, or one framework's versions, and where these are alike their places."""
    if not against(interpreters):
        return TITLES
    called = {place: _version(place, interpreters) for place in FRAMEWORKS}
    if len(set(called.values())) == len(called):
        return called
    names = {place: interpreters[place].name if place in interpreters else "" for place in FRAMEWORKS}
    return {place: f"{title} ({names[place] or place})" for place, title in called.items()}


def _version(place: Framework, interpreters: Mapping[Framework, Interpreter]) -> str:
    """A record that was written by hand may lack what the command writes."""
    framework = runs_at(place, interpreters)
    versions = interpreters[place].versions if place in interpreters else {}
    return f"{TITLES[framework]} {versions.get(PACKAGE[framework], '')}".strip()
