"""Ways out of the frameworks: latency against size, and which of them nothing beats in both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import plotly.graph_objects as go

from advisor.deployment.targets import TriedRoute, garbled
from advisor.output.charts.layout import Sheet
from advisor.output.charts.palette import SYMBOLS, Theme
from advisor.wording.quantities import counted, quantity
from probes.deploy.schema import FORMS
from probes.schema import FRAMEWORKS, TITLES, Outcome

Size = Literal["artefact", "with its runtime"]
#: The shape's family is the framework's, its filling the form's; what came out wrong is a cross.
_FILLINGS: Final = dict(zip(FORMS, ("", "-open", "-dot", "-x"), strict=True))
_WRONG: Final = "x-thin"
_TIMES: Final = tuple((10.0**e, m) for e in range(-6, 2) for m in (1, 3))
_BYTES: Final = (2**10, 2**13, 2**16, 2**18, 2**20, 2**22, 2**24, 2**26, 2**28, 2**30, 2**32, 2**34)


@dataclass(frozen=True, slots=True)
class RoutePoint:
    """A way on the chart: seconds a call and bytes."""

    seen: TriedRoute
    seconds: float
    bytes: int

    @property
    def works(self) -> bool:
        """Only what works can be on the front."""
        return self.seen.record.outcome is Outcome.OK


def points(seen: Sequence[TriedRoute], batch: int, size: Size) -> tuple[RoutePoint, ...]:
    """Every way that was clocked at that batch size, what came out wrong included."""
    clocked = []
    for tried in seen:
        figures = tried.figures
        span = figures.latency.get(batch) if figures else None
        if figures is None or span is None or not (tried.record.outcome is Outcome.OK or garbled(tried)):
            continue
        runtime = figures.runtime_bytes or 0
        clocked.append(RoutePoint(tried, span.middle, figures.artefact_bytes + (runtime if size != "artefact" else 0)))
    return tuple(clocked)


def front(ways: Sequence[RoutePoint]) -> tuple[RoutePoint, ...]:
    """Those that work and that no other beats in both, from the fastest to the smallest (Pareto)."""
    best: list[RoutePoint] = []
    for point in sorted((point for point in ways if point.works), key=lambda point: (point.seconds, point.bytes)):
        if not best or point.bytes < best[-1].bytes:
            best.append(point)
    return tuple(best)


def pareto(ways: Sequence[RoutePoint], batch: int, size: Size, theme: Theme) -> go.Figure:
    """Seconds a call against bytes, both logarithmic; nearer to the lower left is better in both."""
    sheet = Sheet(theme, height=420, top=34, bottom=58)
    best = front(ways)
    sheet.trace(
        "scatter", x=[p.seconds for p in best], y=[p.bytes for p in best], mode="lines", hoverinfo="skip",
        line={"color": sheet.palette.muted, "width": 1.5, "shape": "hv"}, name="nothing beats these in both",
    )  # fmt: skip
    for side in FRAMEWORKS:
        for form, filling in _FILLINGS.items():
            of = [p for p in ways if p.works and (p.seen.record.way.framework, p.seen.record.way.form) == (side, form)]
            _marks(sheet, of, f"{TITLES[side]}, {form}", SYMBOLS[side] + filling, sheet.palette.framework[side])
    _marks(sheet, [p for p in ways if not p.works], "answers are wrong", _WRONG, sheet.palette.muted)
    _axes(sheet, ways, batch, size)
    return sheet.figure(showlegend=True, legend={"orientation": "h", "y": -0.2, "x": 0, "font": {"size": 13}})


def _marks(sheet: Sheet, of: Sequence[RoutePoint], name: str, symbol: str, colour: str) -> None:
    if not of:
        return
    hollow = symbol.endswith(("-open", "-thin"))
    edge = {"width": 2 if hollow else 1.5, "color": colour if hollow else sheet.palette.background}
    sheet.trace(
        "scatter",
        x=[point.seconds for point in of],
        y=[point.bytes for point in of],
        mode="markers",
        cliponaxis=False,
        marker={"symbol": symbol, "size": 12, "color": colour, "line": edge},
        hovertext=[_hover(point) for point in of],
        hoverinfo="text",
        name=name,
    )


def _hover(point: RoutePoint) -> str:
    way, figures = point.seen.record.way, point.seen.figures
    off = "" if figures is None or figures.deviation is None else f"<br>largest deviation {figures.deviation:.1g}"
    lost = ""
    if figures is not None and figures.lost_accuracy is not None:
        lost = f"<br>accuracy lost {figures.lost_accuracy * 100:.1f} points"
    title = way.title.replace("<", "&lt;")
    return (
        f"{TITLES[way.framework]}: {title}<br>{quantity(point.seconds, 's')} a call, "
        f"{quantity(point.bytes, 'B')}{off}{lost}"
    )


def _axes(sheet: Sheet, ways: Sequence[RoutePoint], batch: int, size: Size) -> None:
    seconds, sizes = [p.seconds for p in ways], [p.bytes for p in ways]
    edges = [math.log10(min(sizes) / 1.7), math.log10(max(sizes) * 1.7)]
    across = [base * m for base, m in _TIMES if min(seconds) / 3 <= base * m <= max(seconds) * 3]
    up = [value for value in _BYTES if min(sizes) / 4 <= value <= max(sizes) * 4]
    sheet.x_axis(type="log", tickvals=across, ticktext=[_short(quantity(v, "s")) for v in across], tickangle=0)
    sheet.y_axis(
        type="log",
        tickvals=up,
        ticktext=[_short(quantity(v, "B")) for v in up],
        showgrid=True,
        automargin=True,
        range=edges,
    )
    over = "call" if batch == 1 else f"call of {batch}"
    sheet.note(f"time a {over}", x=1, xanchor="right", xref="paper", yref="paper", y=0, yshift=-44)
    sheet.note(f"bytes, {size}", x=0, xanchor="left", xref="paper", yref="paper", y=1, yshift=26)


def _short(text: str) -> str:
    """``1.00 MiB`` → ``1 MiB``: ticks are round."""
    figure, _, unit = text.partition(" ")
    return f"{figure.rstrip('0').rstrip('.') if '.' in figure else figure} {unit}"


def said(ways: Sequence[RoutePoint]) -> str:
    """The front in words."""
    return f"{counted(len(ways), 'way')} by latency and size. Nothing beats these in both: {'; '.join(told(ways))}"


def told(ways: Sequence[RoutePoint]) -> list[str]:
    """Each way of the front in words, the fastest first."""
    return [
        f"{TITLES[p.seen.record.way.framework]} {p.seen.record.way.title}, {quantity(p.seconds, 's')} a call, "
        f"{quantity(p.bytes, 'B')}"
        for p in front(ways)
    ]
