"""A decision as figures: what speaks for whom, criterion by criterion, and what would turn it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import plotly.graph_objects as go

from advisor.model.decision import Decision
from advisor.model.evidence import Cell, CriterionRow
from advisor.output.charts.layout import ROW, Sheet, hatch
from advisor.output.charts.palette import GLYPHS, SYMBOLS, Theme, translucent
from advisor.wording.quantities import percent, signed
from probes.schema import FRAMEWORKS, TITLES, Framework, Outcome

NOTHING: Final = 0.0005  # a contribution that rounds to 0.0 points


def _side(value: float) -> Framework:
    return "pytorch" if value >= 0 else "tensorflow"


def contributions(decision: Decision, theme: Theme, *, most: int = 10) -> go.Figure:
    """How the difference of the totals comes about: each criterion's share on top of those before, largest first.

    Right speaks for PyTorch. Beyond ``most`` rows the rest is summed in one, and the last row is the sum: nothing is
    left out.
    """
    ordered = sorted(decision.criteria, key=lambda row: -abs(row.contribution))
    shown = [(row.criterion.title, row.contribution) for row in ordered[:most]]
    if rest := ordered[most:]:
        shown.append((f"{len(rest)} others together", sum(row.contribution for row in rest)))
    starts = [0.0, *accumulate(value for _, value in shown)]
    shown.append(("All together", starts[-1]))
    starts[-1] = 0.0
    sheet = Sheet(theme, height=64 + ROW * len(shown), bottom=50)
    for side in FRAMEWORKS:
        of_side = [(i, title, value) for i, (title, value) in enumerate(shown) if _side(value) == side]
        sheet.trace(
            "bar",
            base=[starts[i] for i, _, _ in of_side],
            x=[value for _, _, value in of_side],
            y=[-i for i, _, _ in of_side],
            text=[f"{title}: {signed(value * 100)} points" for _, title, value in of_side],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
            orientation="h",
            width=0.34,
            marker={"color": sheet.palette.framework[side], "line": {"width": 0}, "pattern": hatch(side, theme)},
        )
    ends = [start + value for start, (_, value) in zip(starts, shown, strict=True)]
    for index, end in enumerate(ends[:-1]):  # from the end of a bar down to where the next one starts
        sheet.line([end, end], [-index - 0.17, -index - 0.83], color=sheet.palette.muted, width=1, dash="dot")
    sheet.rows([title for title, _ in shown], [_points(value) for _, value in shown])
    sheet.upright(0)
    reach = max(map(abs, ends), default=0.0) * 1.12 or 0.1
    sheet.x_axis(range=[-reach, reach], showticklabels=False, showgrid=False, zeroline=False)
    sheet.sides("◆ speaks for TensorFlow", "speaks for PyTorch ●", shift=-40)
    return sheet.figure(barmode="overlay")


def _points(value: float) -> str:
    if abs(value) < NOTHING:
        return "no difference"
    side = _side(value)
    return f"{GLYPHS[side]} {TITLES[side]} {signed(abs(value) * 100)} points"


def criteria(rows: Sequence[CriterionRow], theme: Theme) -> go.Figure:
    """Both values on each criterion, 0 (worst anchor) to 1 (best), with their ranges, in the order given."""
    sheet = Sheet(theme, height=64 + (ROW + 8) * len(rows), bottom=40)
    for known in (False, True):
        for offset, side in zip((0.0, -0.2), FRAMEWORKS, strict=True):
            cells = [
                (offset - index, row.cells[side]) for index, row in enumerate(rows) if _known(row.cells[side]) == known
            ]
            if cells:
                _cells(sheet, cells, side, known=known)
    sheet.rows([row.criterion.title for row in rows], [f"weight {percent(row.weight)}" for row in rows])
    sheet.x_axis(range=[-0.03, 1.03], tickvals=[0, 0.5, 1], ticktext=["worst", "middle", "best"], zeroline=False)
    return sheet.figure()


def _known(cell: Cell) -> bool:
    """Whether a cell says something: an unknown one spans the whole range and has a reason."""
    return cell.outcome is Outcome.OK and not cell.reason


def _cells(sheet: Sheet, cells: Sequence[tuple[float, Cell]], side: Framework, *, known: bool) -> None:
    colour = sheet.palette.framework[side]
    ends: list[float | None] = [end for _, cell in cells for end in (cell.low, cell.high, None)]
    heights: list[float | None] = [height for y, _ in cells for height in (y, y, None)]
    sheet.line(ends, heights, color=translucent(colour, 0.55 if known else 0.3), width=5 if known else 2)
    said = [
        f"{TITLES[side]}: {cell.likely:.2f} ({cell.low:.2f}–{cell.high:.2f})"
        + (f"<br>{cell.reason}" if cell.reason else "")
        for _, cell in cells
    ]
    sheet.trace(
        "scatter",
        x=[cell.likely for _, cell in cells],
        y=[y for y, _ in cells],
        mode="markers",
        name=f"{TITLES[side]}{'' if known else ', unknown'}",
        marker={
            "symbol": SYMBOLS[side] if known else f"{SYMBOLS[side]}-open",
            "size": 12,
            "color": colour,
            "line": {"width": 1.5, "color": colour},
        },
        text=said,
        hovertemplate="%{text}<extra></extra>",
    )


def totals(decision: Decision, theme: Theme) -> go.Figure:
    """The total value of each side: mean and the range that holds 90 % of the draws."""
    sheet = Sheet(theme, height=ROW * 2 + 56)
    for index, side in enumerate(FRAMEWORKS):
        cell, colour = decision.totals[side], sheet.palette.framework[side]
        sheet.line([cell.low, cell.high], [-index, -index], color=translucent(colour, 0.5), width=7)
        sheet.trace(
            "scatter",
            x=[cell.likely],
            y=[-index],
            mode="markers",
            marker={"symbol": SYMBOLS[side], "size": 15, "color": colour},
            hovertemplate=f"{TITLES[side]}: {cell.likely:.2f} ({cell.low:.2f}–{cell.high:.2f})<extra></extra>",
        )
    cells = [decision.totals[side] for side in FRAMEWORKS]
    sheet.rows(
        [TITLES[side] for side in FRAMEWORKS],
        [f"{cell.likely:.2f}, 90 % of draws {cell.low:.2f}–{cell.high:.2f}" for cell in cells],
    )
    sheet.x_axis(range=[-0.02, 1.02], tickvals=[0, 0.5, 1], title_text="total value, 0 to 1", zeroline=False)
    return sheet.figure()
