"""Figures over a batch, a thread count, a size as curves: within a run from details named ``NAME_number``, and from
several runs that differ in one thing only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from advisor.measured.conditions import Conditions
from advisor.measured.result_sets import ResultSet
from probes.results import Measurement, ProbeResult
from probes.schema import FRAMEWORKS, Better, Framework, Outcome
from probes.tracks import ran

_NAMED = re.compile(r"([A-Za-z][A-Za-z_]*?)_(\d+(?:\.\d+)?)")
_FEWEST = 2  # points that make a curve


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One place of a curve: a median and what lies around it, in the probe's unit."""

    at: float
    middle: float
    low: float
    high: float
    count: int  # figures that the range is taken over; 0 where they weren't kept


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a probe's figure changes with ``over``, on each side that has it."""

    probe: str
    title: str
    over: str  # "batch", "threads", as the measure calls it
    metric: str
    unit: str
    better: Better
    sides: Mapping[Framework, tuple[CurvePoint, ...]]
    titles: Mapping[Framework, str]  # what ran on either side
    runs: bool = False  # a run a point, ranges from quartile to quartile; else ranges over the instances of one run


def scalings(result: ProbeResult, raw: Sequence[Measurement] = ()) -> tuple[Scaling, ...]:
    """The curves in a result's details, one for each name that stands before at least two numbers.

    ``raw`` are the probe's measurements, whose instances give the ranges; without them a point is its median only.
    """
    if result.outcome is not Outcome.OK:
        return ()
    names = dict.fromkeys(
        over for side in FRAMEWORKS for name in result.sides[side].details if (over := _split(name)[0])
    )
    curves = []
    for over in names:
        sides = {side: _points(result, raw, side, over) for side in FRAMEWORKS}
        sides = {side: points for side, points in sides.items() if len(points) >= _FEWEST}
        if sides:
            curves.append(
                Scaling(
                    result.probe, result.title, over, result.metric, result.unit, result.better, sides, _titles(result)
                )
            )
    return tuple(curves)


def across(probe: str, first: ResultSet, others: Sequence[ResultSet]) -> tuple[Scaling, ...]:
    """How a probe's figure changes with what alone sets other bodies apart from ``first``: threads, or one size of its
    network. Of several bodies alike the first counts.
    """
    base = _measured(first, probe)
    if base is None:
        return ()
    by_name: dict[str, dict[float, ProbeResult]] = {}
    for body in others:
        row, differs = _measured(body, probe), _difference(first.conditions, body.conditions, base.model)
        if row is not None and differs is not None:
            over, here, there = differs
            by_name.setdefault(over, {here: base}).setdefault(there, row)
    return tuple(_over_runs(base, over, rows) for over, rows in by_name.items())


def _measured(body: ResultSet, probe: str) -> ProbeResult | None:
    rows = (row for row in body.result.results if row.probe == probe and row.outcome is Outcome.OK)
    return next(rows, None)


def _difference(here: Conditions, there: Conditions, model: str) -> tuple[str, float, float] | None:
    """The one thing that differs for ``model``, with both its values."""
    mine, theirs = here.sizes.get(model, {}), there.sizes.get(model, {})
    if (here.fingerprint, here.on_gpu) != (there.fingerprint, there.on_gpu) or mine.keys() != theirs.keys():
        return None
    changed: list[tuple[str, float, float]] = [
        (name, mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]
    ]
    if here.threads != there.threads:
        changed.append(("threads", here.threads, there.threads))
    return changed[0] if len(changed) == 1 else None


def _over_runs(base: ProbeResult, over: str, rows: Mapping[float, ProbeResult]) -> Scaling:
    sides = {side: tuple(_run_point(at, rows[at], side) for at in sorted(rows)) for side in FRAMEWORKS}
    return Scaling(base.probe, base.title, over, base.metric, base.unit, base.better, sides, _titles(base), runs=True)


def _titles(result: ProbeResult) -> dict[Framework, str]:
    return {side: ran(side, [report.mode]) for side, report in result.sides.items()}


def _run_point(at: float, row: ProbeResult, side: Framework) -> CurvePoint:
    samples, middle = row.sides[side].samples, row.sides[side].median or 0.0
    if len(samples) < _FEWEST:
        return CurvePoint(at, middle, middle, middle, len(samples))
    low, _, high = quantiles(samples, n=4, method="inclusive")
    return CurvePoint(at, middle, min(low, middle), max(high, middle), len(samples))


def _split(name: str) -> tuple[str, float]:
    """``batch_64`` → ``("batch", 64.0)``; no name where there is no number."""
    match = _NAMED.fullmatch(name)
    return (match[1], float(match[2])) if match else ("", 0.0)


def _points(result: ProbeResult, raw: Sequence[Measurement], side: Framework, over: str) -> tuple[CurvePoint, ...]:
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


def _point(at: float, values: Sequence[float], stated: float | None) -> CurvePoint:
    """The result's own median if it has one, which the range takes in."""
    middle = median(values) if stated is None else stated
    return CurvePoint(at, middle, min([*values, middle]), max([*values, middle]), len(values))
