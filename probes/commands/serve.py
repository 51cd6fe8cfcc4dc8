"""``python -m probes serve``: servers under load on this machine; or a recorded run, its figures computed anew."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from probes import records
from probes.commands import interpreters, terminal
from probes.json_form import to_json
from probes.schema import Outcome
from probes.serving import figures, run, trace
from probes.serving.figures import ServingFigures
from probes.serving.schema import ServingRecord, ServingRequest, ServingRun, Trace, TraceReplay
from probes.system.quantities import percent

_HEADS = ("start", "p50 alone", "p99 alone", "max rate", "p99 at it", "broke at", "offline", "client p99", "deviation")


def add(commands: terminal.Commands) -> None:
    default = ServingRequest()
    parser = commands.add_parser("serve", help="servers under load: the largest rate that keeps a limit of p99")
    parser.add_argument("--model", default=default.model, metavar="ID", help="a network")
    parser.add_argument("--model-file", type=Path, metavar="FILE", help="a model of your own in place of --model")
    parser.add_argument("--server", action="append", default=[], metavar="ID", help="a server; may be repeated")
    parser.add_argument("--limit-ms", default=default.limit_ms, type=float, metavar="N", help="limit of p99 latency")
    parser.add_argument(
        "--seconds", default=default.seconds, type=float, metavar="N", help="for the clocks of each server"
    )
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help="requests of your own, replayed besides: CSV with timestamp and size"
    )
    parser.add_argument("--threads", default="1", metavar="N", help="intra-op threads of every worker")
    parser.add_argument("--seed", default="0", metavar="N", help="of weights, data and arrivals")
    terminal.add_sizes(parser)
    parser.add_argument(
        "--tensorflow-serving", default="", metavar="HOST:PORT", help="the REST API of one that you run here"
    )
    parser.add_argument(
        "--tensorflow-serving-grpc", default="", metavar="HOST:PORT", help="the gRPC API of one that you run here"
    )
    interpreters.add(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the JSON goes")
    parser.add_argument("--json", action="store_true", help="JSON on stdout, or in --out, and no table")
    parser.add_argument("--read", type=Path, metavar="RUN.json", help="measure nothing: the figures of a recorded run")
    parser.set_defaults(command_run=main)


def main(options: argparse.Namespace) -> int:
    """Done when every server ended in a stated outcome, or a record was read."""
    if options.read:
        with terminal.refusing():
            print(*lines(records.read_serving(options.read)), sep="\n")
        return terminal.DONE
    with terminal.refusing():
        request, pythons = _requested(options), interpreters.chosen(options, options.model_file)
        if options.trace is not None:
            request = replace(request, trace=trace.look(options.trace))
        if options.model_file is not None:
            file = interpreters.described(options.model_file, pythons, partial(print, file=sys.stderr))
            request = replace(request, model=file.id, model_file=file)
        run.validate(request)
        terminal.check_place(options.out)
    with terminal.interruptible() as cancelled:
        result = run.run(
            request,
            on_progress=terminal.Reporter(),
            cancelled=cancelled,
            model_path=options.model_file,
            pythons=pythons,
            trace_path=options.trace,
        )
    if not options.json:
        print(*lines(result), sep="\n", file=sys.stderr)
    if options.json or options.out:
        terminal.write(to_json(result), options.out)
    return terminal.INTERRUPTED if cancelled() else terminal.DONE


def _requested(options: argparse.Namespace) -> ServingRequest:
    return ServingRequest(
        model=options.model,
        sizes=terminal.sizes(options.size),
        servers=tuple(options.server),
        limit_ms=options.limit_ms,
        seconds=options.seconds,
        seed=terminal.seed(options.seed),
        threads=terminal.whole("threads", options.threads),
        tensorflow_serving=options.tensorflow_serving,
        tensorflow_serving_grpc=options.tensorflow_serving_grpc,
    )


def lines(result: ServingRun) -> list[str]:
    """The figures of all records, computed from what was kept, as a table for a terminal."""
    limit = result.request.limit_ms
    file = result.request.model_file
    rows = [
        f"{file.name if file else result.request.model}, p99 ≤ {limit:g} ms".ljust(28)
        + "".join(f"{head:>12}" for head in _HEADS)
    ]
    for record in result.records:
        if record.outcome != Outcome.OK:
            rows.append(f"{record.server.title:<28}{record.outcome}: {record.reason}")
            continue
        shown = figures.figures(record, limit)
        rows.append(f"{record.server.title:<28}" + "".join(f"{cell:>12}" for cell in _cells(record, shown)))
        if record.trace is not None:
            rows += [f"{'':<28}{line}" for line in trace_lines(result.request.trace, record.trace, limit)]
        rows += [f"{'':<28}{note}" for note in notes(record, shown, limit)]
    return rows


def trace_lines(asked: Trace | None, found: TraceReplay, limit_ms: float) -> list[str]:
    """How the team's own requests fared, and drawn ones of the same rate beside them."""
    lines = [f"{asked.name if asked else 'the trace'}: {found.rate:,.3g}/s for {found.seconds:,.3g} s"]
    if asked and found.requests < asked.requests:
        lines[0] += (
            f", cut to the first {found.requests:,} of {asked.requests:,} requests; all of them take "
            f"{asked.seconds:,.3g} s"
        )
    for title, issued in (("at their own times", found.replayed), ("at Poisson arrivals", found.poisson)):
        shown = figures.of_trace(issued, limit_ms / 1e3)
        lines.append(
            f"  {title:<20}p50 {_waited(shown.p50)}, p90 {_waited(shown.p90)}, p99 {_waited(shown.p99)}; "
            f"{percent(shown.within, 1)} within {limit_ms:g} ms"
        )
        if missing := issued.errors + issued.unsent:
            lines.append(f"  {'':<20}{missing:,} had no answer; the first error: {issued.error}")
        if issued.late_s > figures.CLIENT_SHARE * limit_ms / 1e3:
            lines.append(f"  {'':<20}the client itself sent late (p99 {_time(issued.late_s)}): something else was busy")
    if found.client and found.client_poisson:
        alone = [_time(figures.p99(issued)) for issued in (found.client, found.client_poisson)]
        lines.append(f"  {'the client alone':<20}p99 {alone[0]} at their own times, {alone[1]} at Poisson arrivals")
    return lines


