"""What a machine can tell apart in which time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from advisor.output.charts.layout import Sheet
from advisor.output.charts.palette import SYMBOLS, Theme
from probes.check.schema import Resolution
from probes.schema import TITLES

_SECONDS: Final[tuple[tuple[float, str], ...]] = (
    (5, "5 s"), (10, "10 s"), (30, "30 s"), (60, "1 min"), (180, "3 min"), (600, "10 min"), (1800, "30 min"),
    (7200, "2 h"),
)  # fmt: skip
_EFFECTS: Final = (1, 2, 3, 5, 10, 20, 50)  # per cent
_DASHES: Final = ("solid", "dash", "dot", "dashdot")


def resolution(resolutions: Sequence[Resolution], titles: Sequence[str], theme: Theme) -> go.Figure:
    """Time against the difference that can be told in it, a line each; both axes logarithmic. ``titles``: of probes."""
    sheet = Sheet(theme, height=340, top=30, bottom=64)
    probes = list(dict.fromkeys(one.probe for one in resolutions))
    for one, title in zip(resolutions, titles, strict=True):
        colour, name = sheet.palette.framework[one.framework], f"{TITLES[one.framework]}, {title}"
        sheet.trace(
            "scatter",
            x=[100 * tell.effect for tell in one.tells],
            y=[tell.seconds for tell in one.tells],
            mode="lines+markers",
            marker={"symbol": SYMBOLS[one.framework], "size": 9, "color": colour},
            line={"color": colour, "width": 2, "dash": _DASHES[probes.index(one.probe) % len(_DASHES)]},
            hovertemplate=f"{name}<br>%{{x:g}} % in %{{y:.0f}} s<extra></extra>",
            name=name,
        )
    sheet.x_axis(type="log", tickvals=_EFFECTS, ticktext=[f"{effect} %" for effect in _EFFECTS], tickangle=0)
    sheet.note("difference between the sides", x=1, xanchor="right", xref="paper", yref="paper", y=0, yshift=-44)
    sheet.note("time to tell it", x=0, xanchor="left", xref="paper", yref="paper", y=1, yshift=24)
    places, words = zip(*_SECONDS, strict=True)
    sheet.y_axis(type="log", tickvals=list(places), ticktext=list(words), showgrid=True, automargin=True)
    return sheet.figure(showlegend=True, legend={"orientation": "h", "y": -0.22, "x": 0})
