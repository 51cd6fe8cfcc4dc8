"""What would turn the answer: a weight, what is not known, or another answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from advisor.decision.what_if import Alternative, Sweep
from advisor.model.decision import Decision, Flip
from advisor.output.charts.layout import ROW, Sheet
from advisor.output.charts.palette import GLYPHS, SYMBOLS, Theme, translucent
from advisor.wording.quantities import apart, percent, signed
from probes.schema import TITLES, Framework

_LEANING: Final = 0.25  # beyond it, to either side, an answer is called leaning


def flips(items: Sequence[Flip], theme: Theme, *, most: int | None = None) -> go.Figure:
    """Where each weight is now and where it would turn the answer; only criteria that can, the first ``most``."""
    able = [flip for flip in items if flip.flips_at is not None][:most]
    sheet = Sheet(theme, height=64 + ROW * len(able))
    now, turns = [100 * flip.weight for flip in able], [100 * (flip.flips_at or 0) for flip in able]
    ends: list[float | None] = [end for pair in zip(now, turns, strict=True) for end in (*pair, None)]
    heights: list[float | None] = [height for index in range(len(able)) for height in (-index, -index, None)]
    sheet.line(ends, heights, color=sheet.palette.neutral, dash="dot")
    for symbol, word, places in (("circle-open", "now", now), ("x", "turns at", turns)):
        sheet.trace(
            "scatter",
            x=places,
            y=[-index for index in range(len(able))],
            mode="markers",
            marker={"symbol": symbol, "size": 11, "color": sheet.palette.text, "line": {"width": 2}},
            hovertemplate=f"{word} %{{x:.0f}} %<extra></extra>",
        )
    sheet.rows(
        [flip.title for flip in able],
        ["now {} → turns at {}".format(*apart(percent, flip.weight, flip.flips_at or 0)) for flip in able],
    )
    furthest = max([*now, *turns], default=100.0)
    reach = min(100.0, max(20.0, furthest * 1.15))  # the room between the marks is what the picture is about
    sheet.x_axis(
        range=[-0.03 * reach, 1.02 * reach],
        ticksuffix=" %",
        nticks=6,
        tickangle=0,
        title_text="weight of the criterion",
        zeroline=False,
    )
    return sheet.figure()


def tornado(decision: Decision, theme: Theme, *, most: int = 8) -> go.Figure:
    """The difference of the totals over what is possible on one criterion at a time, widest first.

    A line runs from the total at the criterion's 5 % quantile to that at its 95 % quantile, all else at its mean; where
    it passes 0 that criterion alone could turn the answer.
    """
    total = sum(row.contribution for row in decision.criteria)
    spans = [
        (
            row.criterion.title,
            total - row.contribution + row.weight * row.difference_low,
            total - row.contribution + row.weight * row.difference_high,
        )
        for row in decision.criteria
    ]
    shown = sorted(spans, key=lambda span: span[1] - span[2])[:most]
    sheet = Sheet(theme, height=64 + ROW * len(shown), bottom=50)
    sheet.upright(0)
    for index, (_, low, high) in enumerate(shown):
        for side, start, end in (("tensorflow", low, min(high, 0.0)), ("pytorch", max(low, 0.0), high)):
            if end > start:
                colour = sheet.palette.framework[side]  # type: ignore[index]  # both are frameworks
                sheet.line([start, end], [-index, -index], color=translucent(colour, 0.75), width=9)
    sheet.trace(
        "scatter",
        x=[total] * len(shown),
        y=[-index for index in range(len(shown))],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 16, "color": sheet.palette.text, "line": {"width": 2}},
        hovertemplate="now %{x:+.3f}<extra></extra>",
    )
    sheet.rows(
        [title for title, _, _ in shown],
        [
            "could turn it" if low < 0 < high else f"{signed(low * 100)} to {signed(high * 100)}"
            for _, low, high in shown
        ],
    )
    reach = max((max(abs(low), abs(high)) for _, low, high in shown), default=0.0) * 1.1 or 0.1
    sheet.x_axis(range=[-reach, reach], showticklabels=False, showgrid=False, zeroline=False)
    sheet.sides(f"{GLYPHS['tensorflow']} TensorFlow ahead", f"PyTorch ahead {GLYPHS['pytorch']}", shift=-40)
    return sheet.figure()


def sweep(swept: Sweep, theme: Theme) -> go.Figure:
    """The probability of PyTorch over the weight of one criterion, with where it is now and where it turns."""
    sheet = Sheet(theme, height=320, top=34, bottom=56)
    sheet.trace(
        "scatter",
        x=list(swept.weights),
        y=list(swept.probability),
        mode="lines",
        line={"color": sheet.palette.text, "width": 2.5},
        hoverinfo="text",
        hovertext=[
            f"at {percent(weight)} of the weight: PyTorch {percent(p)}"
            for weight, p in zip(swept.weights, swept.probability, strict=True)
        ],
    )
    marks = [("circle-open", swept.now, _at(swept, swept.now), "now")]
    if swept.turns_at is not None:
        marks.append(("x", swept.turns_at, 0.5, "turns"))
    for symbol, x, y, word in marks:
        sheet.trace(
            "scatter",
            x=[x],
            y=[y],
            mode="markers+text",
            text=[f"{word} {percent(x)}"],
            textposition="top right" if x < 0.8 else "top left",
            cliponaxis=False,
            marker={"symbol": symbol, "size": 12, "color": sheet.palette.text, "line": {"width": 2}},
            hoverinfo="skip",
        )
    sheet.bands(0.5, 1.02, translucent(sheet.palette.framework["pytorch"], 0.10))
    sheet.bands(-0.02, 0.5, translucent(sheet.palette.framework["tensorflow"], 0.10))
    parts = [0, 0.2, 0.4, 0.6, 0.8, 1]
    sheet.x_axis(range=[-0.01, 1.01], tickvals=parts, ticktext=[percent(part) for part in parts], tickangle=0)
    sheet.x_axis(title_text="weight of the criterion")
    sheet.y_axis(
        range=[-0.02, 1.02],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        ticktext=["0 %", "25 %", "50 %", "75 %", "100 %"],
        showgrid=True,
        automargin=True,
    )
    sheet.note(f"{GLYPHS['pytorch']} PyTorch", x=0, xanchor="left", xref="paper", yref="paper", y=1, yshift=26)
    return sheet.figure()


def alternatives(options: Sequence[Alternative], labels: Sequence[str], theme: Theme) -> go.Figure:
    """The probability of PyTorch under each answer to one question; the present answer is filled."""
    sheet = Sheet(theme, height=64 + ROW * len(options), bottom=50)
    sheet.upright(0.5)
    sheet.band(0.5 - _LEANING, 0.5 + _LEANING, translucent(sheet.palette.neutral, 0.12))
    for index, item in enumerate(options):
        p = item.verdict.probability.get("pytorch")
        if p is None:
            continue
        side: Framework = "pytorch" if p >= 0.5 else "tensorflow"
        colour = sheet.palette.framework[side]
        sheet.line([0.5, p], [-index, -index], color=translucent(colour, 0.5), width=3)
        sheet.trace(
            "scatter",
            x=[p],
            y=[-index],
            mode="markers",
            marker={
                "symbol": SYMBOLS[side] if item.present else f"{SYMBOLS[side]}-open",
                "size": 13,
                "color": colour,
                "line": {"width": 2, "color": colour},
            },
            hovertemplate=f"{labels[index]}: PyTorch {percent(p)}<extra></extra>",
        )
    titles = [f"{label} (now)" if item.present else label for item, label in zip(options, labels, strict=True)]
    sheet.rows(titles, [_verdict(item) for item in options])
    sheet.x_axis(range=[-0.03, 1.03], showticklabels=False, showgrid=False, zeroline=False)
    sheet.sides(f"{GLYPHS['tensorflow']} TensorFlow", f"PyTorch {GLYPHS['pytorch']}", shift=-40)
    return sheet.figure()


def _verdict(item: Alternative) -> str:
    verdict = item.verdict
    if verdict.strength == "veto":
        return (
            f"{TITLES[verdict.framework]}, by a requirement" if verdict.framework else "neither meets the requirements"
        )
    p = verdict.probability["pytorch"]
    ahead: Framework = "pytorch" if p >= 0.5 else "tensorflow"
    word = "" if verdict.strength == "no clear winner" else f", {verdict.strength}"
    return f"{TITLES[ahead]} {percent(max(p, 1 - p))}{word}"


def _at(swept: Sweep, weight: float) -> float:
    """The probability at a weight, linearly between the points."""
    step = swept.weights[1] - swept.weights[0]
    index = min(int(weight / step), len(swept.weights) - 2)
    part = (weight - swept.weights[index]) / step
    return swept.probability[index] * (1 - part) + swept.probability[index + 1] * part
