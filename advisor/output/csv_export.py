"""Results and raw figures as CSV, for spreadsheets and data frames."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from advisor.deployment.targets import TriedRoute
from advisor.measured.details import unit_of
from advisor.measured.result_sets import ResultSet
from probes.deploy.schema import BATCHES, RoutesRun
from probes.results import Instance, ProbeResult, sides_of
from probes.schema import FRAMEWORKS, Framework

CsvValue = str | int | float | None

RESULT_COLUMNS: Final = (
    "probe", "title", "model", "measure", "track", "framework", "mode", "metric", "unit", "better", "median", "ratio",
    "low", "high", "confidence", "verdict", "outcome", "reason", "rounds", "provisional", "measured_at",
)  # fmt: skip
RAW_COLUMNS: Final = (
    "probe", "framework", "mode", "round", "instance", "kind", "name", "order", "place", "value", "cpu", "unit",
)  # fmt: skip
ROUTE_COLUMNS: Final = (
    "way", "title", "framework", "route", "form", "network", "outcome", "reason", "export_s", "artefact_bytes",
    "deviation", "agreement", "accuracy", "source_accuracy", "cold_s", "batch1_s", "batch1_low", "batch1_high",
    "batch64_s", "batch64_low", "batch64_high", "inputs_per_s", "peak_bytes", "runtime_bytes", "batch", "warnings",
    "deprecated", "group", "versions", "machine", "started_at",
)  # fmt: skip

#: What a spreadsheet takes for the beginning of a formula (OWASP, «CSV Injection»).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def results_csv(results: Sequence[ProbeResult]) -> str:
    """A row a probe and framework. ``ratio``, ``low`` and ``high`` are TensorFlow / PyTorch of the metric and stand in
    both rows; what isn't known is empty. ``outcome`` and ``reason`` are the side's own, else the probe's.
    """
    return _csv(RESULT_COLUMNS, (_result(row, side) for row in results for side in FRAMEWORKS))


def raw_csv(body: ResultSet) -> str:
    """A row for every figure behind the results, in the order measured.

    ``kind`` is ``block`` (wall and CPU seconds a step; ``order`` is its superblock's, A being PyTorch, and ``place``
    where in it the block ran), ``value`` (one an instance, in the probe's unit) or ``detail`` (a named part). Where the
    rounds weren't kept, ``sample`` rows hold the result's own values.
    """
    return _csv(RAW_COLUMNS, (row for result in body.result.results for row in _raw(body, result)))


def routes_csv(seen: Sequence[TriedRoute], run: RoutesRun) -> str:
    """A row a way: how it ended and every figure, in seconds, bytes and shares; what isn't known is empty."""
    return _csv(ROUTE_COLUMNS, (_way(one, run) for one in seen))


def _way(one: TriedRoute, run: RoutesRun) -> list[CsvValue]:
    record, figures = one.record, one.figures
    way, played = record.way, record.played
    named: list[CsvValue] = [way.id, way.title, way.framework, way.route, way.form, record.model]
    ended: list[CsvValue] = [record.outcome.value, record.reason]
    tail: list[CsvValue] = [
        "; ".join(record.exported.warnings) if record.exported else "",
        way.deprecated,
        record.group,
        ", ".join(f"{name} {number}" for name, number in played.versions.items()) if played else "",
        run.machine.name,
        run.started_at,
    ]
    if figures is None:
        return [*named, *ended, *[None] * (len(ROUTE_COLUMNS) - len(named) - len(ended) - len(tail)), *tail]
    spans = (figures.latency.get(batch) for batch in BATCHES)
    times = [value for span in spans for value in ((span.middle, span.low, span.high) if span else (None,) * 3)]
    batch = None if figures.dynamic_batch is None else ("dynamic" if figures.dynamic_batch else "fixed")
    return [
        *named, *ended, figures.export_s, figures.artefact_bytes, figures.deviation, figures.agreement,
        figures.accuracy, figures.source_accuracy, figures.cold_s, *times,
        figures.throughput.middle if figures.throughput else None, figures.peak_bytes, figures.runtime_bytes, batch,
        *tail,
    ]  # fmt: skip


def _csv(columns: Sequence[str], rows: Iterable[Sequence[CsvValue]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: CsvValue) -> CsvValue:
    """Text that a spreadsheet would run is marked as text; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _result(row: ProbeResult, side: Framework) -> list[CsvValue]:
    report, ratio = row.sides[side], row.ratio
    figures: list[CsvValue] = [ratio.estimate, ratio.low, ratio.high, ratio.confidence] if ratio else [None] * 4
    is_own = bool(report.reason) or report.outcome.value != "ok"
    return [
        row.probe, row.title, row.model, row.measure, row.track, side, report.mode, row.metric, row.unit, row.better,
        report.median, *figures, row.verdict.value, (report.outcome if is_own else row.outcome).value,
        report.reason if is_own else row.reason, row.rounds, str(row.provisional).lower(), row.measured_at,
    ]  # fmt: skip


def _raw(body: ResultSet, result: ProbeResult) -> Iterator[list[CsvValue]]:
    kept = body.raw(result.probe)
    if not kept:
        for side in FRAMEWORKS:
            for place, value in enumerate(result.sides[side].samples):
                yield [
                    result.probe, side, result.sides[side].mode, None, None, "sample", "", "", place, value, None,
                    result.unit,
                ]  # fmt: skip
    for round_, measurement in kept:
        for number, instance in enumerate(measurement.instances):
            for side, rest in _figures(instance, result.unit):
                yield [result.probe, side, result.sides[side].mode, round_, number, *rest]


def _figures(instance: Instance, unit: str) -> Iterator[tuple[Framework, list[CsvValue]]]:
    for block in instance.superblocks:
        for place, (side, wall, cpu) in enumerate(zip(sides_of(block.order), block.wall, block.cpu, strict=True)):
            yield side, ["block", "", block.order, place, wall, cpu, "s"]
    for side in FRAMEWORKS:
        for place, wall in enumerate(instance.blocks.get(side, ())):
            yield side, ["block", "", "", place, wall, None, "s"]
        if side in instance.single:
            yield side, ["value", "", "", None, instance.single[side], None, unit]
        for name, value in instance.details.get(side, {}).items():
            _, kind, factor = unit_of(name, unit)
            yield side, ["detail", name, "", None, value, None, kind if factor == 1 else ""]
