"""The ratio of both sides over the size of a network: a line a measure, its rounds as bars, the margin as a band."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Final

import plotly.graph_objects as go

from advisor.measured.growth import Growth, SizePoint
from advisor.measured.ratios import times
from advisor.output.charts.layout import Sheet
from advisor.output.charts.palette import Theme, translucent
from advisor.wording.quantities import count
from probes.schema import TITLES
from probes.system.quantities import percent

_HEIGHT: Final = 320
_LEAST: Final = (0.8, 1.25)  # ratios that the y axis reaches in any case
_ROOM: Final = 0.25  # beyond the outermost marks, in decades
_TICKS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
_DASHES: Final = ("solid", "dash", "dot")
_SYMBOLS: Final = ("circle", "diamond", "square")


def ratios(lines: Sequence[Growth], theme: Theme) -> go.Figure:
    """TensorFlow / PyTorch over the number of weights, both logarithmic; a line for each of ``lines``."""
    sheet = Sheet(theme, height=_HEIGHT, top=48, bottom=56)
    margin = max(line.margin for line in lines)
    sheet.bands(1 / (1 + margin), 1 + margin, translucent(sheet.palette.muted, 0.25))
    for number, line in enumerate(lines):
        colour = sheet.palette.text if number == 0 else sheet.palette.muted
        points, name = line.points, line.title
        sheet.trace(
            "scatter", x=[point.weights for point in points], y=[point.ratio for point in points],
            mode="lines+markers+text", text=[""] * (len(points) - 1) + [name], textposition="top left",
            textfont={"size": 13, "color": sheet.palette.text}, cliponaxis=False, name=name,
            line={"color": colour, "width": 2, "dash": _DASHES[number % len(_DASHES)]},
            marker={"symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 9, "color": colour},
            error_y={
                "type": "data", "symmetric": False, "thickness": 1.5, "width": 5, "color": colour,
                "array": [point.high - point.ratio for point in points],
                "arrayminus": [point.ratio - point.low for point in points],
            },
            hovertext=[f"{name}: {_told(point, line.margin)}, {point.rounds} rounds" for point in points],
            hoverinfo="text",
        )  # fmt: skip
    places = sorted({point.weights for line in lines for point in line.points})
    sheet.x_axis(type="log", tickvals=places, ticktext=[count(at) for at in places], tickangle=0, title_text="weights")
    sheet.x_axis(ticklabeloverflow="allow")
    sheet.x_axis(range=[log10(places[0]) - _ROOM, log10(places[-1]) + _ROOM])
    heights = [*_LEAST, *(end for line in lines for point in line.points for end in (point.low, point.high))]
    sheet.y_axis(range=[log10(min(heights)) - _ROOM, log10(max(heights)) + _ROOM])
    sheet.y_axis(type="log", tickvals=list(_TICKS), ticktext=[f"{tick:g}" for tick in _TICKS], showgrid=True)
    sheet.y_axis(automargin=True)
    sheet.note(
        "TensorFlow / PyTorch; above 1 PyTorch is faster", x=0, xanchor="left", xref="paper", y=1,
        yref="paper", yshift=34,
    )  # fmt: skip
    return sheet.figure()


def said(line: Growth) -> str:
    """The line in a sentence: ``Training step: with 539 thousand weights TensorFlow is 1.40× faster; with …``."""
    return f"{line.title}: {'; '.join(_told(point, line.margin) for point in line.points)}."


def _told(point: SizePoint, margin: float) -> str:
    at = f"with {count(point.weights)} weights"
    if side := point.ahead(margin):
        return f"{at} {TITLES[side]} is {times(point.ratio)} faster"
    return (
        f"{at} both are equal within {percent(margin)}"
        if point.equal(margin)
        else f"{at} no side is ahead in every round"
    )
