"""What the figures share: fonts, margins, rows with their words above the marks so that a phone has room for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from advisor.charts.palette import PALETTES, PATTERNS, Theme
from probes.schema import Framework

FONT: Final = "'Source Sans', 'Source Sans 3', 'Source Sans Pro', system-ui, sans-serif"
ROW: Final = 58  # pixels a row: one line of words, one line of marks


def figure(theme: Theme, *, height: int, top: int = 8, bottom: int = 44) -> go.Figure:
    """An empty figure in the house style; transparent, so that it sits on any surface."""
    palette = PALETTES[theme]
    axis = {
        "gridcolor": palette.grid,
        "linecolor": palette.grid,
        "zerolinecolor": palette.muted,
        "tickfont": {"size": 13, "color": palette.muted},
        "title": {"font": {"size": 13, "color": palette.muted}, "standoff": 8},
        "fixedrange": True,
        "automargin": True,
    }
    return go.Figure(
        layout={
            "height": height,
            "margin": {"l": 8, "r": 8, "t": top, "b": bottom},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 14, "color": palette.text},
            "hoverlabel": {
                "bgcolor": palette.surface,
                "bordercolor": palette.grid,
                "font": {"family": FONT, "size": 14, "color": palette.text},
                "align": "left",
            },
            "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": 13}},
            "showlegend": False,
            "dragmode": False,
            "xaxis": axis,
            "yaxis": {**axis, "showgrid": False},
        }
    )


def hatch(side: Framework, theme: Theme) -> dict[str, Any]:
    """The bar pattern of a side: background-coloured stripes over its colour, or none."""
    stripes = PALETTES[theme].background
    return {"shape": PATTERNS[side], "solidity": 0.22, "size": 8, "fgcolor": stripes, "fillmode": "overlay"}


def rows(fig: go.Figure, theme: Theme, titles: Sequence[str], words: Sequence[str]) -> None:
    """Label horizontal rows 0, −1, −2 … : the title above the row at the left, its words at the right.

    The y axis itself shows nothing, so the marks get the whole width.
    """
    palette = PALETTES[theme]
    fig.update_yaxes(range=[-len(titles) + 0.35, 0.75], showticklabels=False, showgrid=False, zeroline=False)
    for index, (title, word) in enumerate(zip(titles, words, strict=True)):
        common = {"y": -index, "xref": "paper", "showarrow": False, "yshift": 21, "font": {"size": 14}}
        fig.add_annotation(text=title, x=0, xanchor="left", **common)
        fig.add_annotation(text=word, x=1, xanchor="right", **{**common, "font": {"size": 13, "color": palette.muted}})
