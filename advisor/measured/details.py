"""The named parts of a figure (``first_epoch_s``, ``batch_64``, ``accuracy``) for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from advisor.wording.quantities import number, scale
from probes.results import ProbeResult
from probes.schema import FRAMEWORKS
from probes.system.sentences import upper_first

#: What a name's last part says of its unit, and how many of the unit it is.
_UNITS: Final[Mapping[str, tuple[str, float]]] = {
    "s": ("s", 1.0),
    "seconds": ("s", 1.0),
    "ms": ("s", 1e-3),
    "us": ("s", 1e-6),
    "ns": ("s", 1e-9),
    "w": ("W", 1.0),
    "b": ("B", 1.0),
    "bytes": ("B", 1.0),
    "mib": ("B", 2.0**20),
    "share": ("%", 100.0),
}
_NUMBERED: Final = re.compile(r"_\d+(?:\.\d+)?")


def unit_of(name: str, unit: str) -> tuple[str, str, float]:
    """A detail's name without its unit, that unit, and the factor into it. ``unit`` is the probe's: a detail that ends
    in a number (``batch_64``) is in it.
    """
    stem, _, last = name.rpartition("_")
    if stem and last.lower() in _UNITS:
        kind, factor = _UNITS[last.lower()]
        return (name if kind == "%" else stem), kind, factor
    return name, unit if _NUMBERED.search(name) and name[-1].isdigit() else "", 1.0


def readable(name: str) -> str:
    """``first_epoch_s`` → ``First epoch``, ``batch_64`` → ``Batch 64``."""
    return upper_first(" ".join(name.split("_")).strip())


def table(result: ProbeResult) -> list[dict[str, str]]:
    """A row a detail: its name with the unit in which both sides read best, and each side's figure, "–" for none."""
    names = dict.fromkeys(name for side in FRAMEWORKS for name in result.sides[side].details)
    return [_row(result, name) for name in names]


def _row(result: ProbeResult, name: str) -> dict[str, str]:
    stem, unit, factor = unit_of(name, result.unit)
    values = {
        side: result.sides[side].details[name] * factor for side in FRAMEWORKS if name in result.sides[side].details
    }
    divisor, shown = scale(tuple(values.values()), unit)
    figures = {str(side): figure(values[side] / divisor) if side in values else "–" for side in FRAMEWORKS}
    return {"name": readable(stem) + (f", {shown}" if shown else ""), **figures}


def figure(value: float) -> str:
    """Three significant digits, also where the number is small."""
    if float(value).is_integer() and abs(value) < 1e6:
        return f"{value:.0f}"
    return number(value) if abs(value) >= 1 else f"{value:.3g}"
