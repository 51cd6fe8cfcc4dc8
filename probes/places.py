"""What runs at a side's place.

Both places are called after the frameworks that nearly all runs compare. Where two versions of one framework are
compared (``run --against``), each side keeps a place, and its interpreter says what runs there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from probes.schema import FRAMEWORKS, TITLES, Framework, Interpreter

#: By which of its packages a framework's version is told.
PACKAGE: Final[Mapping[Framework, str]] = {"pytorch": "torch", "tensorflow": "tensorflow"}


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
    told = {place: interpreters[place] for place in FRAMEWORKS}
    versions = {place: one.versions[PACKAGE[one.framework]] for place, one in told.items()}
    alike = len(set(versions.values())) < len(versions)
    return {
        place: f"{TITLES[one.framework]} {versions[place]}" + (f" ({one.name})" if alike else "")
        for place, one in told.items()
    }
