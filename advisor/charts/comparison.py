"""Results of a run as figures: ratios with intervals, raw blocks, memory and start-up."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from advisor.charts.layout import ROW, Sheet, hatch
from advisor.charts.palette import NAMES, SYMBOLS, Theme, translucent
from advisor.charts.quantities import advantage, quantity, scale
from advisor.charts.verdicts import confidence, interval, winner, words
from probes.schema import FRAMEWORKS, Framework, Outcome, ProbeResult, Verdict

_TICKS = (1.1, 1.25, 1.5, 2, 3, 5, 10, 20, 50, 100)


def _reach(results: Sequence[ProbeResult]) -> float:
    """How far the axis goes to either side, as a factor: all intervals, at least 1.5×, at most 100×."""
    ends = [abs(math.log(end)) for result in results for end in advantage(result) or () if end > 0]
    return min(100.0, max(1.5, math.exp(max(ends, default=0.0) * 1.08)))


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


def forest(results: Sequence[ProbeResult], theme: Theme) -> go.Figure:
    """One row a probe: how many times better a side is, with its interval, on a log axis around «equal»."""
    sheet = Sheet(theme, height=64 + ROW * len(results), bottom=50)
    reach = _reach(results)
    places, names = log_ticks(reach)
    margin = max((r.margin for r in results), default=0.05)
    sheet.band(1 / (1 + margin), 1 + margin, translucent(sheet.palette.neutral, 0.16))
    sheet.upright(1)
    for index, result in enumerate(results):
        if result.outcome is Outcome.OK:
            _mark(sheet, result, index)
    sheet.rows([r.title for r in results], [words(r) for r in results])
    edge = math.log10(reach)
    sheet.x_axis(type="log", range=[-edge, edge], tickvals=places, ticktext=names, tickangle=0, zeroline=False)
    sheet.sides("◆ TensorFlow better", "PyTorch better ●", shift=-44)
    return sheet.figure()


def _mark(sheet: Sheet, result: ProbeResult, index: int) -> None:
    factors = advantage(result)
    if factors is None:
        return
    side = winner(result)
    colour = sheet.palette.framework[side] if side else sheet.palette.neutral
    symbol = SYMBOLS[side] if side else ("square" if result.verdict is Verdict.EQUAL else "circle-open")
    estimate, low, high = factors
    sheet.line([low, high], [-index, -index], color=colour, width=3)
    said = f"{confidence(result)} interval {interval(result)}"
    sheet.trace(
        "scatter",
        x=[estimate],
        y=[-index],
        mode="markers",
        marker={"symbol": symbol, "size": 13, "color": colour, "line": {"width": 2, "color": colour}},
        hovertemplate=f"{result.title}<br>{words(result)}<br>{said}<extra></extra>",
        name=result.title,
    )


def blocks(result: ProbeResult, theme: Theme) -> go.Figure:
    """The raw blocks of one probe, every one drawn, with the quartiles behind them. One row a side."""
    sheet = Sheet(theme, height=ROW * 2 + 64)
    samples = [value for side in FRAMEWORKS for value in result.sides[side].samples]
    divisor, unit = scale(samples, result.unit)
    for index, side in enumerate(FRAMEWORKS):
        colour = sheet.palette.framework[side]
        sheet.trace(
            "box",
            x=[value / divisor for value in result.sides[side].samples],
            y0=-index,
            name=NAMES[side],
            orientation="h",
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            width=0.42,
            fillcolor=translucent(colour, 0.14),
            line={"color": colour, "width": 1.5},
            marker={"symbol": SYMBOLS[side], "size": 4, "color": translucent(colour, 0.55)},
            hoverinfo="x",
        )
    notes = [
        f"median {quantity(result.sides[side].median, result.unit)}, {len(result.sides[side].samples)} blocks"
        for side in FRAMEWORKS
    ]
    sheet.rows([f"{NAMES[side]} · {result.sides[side].mode}" for side in FRAMEWORKS], notes)
    sheet.x_axis(title_text=f"{result.metric} ({unit}), {result.better} is better", rangemode="normal")
    return sheet.figure()


def bars(result: ProbeResult, theme: Theme) -> go.Figure:
    """One-shot figures (memory, start-up) as two bars from zero; named parts are stacked where there are some."""
    sheet = Sheet(theme, height=ROW * 2 + 56)
    divisor, unit = scale([result.sides[side].median or 0.0 for side in FRAMEWORKS], result.unit)
    for index, side in enumerate(FRAMEWORKS):
        if result.sides[side].median is None:
            continue
        colour = sheet.palette.framework[side]
        for step, (part, value) in enumerate(parts(result, side)):
            sheet.trace(
                "bar",
                x=[value / divisor],
                y=[-index],
                orientation="h",
                width=0.4,
                marker={
                    "color": translucent(colour, 1 - 0.28 * step),
                    "line": {"color": sheet.palette.background, "width": 1.5},
                    "pattern": hatch(side, theme),
                },
                hovertemplate=f"{NAMES[side]} {part}: {quantity(value, result.unit)}<extra></extra>",
            )
    sheet.rows(
        [f"{NAMES[side]} · {result.sides[side].mode}" for side in FRAMEWORKS],
        [_side_words(result, side) for side in FRAMEWORKS],
    )
    sheet.x_axis(title_text=f"{result.metric} ({unit}), {result.better} is better", rangemode="tozero")
    return sheet.figure(barmode="stack", bargap=0)


def parts(result: ProbeResult, side: Framework) -> list[tuple[str, float]]:
    """Named parts in seconds that make up a one-shot time (``import_s`` …), or its one value under no name."""
    report = result.sides[side]
    named = [
        (name.removesuffix("_s").replace("_", " "), value)
        for name, value in report.details.items()
        if name.endswith("_s")
    ]
    median = report.median or 0.0
    if result.unit == "s" and len(named) > 1 and math.isclose(sum(v for _, v in named), median, rel_tol=0.25):
        return named
    return [("", median)]


def _side_words(result: ProbeResult, side: Framework) -> str:
    report = result.sides[side]
    if report.median is None:
        return f"no result: {report.outcome.value}"
    return quantity(report.median, result.unit)
