"""How the pages look: the theme in use and the style sheet (its colours are ``advisor.output.charts.palette``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st

from advisor.output.charts.palette import PALETTES, Palette, Theme

STYLES: Final = Path(__file__).parent / "style.css"

#: Charts that don't zoom or pan: a finger that scrolls a phone must not get caught in them.
CHART_CONFIG: Final = {"displayModeBar": False, "scrollZoom": False, "responsive": True}


def current() -> Theme:
    """The theme that this browser shows; light until it has said so."""
    return "dark" if st.context.theme.type == "dark" else "light"


def palette() -> Palette:
    return PALETTES[current()]


def _variables(theme: Theme) -> str:
    colours = PALETTES[theme]
    values = {
        "pytorch": colours.framework["pytorch"],
        "tensorflow": colours.framework["tensorflow"],
        "background": colours.background,
        "surface": colours.surface,
        "ink": colours.text,
        "muted": colours.muted,
        "line": colours.grid,
    }
    return ":root{" + "".join(f"--f-{name}:{value};" for name, value in values.items()) + "}"


def install() -> None:
    """Put the style sheet on the page. Static text of this repository only: nothing a user wrote."""
    st.html(_sheet(current()))


@cache
def _sheet(theme: Theme) -> str:
    return f"<style>{_variables(theme)}{STYLES.read_text(encoding='utf-8')}</style>"
