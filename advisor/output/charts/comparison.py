"""One probe as a figure: its raw blocks, or its one value a side with the parts of it."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from advisor.output.charts.layout import ROW, Sheet, hatch
from advisor.output.charts.palette import SYMBOLS, Theme, translucent
from advisor.output.charts.verdicts import side_title
from advisor.wording.quantities import quantity, scale
from probes.results import ProbeResult
from probes.schema import FRAMEWORKS, Framework
from probes.workloads.cold_start import PARTS


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
            name=side_title([result], side),
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
    sheet.rows([f"{side_title([result], side)} · {result.sides[side].mode}" for side in FRAMEWORKS], notes)
    sheet.x_axis(title_text=_axis(result, unit), rangemode="normal")
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
                hovertemplate=f"{side_title([result], side)} {part}: {quantity(value, result.unit)}<extra></extra>",
            )
    sheet.rows(
        [f"{side_title([result], side)} · {result.sides[side].mode}" for side in FRAMEWORKS],
        [_side_words(result, side) for side in FRAMEWORKS],
    )
    sheet.x_axis(title_text=_axis(result, unit), rangemode="tozero")
    return sheet.figure(barmode="stack", bargap=0)


def _axis(result: ProbeResult, unit: str) -> str:
    """What is measured and in which unit; a relative figure says so by its name."""
    measured = result.metric if unit == "relative" else f"{result.metric} ({unit})"
    return f"{measured}, {result.better} is better"


def parts(result: ProbeResult, side: Framework) -> list[tuple[str, float]]:
    """The parts of a cold start in seconds, where they make up the figure, or its one value under no name.

    Other details in seconds (a second pass, a percentile) stand beside a figure and are no parts of it.
    """
    report = result.sides[side]
    named = [
        (name.removesuffix("_s").replace("_", " "), report.details[name]) for name in PARTS if name in report.details
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
