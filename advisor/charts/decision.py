"""A decision as figures: what speaks for whom, criterion by criterion, and what would turn it."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from advisor.charts.layout import ROW, figure, hatch, rows
from advisor.charts.palette import GLYPHS, NAMES, PALETTES, SYMBOLS, Theme, translucent
from advisor.model import CriterionRow, Decision, Flip
from probes.schema import FRAMEWORKS, Framework, Outcome


def _side(value: float) -> Framework:
    return "pytorch" if value >= 0 else "tensorflow"


def contributions(decision: Decision, theme: Theme) -> go.Figure:
    """Each criterion's share in the difference of the totals, largest first; right speaks for PyTorch."""
    palette = PALETTES[theme]
    ordered = sorted(decision.criteria, key=lambda row: -abs(row.contribution))
    fig = figure(theme, height=64 + ROW * len(ordered), top=14, bottom=50)
    reach = max((abs(row.contribution) for row in ordered), default=0.0) * 1.12 or 0.1
    for index, row in enumerate(ordered):
        side = _side(row.contribution)
        fig.add_bar(
            x=[row.contribution],
            y=[-index],
            orientation="h",
            width=0.34,
            marker={
                "color": palette.framework[side],
                "line": {"width": 0},
                "pattern": hatch(side, theme),
            },
            hovertemplate=(
                f"{row.criterion.title}<br>weight {row.weight:.0%}, difference {row.difference:+.2f}"
                f"<br>contribution {row.contribution:+.3f}<extra></extra>"
            ),
        )
    fig.update_layout(barmode="overlay")
    rows(fig, theme, [r.criterion.title for r in ordered], [_contribution_words(r) for r in ordered])
    fig.add_vline(x=0, line={"color": palette.muted, "width": 1})
    fig.update_xaxes(range=[-reach, reach], showticklabels=False, showgrid=False, zeroline=False)
    _sides_below(fig, "speaks for")
    return fig


def _contribution_words(row: CriterionRow) -> str:
    if abs(row.contribution) < 0.0005:
        return "no difference"
    side = _side(row.contribution)
    return f"{GLYPHS[side]} {NAMES[side]} {abs(row.contribution) * 100:+.1f} points"


def _sides_below(fig: go.Figure, verb: str, shift: int = -40) -> None:
    common = {"yref": "paper", "y": 0, "yshift": shift, "showarrow": False, "xref": "paper", "font": {"size": 13}}
    fig.add_annotation(text=f"◆ {verb} TensorFlow", x=0, xanchor="left", **common)
    fig.add_annotation(text=f"{verb} PyTorch ●", x=1, xanchor="right", **common)


def criteria(decision: Decision, theme: Theme) -> go.Figure:
    """Both values on each criterion, 0 (worst anchor) to 1 (best), with their ranges; heaviest criterion first."""
    palette = PALETTES[theme]
    ordered = sorted(decision.criteria, key=lambda row: -row.weight)
    fig = figure(theme, height=64 + (ROW + 8) * len(ordered), top=14, bottom=50)
    for index, row in enumerate(ordered):
        likely = [row.cells[side].likely for side in FRAMEWORKS]
        fig.add_scatter(
            x=likely, y=[-index] * 2, mode="lines", hoverinfo="skip", line={"color": palette.grid, "width": 2}
        )
        for offset, side in zip((0.1, -0.1), FRAMEWORKS, strict=True):
            _cell(fig, row, side, -index + offset, theme)
    rows(fig, theme, [r.criterion.title for r in ordered], [f"weight {r.weight:.0%}" for r in ordered])
    fig.update_xaxes(
        range=[-0.02, 1.02], tickvals=[0, 0.5, 1], ticktext=["worst", "middle", "best"], zeroline=False, title_text=""
    )
    return fig


def _cell(fig: go.Figure, row: CriterionRow, side: Framework, y: float, theme: Theme) -> None:
    cell = row.cells[side]
    known = cell.outcome is Outcome.OK and not cell.reason
    colour = PALETTES[theme].framework[side]
    fig.add_scatter(
        x=[cell.low, cell.high],
        y=[y, y],
        mode="lines",
        hoverinfo="skip",
        line={"color": translucent(colour, 0.55 if known else 0.3), "width": 5 if known else 3},
    )
    note = f"<br>{cell.reason}" if cell.reason else ""
    fig.add_scatter(
        x=[cell.likely],
        y=[y],
        mode="markers",
        marker={
            "symbol": SYMBOLS[side] if known else f"{SYMBOLS[side]}-open",
            "size": 12,
            "color": colour,
            "line": {"width": 1.5, "color": colour},
        },
        hovertemplate=f"{NAMES[side]}: {cell.likely:.2f} ({cell.low:.2f}–{cell.high:.2f}){note}<extra></extra>",
    )


def flips(items: Sequence[Flip], theme: Theme) -> go.Figure:
    """Where each weight is now and where it would turn the answer; only criteria that can."""
    palette = PALETTES[theme]
    able = sorted((f for f in items if f.flips_at is not None), key=lambda f: abs((f.flips_at or 0) - f.weight))
    fig = figure(theme, height=64 + ROW * len(able), top=14, bottom=44)
    for index, flip in enumerate(able):
        at = flip.flips_at or 0.0
        fig.add_scatter(
            x=[flip.weight, at],
            y=[-index] * 2,
            mode="lines",
            hoverinfo="skip",
            line={"color": palette.neutral, "dash": "dot"},
        )
        for x, symbol, word in ((flip.weight, "circle-open", "now"), (at, "x", "turns at")):
            fig.add_scatter(
                x=[x],
                y=[-index],
                mode="markers",
                marker={"symbol": symbol, "size": 11, "color": palette.text, "line": {"width": 2}},
                hovertemplate=f"{word} {x:.0%}<extra></extra>",
            )
    rows(fig, theme, [f.title for f in able], [f"now {f.weight:.0%} → turns at {f.flips_at:.0%}" for f in able])
    fig.update_xaxes(range=[-0.02, 1.02], tickformat=".0%", title_text="weight of the criterion", zeroline=False)
    return fig


def totals(decision: Decision, theme: Theme) -> go.Figure:
    """The total value of each side: mean and the range that holds 90 % of the draws."""
    palette = PALETTES[theme]
    fig = figure(theme, height=ROW * 2 + 56, top=14, bottom=44)
    for index, side in enumerate(FRAMEWORKS):
        cell, colour = decision.totals[side], palette.framework[side]
        fig.add_scatter(
            x=[cell.low, cell.high],
            y=[-index] * 2,
            mode="lines",
            hoverinfo="skip",
            line={"color": translucent(colour, 0.5), "width": 7},
        )
        fig.add_scatter(
            x=[cell.likely],
            y=[-index],
            mode="markers",
            marker={"symbol": SYMBOLS[side], "size": 15, "color": colour},
            hovertemplate=f"{NAMES[side]}: {cell.likely:.2f} ({cell.low:.2f}–{cell.high:.2f})<extra></extra>",
        )
    cells = [decision.totals[side] for side in FRAMEWORKS]
    rows(
        fig,
        theme,
        [NAMES[s] for s in FRAMEWORKS],
        [f"{c.likely:.2f}, 90 % of draws {c.low:.2f}–{c.high:.2f}" for c in cells],
    )
    fig.update_xaxes(range=[-0.02, 1.02], tickvals=[0, 0.5, 1], title_text="total value, 0 to 1", zeroline=False)
    return fig
