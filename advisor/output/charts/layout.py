"""What the figures share: fonts, margins, rows with their words above the marks so that a phone has room for both.

A figure is put together as plain dicts and built once at the end: plotly's ``add_annotation`` validates everything
that is there already, which made a chart of twenty rows cost 170 ms instead of 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import plotly.graph_objects as go

from advisor.output.charts.palette import PALETTES, PATTERNS, Theme, translucent
from probes.schema import Framework

FONT: Final = "'Source Sans', 'Source Sans 3', 'Source Sans Pro', system-ui, sans-serif"
ROW: Final = 58  # pixels a row: one line of words, one line of marks
_LINE: Final = 17  # pixels from one line of words to the next


class Sheet:
    """A figure being drawn in the house style; transparent, so that it sits on any surface."""

    def __init__(self, theme: Theme, *, height: int, top: int = 14, bottom: int = 44) -> None:
        self.palette = PALETTES[theme]
        self._traces: list[dict[str, Any]] = []
        self._annotations: list[dict[str, Any]] = []
        self._shapes: list[dict[str, Any]] = []
        self._x: dict[str, Any] = {}
        self._y: dict[str, Any] = {"showgrid": False, "automargin": False}
        self._layout: dict[str, Any] = {"height": height, "margin": {"l": 8, "r": 8, "t": top, "b": bottom}}

    def trace(self, kind: str, **properties: Any) -> None:
        """One trace: ``bar``, ``scatter``, ``box``."""
        self._traces.append({"type": kind, **properties})

    def line(self, x: Sequence[float | None], y: Sequence[float | None], **style: Any) -> None:
        """Lines without hover; ``None`` breaks them."""
        self.trace("scatter", x=list(x), y=list(y), mode="lines", hoverinfo="skip", line=style)

    def x_axis(self, **properties: Any) -> None:
        self._x.update(properties)

    def y_axis(self, **properties: Any) -> None:
        self._y.update(properties)

    def note(self, text: str, **properties: Any) -> None:
        font = {"size": 13, "color": self.palette.text}
        self._annotations.append({"text": text, "showarrow": False, "font": font, **properties})

    def upright(self, x: float) -> None:
        """A thin line over the whole height."""
        style = {"color": self.palette.muted, "width": 1}
        self._shapes.append({"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": style})

    def band(self, low: float, high: float, colour: str) -> None:
        """A shaded band over the whole height, behind everything."""
        self._shapes.append(
            {"type": "rect", "x0": low, "x1": high, "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
            | {"fillcolor": colour, "line": {"width": 0}}
        )

    def bands(self, low: float, high: float, colour: str) -> None:
        """A shaded band over the whole width between two heights, behind everything."""
        self._shapes.append(
            {"type": "rect", "y0": low, "y1": high, "x0": 0, "x1": 1, "xref": "paper", "layer": "below"}
            | {"fillcolor": colour, "line": {"width": 0}}
        )

    def rows(
        self,
        titles: Sequence[str],
        words: Sequence[str],
        *,
        places: Sequence[float] | None = None,
        under: Sequence[tuple[str, str]] = (),
        lift: int = 21,
    ) -> None:
        """Label horizontal rows: the title above the row at the left, its words at the right, and ``under`` them a
        second line, left and right.

        Rows stand at ``places``, or at 0, −1, −2 …; ``lift`` is by how many pixels the title stands above the marks.
        The y axis itself shows nothing, so the marks get the whole width.
        """
        heights = places if places is not None else [-index for index in range(len(titles))]
        bottom = min(heights, default=1 - len(titles)) - 0.65
        self._y |= {"range": [bottom, max(heights, default=0) + 0.75], "showticklabels": False, "zeroline": False}
        for y, title, word in zip(heights, titles, words, strict=True):
            self._beside(title, y, lift, x=0, font={"size": 14, "color": self.palette.text})
            self._beside(word, y, lift, x=1, font={"size": 13, "color": self.palette.muted})
        for y, (left, right) in zip(heights, under, strict=False):
            self._beside(left, y, lift - _LINE, x=0, font={"size": 12, "color": self.palette.muted})
            self._beside(right, y, lift - _LINE, x=1, font={"size": 13, "color": self.palette.muted})

    def heading(self, text: str, y: float) -> None:
        """The name of the rows below ``y``, which is above all rows' words."""
        self._beside(f"<b>{text}</b>", y, 0, x=0, font={"size": 14, "color": self.palette.text})
        self._y["range"] = [self._y["range"][0], max(self._y["range"][1], y + 0.35)]

    def _beside(self, text: str, y: float, lift: int, *, x: int, font: Mapping[str, Any]) -> None:
        if not text:
            return
        place: dict[str, Any] = {"y": y, "xref": "paper", "yshift": lift}
        place |= {"bgcolor": translucent(self.palette.background, 0.85), "borderpad": 0}  # over the grid lines
        self.note(text, x=x, xanchor="right" if x else "left", **place, font=font)

    def sides(self, left: str, right: str, shift: int = -42) -> None:
        """What the two ends of the x axis stand for, under it."""
        self.note(left, x=0, xanchor="left", xref="paper", yref="paper", y=0, yshift=shift)
        self.note(right, x=1, xanchor="right", xref="paper", yref="paper", y=0, yshift=shift)

    def figure(self, **layout: Any) -> go.Figure:
        """The figure, built and validated once."""
        palette = self.palette
        axis = {
            "gridcolor": palette.grid,
            "linecolor": palette.grid,
            "zerolinecolor": palette.muted,
            "tickfont": {"size": 13, "color": palette.muted},
            "title": {"font": {"size": 13, "color": palette.muted}, "standoff": 8},
            "fixedrange": True,
            "automargin": True,
        }
        base: Mapping[str, Any] = {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 14, "color": palette.text},
            "hoverlabel": {
                "bgcolor": palette.surface,
                "bordercolor": palette.grid,
                "font": {"family": FONT, "size": 14, "color": palette.text},
                "align": "left",
            },
            "showlegend": False,
            "dragmode": False,
            "xaxis": _merged(axis, self._x),
            "yaxis": _merged(axis, self._y),
            "annotations": self._annotations,
            "shapes": self._shapes,
        }
        return go.Figure(data=self._traces, layout={**base, **self._layout, **layout})


def _merged(axis: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    title = own.get("title_text")
    rest = {name: value for name, value in own.items() if name != "title_text"}
    return {**axis, **rest, "title": {**axis["title"], "text": title or ""}}


def hatch(side: Framework, theme: Theme) -> dict[str, Any]:
    """The bar pattern of a side: background-coloured stripes over its colour, or none."""
    stripes = PALETTES[theme].background
    return {"shape": PATTERNS[side], "solidity": 0.22, "size": 8, "fgcolor": stripes, "fillmode": "overlay"}
