"""``python -m probes routes``: exports, checks and times; or reads what was recorded and computes every figure anew."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from probes import records
from probes.commands import interpreters, terminal
from probes.deploy import catalog, run, summary
from probes.deploy.schema import RouteRecord, RoutesRequest, RoutesRun
from probes.deploy.summary import RouteFigures, Span
from probes.json_form import to_json
from probes.schema import Outcome
from probes.system.quantities import percent

_HEADS = ("deviation", "top-1", "accuracy", "export", "bytes", "cold", "b1", "b64", "samples/s", "peak", "runtime")


def add(commands: terminal.Commands) -> None:
    parser = commands.add_parser("routes", help="export, check and time the ways out of both frameworks")
    parser.add_argument("--model", action="append", default=[], metavar="ID", help="a network; may be repeated")
    parser.add_argument("--model-file", type=Path, metavar="FILE", help="a model of your own in place of --model")
    terminal.add_data(parser)
    parser.add_argument("--way", action="append", default=[], metavar="ID", help="a way of the list; may be repeated")
    parser.add_argument("--light", action="store_true", help="leave out what takes half a minute or more to export")
    parser.add_argument("--threads", default="1", metavar="N", help="intra-op threads of every runtime")
    parser.add_argument("--passes", default="16", metavar="N", help="rounds of blocks over all ways")
    parser.add_argument("--seed", default="0", metavar="N", help="of weights, data and the order of blocks")
    terminal.add_sizes(parser)
    interpreters.add(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes; stdout if left out")
    parser.add_argument("--read", type=Path, metavar="RUN.json", help="measure nothing: the figures of a recorded run")
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    """Done when every way ended in a stated outcome, or a record was read."""
    if options.read:
        with terminal.refusing():
            print(*lines(records.read_routes(options.read)), sep="\n")
        return terminal.DONE
    with terminal.refusing():
        request, pythons = _requested(options), interpreters.chosen(options, options.model_file)
        tell = partial(print, file=sys.stderr)
        if options.data is not None and options.model_file is None:
            raise ValueError(f"data: {options.data.name}; allowed: only with --model-file, whose model takes them")
        place = terminal.data(options, tell)
        if options.model_file is not None:
            file = interpreters.described(options.model_file, pythons, tell, place)
            request = replace(request, models=(file.id,), model_file=file)
        run.validate(request)
        terminal.check_place(options.out)
    with terminal.interruptible() as cancelled:
        result = run.run(
            request,
            on_progress=terminal.Reporter(),
            cancelled=cancelled,
            model_path=options.model_file,
            pythons=pythons,
            data_path=place.path if place else None,
        )
    print(*lines(result), sep="\n", file=sys.stderr)
    terminal.write(to_json(result), options.out)
    return terminal.INTERRUPTED if cancelled() else terminal.DONE


def _requested(options: argparse.Namespace) -> RoutesRequest:
    light = tuple(way.id for way in catalog.ways() if not way.heavy) if options.light else ()
    return RoutesRequest(
        models=tuple(options.model) or RoutesRequest().models,
        ways=tuple(options.way) or light,
        sizes=terminal.sizes(options.size),
        seed=terminal.seed(options.seed),
        threads=terminal.whole("threads", options.threads),
        passes=terminal.whole("passes", options.passes),
    )


def lines(result: RoutesRun) -> list[str]:
    """The figures of all records, computed from what was kept, as a table for a terminal."""
    rows = [f"{'':<46}" + "".join(f"{head:>11}" for head in _HEADS)]
    for record in result.records:
        file = result.request.model_file
        name = f"{file.name if file and file.id == record.model else record.model} {record.way.id}"
        figures = summary.figures(record, result)
        if record.outcome != Outcome.OK or figures is None:
            rows.append(f"{name:<46} {record.outcome}: {record.reason.splitlines()[0] if record.reason else ''}")
        else:
            rows.append(f"{name:<46}" + "".join(f"{cell:>11}" for cell in _cells(record, figures)))
    return rows


def _cells(record: RouteRecord, figures: RouteFigures) -> tuple[str, ...]:
    cached = "*" if record.exported and record.exported.cached else ""
    return (
        "" if figures.deviation is None else f"{figures.deviation:.1e}",
        _share(figures.agreement),
        _share(figures.accuracy),
        f"{figures.export_s:.1f} s{cached}",
        _bytes(figures.artefact_bytes),
        "" if figures.cold_s is None else f"{figures.cold_s:.1f} s",
        _time(figures.latency.get(1)),
        _time(figures.latency.get(64)),
        "" if figures.throughput is None else f"{figures.throughput.middle:,.0f}",
        _bytes(figures.peak_bytes),
        _bytes(figures.runtime_bytes),
    )


def _share(value: float | None) -> str:
    return "" if value is None else percent(value, 1)


def _bytes(value: int | None) -> str:
    if value is None:
        return ""
    return f"{value / 1e6:,.1f} MB" if value >= 1e5 else f"{value / 1e3:.0f} kB"


def _time(span: Span | None) -> str:
    return "" if span is None else f"{span.middle * 1e6:,.0f} µs"
