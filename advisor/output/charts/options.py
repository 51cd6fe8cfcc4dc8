"""The ways that are open, as figures: how often each comes first, second and so on, and how the first two differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from advisor.decision.explain.ways import Contrast
from advisor.model.decision import OptionResult
from advisor.output.charts.layout import ROW, Sheet
from advisor.output.charts.palette import Theme, translucent
from advisor.wording.quantities import percent, signed
from probes.schema import FRAMEWORKS

_FADES: Final = (1.0, 0.5, 0.25, 0.12)  # how much of its colour each rank has; those behind have the last one's
_PLACES: Final = ("first", "second", "third")


def ranks(options: Sequence[OptionResult], theme: Theme) -> go.Figure:
    """A bar for each open option, in the order given: the shares of the draws at each rank, first place darkest."""
    sheet = Sheet(theme, height=72 + ROW * len(options), bottom=50)
    for rank in range(max((len(option.ranks) for option in options), default=0)):
        at = [(i, option) for i, option in enumerate(options) if rank < len(option.ranks)]
        sheet.trace(
            "bar",
            x=[option.ranks[rank] for _, option in at],
            y=[-i for i, _ in at],
            text=[f"{option.title}: {_place(rank)} in {percent(option.ranks[rank])}" for _, option in at],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
            orientation="h",
            width=0.34,
            marker={"color": [_colour(sheet, option, rank) for _, option in at], "line": {"width": 0}},
        )
    sheet.rows(
        [_bare(option.title) for option in options], [f"{percent(option.share or 0)} first" for option in options]
    )
    sheet.x_axis(range=[0, 1], tickvals=[0, 0.5, 1], ticktext=["0", "50 %", "100 %"], zeroline=False)
    sheet.sides("darkest: comes first", "palest: comes last", shift=-46)
    return sheet.figure(barmode="stack")


def _place(rank: int) -> str:
    return _PLACES[rank] if rank < len(_PLACES) else f"in place {rank + 1}"


def _colour(sheet: Sheet, option: OptionResult, rank: int) -> str:
    own = next((sheet.palette.framework[side] for side in FRAMEWORKS if side == option.id), sheet.palette.neutral)
    return translucent(own, _FADES[min(rank, len(_FADES) - 1)])


def compared(differences: Sequence[Contrast], first: OptionResult, second: OptionResult, theme: Theme) -> go.Figure:
    """On which criteria the first two differ, in points of 100 of the total value; right speaks for the first."""
    sheet = Sheet(theme, height=64 + ROW * len(differences), bottom=50)
    for index, difference in enumerate(differences):
        ahead = first if difference.points > 0 else second
        sheet.trace(
            "bar",
            x=[difference.points],
            y=[-index],
            text=[f"{difference.title}: {abs(difference.points):.1f} points for {ahead.title}"],
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
            orientation="h",
            width=0.34,
            marker={"color": _colour(sheet, ahead, 0), "line": {"width": 0}},
        )
    sheet.rows([row.title for row in differences], [f"{signed(row.points)} points" for row in differences])
    sheet.upright(0)
    reach = max((abs(row.points) for row in differences), default=0.0) * 1.12 or 1.0
    sheet.x_axis(range=[-reach, reach], showticklabels=False, showgrid=False, zeroline=False)
    sheet.sides(f"◂ {_short(second.title)}", f"{_short(first.title)} ▸", shift=-40)
    return sheet.figure(barmode="overlay")


def _bare(title: str) -> str:
    """A title without what is in brackets: beside its share it has to fit on a phone."""
    return title.split(" (")[0]


def _short(title: str, most: int = 24) -> str:
    """Both ends have to fit beside each other on a phone."""
    bare = _bare(title)
    return bare if len(bare) <= most else f"{bare[: most - 1].rstrip()}…"
