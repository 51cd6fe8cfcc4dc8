"""A figure over a batch, a thread count, a size: a line a framework, with its range as a band behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from advisor.measured.ratios import times
from advisor.measured.scaling import CurvePoint, Scaling
from advisor.output.charts.layout import Sheet
from advisor.output.charts.palette import SYMBOLS, Theme, translucent
from advisor.output.charts.verdicts import better_word
from advisor.wording.quantities import count, quantity, scale
from probes.schema import FRAMEWORKS, Framework

_HEIGHT: Final = 300
_MANY_TIMES: Final = 8.0  # from this factor between first and last on, a log axis shows more
_DASHES: Final = {"pytorch": "solid", "tensorflow": "dash"}


def curves(scaling: Scaling, theme: Theme) -> go.Figure:
    """The curves of one ``Scaling``. Log axes where values span a factor of 8 or more, else the y axis starts at 0."""
    sheet = Sheet(theme, height=_HEIGHT, top=48, bottom=56)
    points = [point for side in scaling.sides.values() for point in side]
    divisor, unit = scale([point.high for point in points], scaling.unit)
    over = sorted({point.at for point in points})
    last = {side: line[-1].middle for side, line in scaling.sides.items()}
    for side, line in scaling.sides.items():
        _range(sheet, side, line, divisor)
        above = last[side] >= max(last.values())
        _line(sheet, side, line, divisor, scaling, above=above)
    wide = over[0] > 0 and over[-1] / over[0] >= _MANY_TIMES
    sheet.x_axis(type="log" if wide else "linear", tickvals=over, ticktext=[number_of(at) for at in over], tickangle=0)
    sheet.x_axis(title_text=scaling.over.replace("_", " "))
    middles = [point.middle for point in points]
    tall = min(point.low for point in points) > 0 and max(middles) / min(middles) >= _MANY_TIMES
    sheet.y_axis(title_text=unit, showgrid=True, automargin=True)
    sheet.y_axis(**({"type": "log", "dtick": "D2"} if tall else {"rangemode": "tozero", "nticks": 6}))
    sheet.note(
        f"{scaling.metric}, {scaling.better} is better", x=0, xanchor="left", xref="paper", y=1, yref="paper", yshift=34
    )
    return sheet.figure()


def number_of(at: float) -> str:
    """A place on the x axis: ``64.0`` → ``64``, ``538890`` → ``539 thousand``."""
    return count(at) if at >= 10_000 else f"{at:g}"


def said(scaling: Scaling) -> str:
    """The curves in words: each side's figure at the first and the last place, and who is ahead there."""
    sentences = [
        f"{scaling.titles[side]} from {quantity(line[0].middle, scaling.unit)} at {number_of(line[0].at)} "
        f"to {quantity(line[-1].middle, scaling.unit)} at {number_of(line[-1].at)}"
        for side, line in scaling.sides.items()
    ]
    return f"{title(scaling)}: " + "; ".join(sentences)


def title(scaling: Scaling) -> str:
    """The probe's title, and over what, unless the title says so itself."""
    over = scaling.over.replace("_", " ")
    return scaling.title if over.lower() in scaling.title.lower() else f"{scaling.title} over {over}"


def gaps(scaling: Scaling) -> str:
    """``At 16 PyTorch is 1.30× leaner; at 256 …`` at the first and the last place that both sides have: estimates from
    medians; "" where they share none.
    """
    if set(scaling.sides) != set(FRAMEWORKS):
        return ""
    by_place = {side: {point.at: point.middle for point in line} for side, line in scaling.sides.items()}
    shared = sorted(by_place["pytorch"].keys() & by_place["tensorflow"].keys())
    ends = dict.fromkeys([*shared[:1], *shared[-1:]])
    told = [_gap(scaling, at, by_place["pytorch"][at], by_place["tensorflow"][at]) for at in ends]
    return "; ".join(filter(None, told))


def _gap(scaling: Scaling, at: float, pytorch: float, tensorflow: float) -> str:
    if pytorch <= 0 or tensorflow <= 0:
        return ""
    factor = tensorflow / pytorch if scaling.better == "lower" else pytorch / tensorflow
    ahead: Framework = "pytorch" if factor >= 1 else "tensorflow"
    return f"at {number_of(at)} {scaling.titles[ahead]} is {times(factor)} {better_word(scaling)}"


def _range(sheet: Sheet, side: Framework, line: Sequence[CurvePoint], divisor: float) -> None:
    """What lies around the medians, as a band."""
    if not any(point.count > 1 for point in line):
        return
    there = [point.at for point in line]
    ends = [point.high / divisor for point in line] + [point.low / divisor for point in reversed(line)]
    sheet.trace(
        "scatter", x=[*there, *reversed(there)], y=ends, fill="toself", mode="lines", line={"width": 0},
        fillcolor=translucent(sheet.palette.framework[side], 0.18), hoverinfo="skip",
    )  # fmt: skip


def _line(
    sheet: Sheet, side: Framework, line: Sequence[CurvePoint], divisor: float, scaling: Scaling, *, above: bool
) -> None:
    """The medians; the side's name stands at the last one, above the upper line and below the lower."""
    colour = sheet.palette.framework[side]
    names = [""] * (len(line) - 1) + [scaling.titles[side]]
    hover = [
        f"{scaling.titles[side]} at {number_of(point.at)}: {quantity(point.middle, scaling.unit)}"
        + _around(point, scaling)
        for point in line
    ]
    sheet.trace(
        "scatter", x=[point.at for point in line], y=[point.middle / divisor for point in line],
        mode="lines+markers+text", text=names, textposition="top left" if above else "bottom left",
        textfont={"size": 13, "color": sheet.palette.text}, cliponaxis=False,
        line={"color": colour, "width": 2, "dash": _DASHES[side]},
        marker={"symbol": SYMBOLS[side], "size": 9, "color": colour},
        hovertext=hover, hoverinfo="text", name=scaling.titles[side],
    )  # fmt: skip


def _around(point: CurvePoint, scaling: Scaling) -> str:
    if point.count < 2:  # one value has no range
        return ""
    of = "the middle half of {} figures" if scaling.runs else "over {} instances"
    return f"<br>{quantity(point.low, scaling.unit)} to {quantity(point.high, scaling.unit)}, {of.format(point.count)}"