def _waited(value: float) -> str:
    return _time(value) if math.isfinite(value) else "no answer"


def notes(record: ServingRecord, shown: ServingFigures, limit_ms: float) -> list[str]:
    """What must be known to read the figures rightly."""
    remarks = []
    if shown.max_rate == 0.0:
        remarks.append("no rate that was tried kept the limit")
    elif shown.max_rate is not None and not shown.certain:
        remarks.append("the queries at that rate were too few to be 99 % sure of the 99th percentile")
    if shown.max_rate and shown.failed_rate is None:
        remarks.append("no rate that was tried broke the limit: it may carry more")
    limit_s = limit_ms / 1e3
    if late := sum(figures.disturbed(trial, limit_s) for trial in record.trials):
        remarks.append(f"{late} trials don't count: the client itself sent late, something else needed the machine")
    if shown.client_bound:
        remarks.append("the client alone takes a good part of the limit: the server may carry more")
    remarks += [f"somebody else was at work: {disturbance}" for disturbance in record.disturbances]
    if record.server.deprecated:
        remarks.append(record.server.deprecated)
    return remarks


def _cells(record: ServingRecord, shown: ServingFigures) -> tuple[str, ...]:
    return (
        "" if shown.start_s is None else f"{shown.start_s:.1f} s",
        _time(shown.single_p50),
        _time(shown.single_p99),
        _rate(shown.max_rate),
        _time(shown.max_rate_p99),
        _rate(shown.failed_rate),
        _rate(shown.offline),
        _time(shown.client_p99),
        "" if record.deviation is None else f"{record.deviation:.1e}",
    )


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}/s" if value < 1000 else f"{value:,.0f}/s"


def _time(value: float | None) -> str:
    return "" if value is None else f"{value * 1e3:.2f} ms"
