"""What stops a project's pins, or will, on a line of time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import plotly.graph_objects as go

from advisor.lifecycle.clock import SupportClock, passed
from advisor.lifecycle.findings import Bearing, LifecycleFinding
from advisor.lifecycle.report import sentence
from advisor.output.charts.layout import Sheet
from advisor.output.charts.palette import Theme
from advisor.wording.moments import day_of, month_words

#: Filled where it stops something now, open where it may, a line of its own where it ends.
_SYMBOLS: Final[dict[Bearing, str]] = {"blocks": "x", "doubtful": "circle-open", "ends": "circle"}
_MOST: Final = 12  # rows
_ROW: Final = 46  # pixels
_LEAST: Final = timedelta(days=400)  # on each side of today, so that near days stand apart from it


def dated(clock: SupportClock) -> tuple[LifecycleFinding, ...]:
    """Those that have a day, the earliest first; of many those that stop something and those next to today."""
    with_day = [one for one in clock.findings if one.day]
    near = sorted(with_day, key=lambda one: (one.bearing == "ends", abs((day_of(one.day) - clock.day).days)))
    return tuple(sorted(near[:_MOST], key=lambda one: one.day))


def support_timeline(clock: SupportClock, theme: Theme) -> go.Figure:
    """A row each: since when it stops something, or when it ends. Today is the upright line."""
    rows = dated(clock)
    sheet = Sheet(theme, height=80 + _ROW * len(rows), top=40, bottom=36)
    days = [day_of(one.day) for one in rows]
    low, high = min([*days, clock.day - _LEAST]), max([*days, clock.day + _LEAST])
    room = (high - low) / 20
    begin, end = low - room, high + room
    sheet.x_axis(type="date", range=[begin.isoformat(), end.isoformat()], tickformat="%Y", dtick=_step(begin, end))
    sheet.upright(clock.day.isoformat())  # type: ignore[arg-type] # Plotly takes a day where the axis has days
    sheet.note(
        "today", x=clock.day.isoformat(), y=1, yref="paper", yshift=26, font={"size": 12, "color": sheet.palette.muted}
    )
    for at, (one, day) in enumerate(zip(rows, days, strict=True)):
        colour = sheet.palette.text if one.bearing == "blocks" else sheet.palette.neutral
        stop = end if one.bearing != "ends" else day
        sheet.line([begin if one.bearing == "ends" else day, stop], [-at, -at], color=colour, width=3)  # type: ignore[list-item]
        sheet.trace(
            "scatter", x=[day.isoformat()], y=[-at], mode="markers", name=one.subject,
            marker={"symbol": _SYMBOLS[one.bearing], "size": 12, "color": colour, "line": {"width": 2}},
            hovertext=[sentence(one, clock)], hoverinfo="text",
        )  # fmt: skip
    sheet.rows([_name(one) for one in rows], [_when(one, clock) for one in rows], lift=17)
    return sheet.figure()


def support_words(clock: SupportClock) -> str:
    """The same in words."""
    return " ".join(sentence(one, clock) for one in dated(clock)) or "Nothing has a day."


def _name(one: LifecycleFinding) -> str:
    subject = {"python": "Python"}.get(one.subject, one.values.get("title", one.subject))
    return f"{subject} {one.version}".strip()


def _when(one: LifecycleFinding, clock: SupportClock) -> str:
    month = month_words(one.day)
    if one.bearing == "blocks":
        return f"stops it since {month}"
    if one.bearing == "doubtful":
        return f"in doubt since {month}"
    return f"ended {month}" if passed(one, clock.day) else f"ends {month}"


def _step(begin: date, end: date) -> str:
    """About six ticks, each at the beginning of a year."""
    years = max(1, round((end - begin).days / 365 / 6))
    return f"M{12 * years}"
