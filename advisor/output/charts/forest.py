"""A whole run in one figure: ratios with intervals, by heading."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import plotly.graph_objects as go

from advisor.measured.ratios import advantage
from advisor.output.charts.layout import ROW, Sheet
from advisor.output.charts.palette import SYMBOLS, Theme, translucent
from advisor.output.charts.verdicts import confidence, interval, modes, side_title, winner, words
from probes.results import ProbeResult
from probes.schema import Outcome, Verdict

_TICKS: Final = (1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100)
_FULL: Final = 12  # rows from which on they stand closer
_CLOSE: Final = 48  # pixels a row then
_TWO_LINES: Final = 66  # pixels a row that has a second line of words
_LIFT: Final = 36  # pixels by which the first of two lines stands above the marks
_PHONE: Final = 46  # characters of title and words that fit side by side on a phone
_HEADING: Final = 0.95  # rows that a heading takes
_FARTHEST: Final = 100.0  # the factor at which the axis ends


def log_ticks(reach: float) -> tuple[list[float], list[str]]:
    """Symmetric ticks of a ratio axis that reaches to ``reach``: their places (factors) and their words.

    Neighbours stand an eighth of the axis or more apart, so that their words don't touch on a phone.
    """
    apart = 2 * math.log(reach) / 8
    factors = [1.0]
    for factor in _TICKS:
        if factor <= reach and math.log(factor / factors[-1]) >= apart:
            factors.append(factor)
    places = [1 / f for f in reversed(factors[1:])] + factors
    return places, ["1" if p == 1 else f"{max(p, 1 / p):g}×" for p in places]


def by_heading(
    results: Sequence[ProbeResult], headings: Mapping[str, str] | None = None
) -> list[tuple[str, list[ProbeResult]]]:
    """Results under the headings of their probes, in the order in which ``headings`` has them; what has none comes
    last under "".
    """
    known = headings or {}
    order = [*dict.fromkeys(known.values()), ""]
    groups: dict[str, list[ProbeResult]] = {heading: [] for heading in order}
    for result in results:
        groups[known.get(result.probe, "")].append(result)
    return [(heading, rows) for heading, rows in groups.items() if rows]


def forest(
    results: Sequence[ProbeResult],
    theme: Theme,
    headings: Mapping[str, str] | None = None,
    *,
    names_modes: bool = False,
) -> go.Figure:
    """One row a result: how many times better a side is, with its interval, on a log axis around «equal».

    ``headings`` by probe; a single one isn't written. ``names_modes``: under each row, how either side ran.
    """
    groups = by_heading(results, headings)
    named = len(groups) > 1
    rows = [row for _, members in groups for row in members]
    places, titles = _places([(heading, len(members)) for heading, members in groups], named=named)
    said = [words(row, short=len(rows) > _FULL) for row in rows]
    is_long = names_modes or any(len(row.title) + len(word) > _PHONE for row, word in zip(rows, said, strict=True))
    row_height = _TWO_LINES if is_long else _CLOSE if len(rows) > _FULL else ROW
    units = len(rows) + (_HEADING * len(groups) if named else 0)
    sheet = _ratio_sheet(theme, 64 + round(row_height * units), rows)
    for row, y in zip(rows, places, strict=True):
        if row.outcome is Outcome.OK:
            _mark(sheet, row, y, row.title)
    names = [row.title for row in rows]
    if is_long:
        under = [
            (modes(row) if names_modes else "", "" if names_modes else word)
            for row, word in zip(rows, said, strict=True)
        ]
        sheet.rows(names, said if names_modes else [""] * len(rows), places=places, under=under, lift=_LIFT)
    else:
        sheet.rows(names, said, places=places, lift=21 if row_height == ROW else 18)
    for heading, y in titles:
        sheet.heading(heading or "Others", y)
    return sheet.figure()


def _places(groups: Sequence[tuple[str, int]], *, named: bool) -> tuple[list[float], list[tuple[str, float]]]:
    """Heights of the rows, and of the headings where there are some."""
    rows: list[float] = []
    headings: list[tuple[str, float]] = []
    y = 0.0
    for heading, count in groups:
        if named:
            headings.append((heading, y + (0.1 if rows else 0.0)))
            y -= _HEADING
        rows += [y - index for index in range(count)]
        y -= count
    return rows, headings


def _margin(results: Sequence[ProbeResult]) -> float:
    return max((row.margin for row in results), default=0.05)


def _ratio_sheet(theme: Theme, height: int, rows: Sequence[ProbeResult]) -> Sheet:
    """An empty sheet whose x axis has room for all ``rows``: at least 1.5× to either side, at most 100×."""
    margin = _margin(rows)
    ends = [abs(math.log(end)) for row in rows for end in advantage(row) or () if end > 0]
    reach = min(_FARTHEST, max(1.5, math.exp(max(ends, default=0.0) * 1.08)))
    sheet = Sheet(theme, height=height, bottom=50)
    sheet.band(1 / (1 + margin), 1 + margin, translucent(sheet.palette.neutral, 0.16))
    sheet.upright(1)
    places, names = log_ticks(reach)
    edge = math.log10(reach)
    sheet.x_axis(type="log", range=[-edge, edge], tickvals=places, ticktext=names, tickangle=0, zeroline=False)
    sheet.sides(f"◆ {side_title(rows, 'tensorflow')} better", "PyTorch better ●", shift=-44)
    return sheet


def _mark(sheet: Sheet, result: ProbeResult, y: float, name: str) -> None:
    factors = advantage(result)
    if factors is None:
        return
    side = winner(result)
    estimate, low, high = factors
    colour = sheet.palette.framework[side] if side else sheet.palette.neutral
    symbol = SYMBOLS[side] if side else ("square" if result.verdict is Verdict.EQUAL else "circle-open")
    sheet.line([low, high], [y, y], color=colour, width=3)
    said = f"{confidence(result)} interval {interval(result)}"
    _point(sheet, estimate, y, symbol, colour, f"{result.title}<br>{words(result)}<br>{said}", name)


def _point(sheet: Sheet, x: float, y: float, symbol: str, colour: str, hover: str, name: str) -> None:
    sheet.trace(
        "scatter",
        x=[x],
        y=[y],
        mode="markers",
        marker={"symbol": symbol, "size": 13, "color": colour, "line": {"width": 2, "color": colour}},
        hovertemplate=f"{hover}<extra></extra>",
        name=name,
    )
