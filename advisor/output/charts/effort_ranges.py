"""Person-days of each way as a range: P10 to P90 as a line, the median as a mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from advisor.effort.report import OptionEffort
from advisor.output.charts.layout import Sheet
from advisor.output.charts.palette import SYMBOLS, Theme
from advisor.wording.quantities import person_days
from probes.schema import FRAMEWORKS

_LEAST: Final = 0.5  # person-days at which the axis begins: less is nothing to plan for
_TICKS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_ROW, _LIFT = 68, 38  # pixels a row of two lines of words, and by which the first stands above the marks


def effort_ranges(options: Sequence[OptionEffort], theme: Theme) -> go.Figure:
    """A row each, on a log axis, because ranges are factors. What moves nothing has words alone."""
    sheet = Sheet(theme, height=60 + _ROW * len(options), bottom=48)
    top = max([one.days.p90 for one in options if one.moves], default=10.0) * 1.15
    ticks = [tick for tick in _TICKS if _LEAST <= tick <= top]
    apart = ticks[:: math.ceil(len(ticks) / 7)]
    names = [f"{tick:,}" for tick in apart]
    edges = [math.log10(_LEAST), math.log10(max(top, 2.0))]
    sheet.x_axis(type="log", range=edges, tickvals=apart, ticktext=names, tickangle=0)
    sheet.note("person-days", x=1, xanchor="right", xref="paper", yref="paper", y=0, yshift=-42)
    for at, one in enumerate(options):
        if not one.moves:
            continue
        side = next((side for side in FRAMEWORKS if side == one.option), None)
        colour = sheet.palette.framework[side] if side else sheet.palette.neutral
        low, likely, high = (max(_LEAST, days) for days in (one.days.p10, one.days.p50, one.days.p90))
        sheet.line([low, high], [-at, -at], color=colour, width=4)
        sheet.trace(
            "scatter", x=[likely], y=[-at], mode="markers", name=one.title,
            marker={"symbol": SYMBOLS[side] if side else "square", "size": 13, "color": colour},
            hovertext=[f"{one.title}<br>{_said(one)}"], hoverinfo="text",
        )  # fmt: skip
    titles = [one.title for one in options]
    words = [_said(one) for one in options]
    sheet.rows(titles, [""] * len(titles), under=[(word, "") for word in words], lift=_LIFT)
    return sheet.figure()


def effort_words(options: Sequence[OptionEffort]) -> str:
    """The same in words."""
    return " ".join(f"{one.title}: {_said(one)}." for one in options)


def _said(one: OptionEffort) -> str:
    return person_days(one.days.p10, one.days.p50, one.days.p90) if one.moves else "nothing is moved"
