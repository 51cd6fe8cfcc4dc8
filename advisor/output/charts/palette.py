"""The colours, once. PyTorch and TensorFlow stay apart for every kind of colour vision (tests/advisor/charts)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from probes.schema import Framework

Theme = Literal["light", "dark"]

#: Plotly marker symbols: the second channel beside colour.
SYMBOLS: Final[Mapping[Framework, str]] = {"pytorch": "circle", "tensorflow": "diamond"}

#: Plotly bar patterns: PyTorch plain, TensorFlow hatched.
PATTERNS: Final[Mapping[Framework, str]] = {"pytorch": "", "tensorflow": "/"}

#: The same shapes as text.
GLYPHS: Final[Mapping[Framework, str]] = {"pytorch": "●", "tensorflow": "◆"}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme, as ``#RRGGBB``. The frameworks' brand colours are both orange and not used."""

    background: str
    surface: str
    text: str
    muted: str  # second-rank text, ≥ 4.5:1 on the background
    grid: str
    neutral: str  # marks that belong to no framework
    framework: Mapping[Framework, str]


PALETTES: Final[Mapping[Theme, Palette]] = {
    "light": Palette(
        background="#FCFCFA",
        surface="#F1F2EE",
        text="#1B2330",
        muted="#5A6270",
        grid="#DEE0DB",
        neutral="#6B7280",
        framework={"pytorch": "#4338CA", "tensorflow": "#0D9488"},
    ),
    "dark": Palette(
        background="#101319",
        surface="#1A1F28",
        text="#E8EAED",
        muted="#A3ABB8",
        grid="#2E3542",
        neutral="#9CA3AF",
        framework={"pytorch": "#7C83F7", "tensorflow": "#4FE0C8"},
    ),
}


def translucent(colour: str, alpha: float) -> str:
    """``#RRGGBB`` as ``rgba(…)`` with ``alpha`` from 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
