"""Figures that a probe took over a batch, a thread count, a size: details named ``NAME_number`` as curves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from probes.schema import FRAMEWORKS, Better, Framework, Measurement, Outcome, ProbeResult

_NAMED = re.compile(r"([A-Za-z][A-Za-z_]*?)_(\d+(?:\.\d+)?)")
_FEWEST = 2  # points that make a curve


@dataclass(frozen=True, slots=True)
class Point:
    """One place of a curve: the median over instances and the range that they span, in the probe's unit."""

    at: float
    middle: float
    low: float
    high: float
    instances: int  # that the range is taken over; 0 where their raw figures weren't kept


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a probe's figure changes with ``over``, on each side that has it."""

    probe: str
    title: str
    over: str  # "batch", "threads", as the measure calls it
    metric: str
    unit: str
    better: Better
    sides: Mapping[Framework, tuple[Point, ...]]


def scalings(result: ProbeResult, raw: Sequence[Measurement] = ()) -> tuple[Scaling, ...]:
    """The curves in a result's details, one for each name that stands before at least two numbers.

    ``raw`` are the probe's measurements, whose instances give the ranges; without them a point is its median only.
    """
    if result.outcome is not Outcome.OK:
        return ()
    names = dict.fromkeys(
        over for side in FRAMEWORKS for name in result.sides[side].details if (over := _split(name)[0])
    )
    found = []
    for over in names:
        sides = {side: _points(result, raw, side, over) for side in FRAMEWORKS}
        sides = {side: points for side, points in sides.items() if len(points) >= _FEWEST}
        if sides:
            found.append(Scaling(result.probe, result.title, over, result.metric, result.unit, result.better, sides))
    return tuple(found)


def _split(name: str) -> tuple[str, float]:
    """``batch_64`` → ``("batch", 64.0)``; no name where there is no number."""
    match = _NAMED.fullmatch(name)
    return (match[1], float(match[2])) if match else ("", 0.0)


def _points(result: ProbeResult, raw: Sequence[Measurement], side: Framework, over: str) -> tuple[Point, ...]:
    values: dict[float, list[float]] = {}
    for measurement in raw:
        for instance in measurement.instances:
            for name, value in instance.details.get(side, {}).items():
                named, at = _split(name)
                if named == over:
                    values.setdefault(at, []).append(value)
    stated = {
        at: value for name, value in result.sides[side].details.items() for named, at in [_split(name)] if named == over
    }
    return tuple(_point(at, values.get(at, []), stated.get(at)) for at in sorted({*stated, *values}))


def _point(at: float, values: Sequence[float], stated: float | None) -> Point:
    """The result's own median if it has one, which the range takes in."""
    middle = median(values) if stated is None else stated
    return Point(at, middle, min([*values, middle]), max([*values, middle]), len(values))
