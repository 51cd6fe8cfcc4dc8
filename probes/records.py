"""Reads recorded runs and self-checks, and refuses what can't be trusted, with one clear reason."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from probes.check.schema import Check
from probes.deploy.schema import RoutesRun
from probes.json_form import from_json
from probes.results import Instance, Round, RunResult
from probes.schema import SCHEMA
from probes.serving.schema import ServingRun
from probes.system.whole_files import UnreadableFileError, contents

T = TypeVar("T")

LARGEST = 64 * 1024 * 1024  # bytes; a thorough run of every probe has a few


class RecordError(ValueError):
    """A recorded run is not taken. Says where in the file, what is wrong, and what would be allowed."""


def read(path: Path) -> RunResult:
    """The run in ``path``, with every raw figure positive and finite. Raises RecordError."""
    run = _parsed(path, RunResult, "run")
    for round_ in run.rounds:
        _look_at_round(path, round_)
    return run


def read_check(path: Path) -> Check:
    """The self-check in ``path``. Raises RecordError."""
    return _parsed(path, Check, "check")


def read_routes(path: Path) -> RoutesRun:
    """The run over routes in ``path``, with answers that can be read and positive, finite times. Raises RecordError."""
    from probes.deploy import summary

    run = _parsed(path, RoutesRun, "routes")
    for record in run.records:
        for batch, seconds in (record.played.blocks if record.played else {}).items():
            if record.played and not 1 <= record.played.processes <= len(seconds):
                allowed = f"allowed: 1 to the {len(seconds)} blocks of batch {batch}"
                raise RecordError(
                    f"{path}: {record.model}, {record.way.id}, processes: {record.played.processes}; {allowed}"
                )
            if bad := [value for value in seconds if not (math.isfinite(value) and value > 0)]:
                place = f"{record.model}, {record.way.id}, blocks of batch {batch}"
                raise RecordError(f"{path}: {place}: {bad[0]!r}; allowed: a positive, finite number")
        try:
            summary.figures(record, run)
        except (ValueError, KeyError) as error:
            raise RecordError(f"{path}: {record.model}, {record.way.id}: {error}") from error
    return run


def read_serving(path: Path) -> ServingRun:
    """The run over servers in ``path``, with latencies that can be read. Raises RecordError."""
    from probes.serving import figures

    run = _parsed(path, ServingRun, "serve")
    for record in run.records:
        try:
            figures.figures(record, run.request.limit_ms)
            for issued in (record.trace.replayed, record.trace.poisson) if record.trace else ():
                figures.of_trace(issued, run.request.limit_ms / 1e3)
        except ValueError as error:
            raise RecordError(f"{path}: {record.model}, {record.server.id}: {error}") from error
    return run


def _parsed(path: Path, kind: type[T], command: str) -> T:
    try:
        text = contents(path, largest=LARGEST)
    except UnreadableFileError as error:
        raise RecordError(str(error)) from error
    _look_at_schema(path, text, command)
    try:
        return from_json(kind, text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"{path}{f': {place}' if place else ''}: {first['msg']}") from error


def _look_at_schema(path: Path, text: bytes, command: str) -> None:
    """Before anything else: a newer format can't be told from a broken one by its fields."""
    try:
        content: Any = json.loads(text, parse_constant=_not_a_number)
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:  # what isn't UTF-8, huge integers and thousands of brackets too
        raise RecordError(f"{path} is not JSON, or it was cut off: {error}") from None
    schema = content.get("schema") if isinstance(content, dict) else None
    if type(schema) is int and schema > SCHEMA:
        raise RecordError(f"{path}: schema {schema} is newer than this Fulcrum reads ({SCHEMA}): update Fulcrum")
    if type(schema) is not int or schema != SCHEMA:  # true and 1.0 equal 1, too
        found = "missing" if schema is None else _short(json.dumps(schema))
        raise RecordError(
            f"{path}: schema is {found}; allowed: {SCHEMA}. Is it a file of `python -m probes {command}`?"
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _not_a_number(name: str) -> None:
    raise RecordError(f"{name} is no measurement; allowed: finite numbers")


def _look_at_round(path: Path, round_: Round) -> None:
    for measurement in round_.measurements:
        for number, instance in enumerate(measurement.instances):
            for name, figure in _figures(instance):
                if not (math.isfinite(figure) and figure > 0):
                    place = f"round {round_.index}, {measurement.probe}, instance {number}, {name}"
                    raise RecordError(f"{path}: {place}: {figure!r}; allowed: a positive, finite number")


def _figures(instance: Instance) -> list[tuple[str, float]]:
    """All that a verdict rests on. CPU seconds may be 0: their clock is coarse on some systems."""
    figures = [("block", wall) for block in instance.superblocks for wall in block.wall]
    figures += [("single value", value) for value in instance.single.values()]
    figures += [("block", wall) for blocks in instance.blocks.values() for wall in blocks]
    return figures
