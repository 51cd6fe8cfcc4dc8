"""Every raw figure of a probe in the order in which it was taken: drift, disturbances, what differs by process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import plotly.graph_objects as go

from advisor.output.charts.layout import Sheet
from advisor.output.charts.palette import SYMBOLS, Theme, translucent
from advisor.wording.quantities import quantity, scale
from probes.results import Instance, Measurement, ProbeResult, sides_of
from probes.schema import FRAMEWORKS, TITLES, Framework

_HEIGHT: Final = 300


def in_order(result: ProbeResult, raw: Sequence[tuple[int, Measurement]], theme: Theme) -> go.Figure:
    """A mark a block (seconds a step) or value (the probe's unit), rounds side by side with a line between them.

    ``raw`` are the rounds' indices and measurements, as ``Body.raw`` has them.
    """
    sheet = Sheet(theme, height=_HEIGHT, top=28, bottom=52)
    marks = list(_marks(raw))
    timed = any(one.superblocks or one.blocks for _, measured in raw for one in measured.instances)
    kind = "s" if timed else result.unit
    divisor, unit = scale([value for _, _, _, value in marks], kind)
    for side in FRAMEWORKS:
        own = [(place, round_, value) for place, round_, of, value in marks if of == side]
        sheet.trace(
            "scatter", x=[place for place, _, _ in own], y=[value / divisor for _, _, value in own], mode="markers",
            name=TITLES[side], hoverinfo="text",
            hovertext=[f"{TITLES[side]}, round {round_ + 1}: {quantity(value, kind)}" for _, round_, value in own],
            marker={
                "symbol": SYMBOLS[side], "size": 6,
                "color": translucent(sheet.palette.framework[side], 0.75),
            },
        )  # fmt: skip
    for (place, before, _, _), (following, after, _, _) in pairwise(marks):
        if after != before:  # another pair of processes begins
            sheet.upright((place + following) / 2)
    sheet.x_axis(title_text="in the order measured", showticklabels=False, showgrid=False)
    sheet.y_axis(title_text=unit, nticks=6, showgrid=True, automargin=True)
    said = "time per step" if timed else result.metric
    sheet.note(f"● PyTorch ◆ TensorFlow · {said}", x=0, xanchor="left", xref="paper", y=1, yref="paper", yshift=18)
    return sheet.figure()


def _marks(raw: Sequence[tuple[int, Measurement]]) -> Iterator[tuple[int, int, Framework, float]]:
    """Place, round, side and value of every raw figure. The values of an instance stand in one place."""
    place = 0
    for round_, measurement in raw:
        for instance in measurement.instances:
            for offset, side, value in _of(instance):
                yield place + offset, round_, side, value
            place += max((offset for offset, _, _ in _of(instance)), default=-1) + 1


def _of(instance: Instance) -> Iterator[tuple[int, Framework, float]]:
    place = 0
    for block in instance.superblocks:
        for side, wall in zip(sides_of(block.order), block.wall, strict=True):
            yield place, side, wall
            place += 1
    for side in FRAMEWORKS:
        for offset, wall in enumerate(instance.blocks.get(side, ())):
            yield place + offset, side, wall
        if side in instance.single:
            yield place, side, instance.single[side]
