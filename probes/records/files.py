"""What any record must be before it is looked at further: small enough, JSON, of a known schema, with real figures."""

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
from probes.schema import FRAMEWORKS, SCHEMA
from probes.serving.schema import ServingRun
from probes.system.whole_files import UnreadableFileError, contents

T = TypeVar("T")

LARGEST = 64 * 1024 * 1024  # bytes; a thorough run of every probe has a few
#: Of any figure, in whatever unit: beyond them the ratio of two is no number any more.
_LEAST, _MOST = 1e-100, 1e100


class RecordError(ValueError):
    """A recorded run is not taken. Says where in the file, what is wrong, and what would be allowed."""


def read(path: Path) -> RunResult:
    """The run in ``path``, with every raw figure positive and finite. Raises RecordError."""
    return understood_run(contents_of(path), str(path))


def understood_run(content: bytes, name: str) -> RunResult:
    """The run in a file's content, as ``read``; ``name`` is what the file is called in errors. Raises RecordError."""
    run = understood(content, name, RunResult, "run")
    for round_ in run.rounds:
        _look_at_round(name, round_)
    return run


def read_check(path: Path) -> Check:
    """The self-check in ``path``. Raises RecordError."""
    return understood(contents_of(path), str(path), Check, "check")


def read_routes(path: Path) -> RoutesRun:
    """The run over routes in ``path``, with answers that can be read and positive, finite times. Raises RecordError."""
    from probes.deploy import summary

    run = understood(contents_of(path), str(path), RoutesRun, "routes")
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

    run = understood(contents_of(path), str(path), ServingRun, "serve")
    for record in run.records:
        try:
            figures.figures(record, run.request.limit_ms)
            for issued in (record.trace.replayed, record.trace.poisson) if record.trace else ():
                figures.of_trace(issued, run.request.limit_ms / 1e3)
        except ValueError as error:
            raise RecordError(f"{path}: {record.model}, {record.server.id}: {error}") from error
    return run


def contents_of(path: Path) -> bytes:
    """What a file of at most ``LARGEST`` bytes holds. Raises RecordError."""
    try:
        return contents(path, largest=LARGEST)
    except UnreadableFileError as error:
        raise RecordError(str(error)) from error


def understood(content: bytes, name: str, kind: type[T], command: str) -> T:
    """A file's content as ``kind``, which ``command`` writes. ``name``: of the file, for errors. Raises RecordError."""
    parsed(content, name, command)
    try:
        return from_json(kind, content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"{name}{f': {place}' if place else ''}: {first['msg']}") from error


def parsed(content: bytes, name: str, command: str) -> dict[str, Any]:
    """The JSON of a file, looked at before anything else: a newer format can't be told from a broken one by its
    fields. Raises RecordError."""
    try:
        fields: Any = json.loads(content, parse_constant=_not_a_number, parse_float=_finite)
    except RecordError as error:
        raise RecordError(f"{name}: {error}") from None
    except (ValueError, RecursionError) as error:  # what isn't UTF-8, huge integers and thousands of brackets too
        raise RecordError(f"{name} is not JSON, or it was cut off: {error}") from None
    schema = fields.get("schema") if isinstance(fields, dict) else None
    if type(schema) is int and schema > SCHEMA:
        raise RecordError(f"{name}: schema {schema} is newer than this Fulcrum reads ({SCHEMA}): update Fulcrum")
    if type(schema) is not int or schema != SCHEMA:  # true and 1.0 equal 1, too
        found = "missing" if schema is None else _short(json.dumps(schema))
        raise RecordError(
            f"{name}: schema is {found}; allowed: {SCHEMA}. Is it a file of `python -m probes {command}`?"
        )
    known: dict[str, Any] = fields
    return known


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _finite(text: str) -> float:
    """1e999 is JSON, and read as infinity."""
    if not math.isfinite(number := float(text)):
        raise RecordError(f"{text} is no measurement; allowed: finite numbers")
    return number


def _not_a_number(name: str) -> None:
    raise RecordError(f"{name} is no measurement; allowed: finite numbers")


def _look_at_round(name: str, round_: Round) -> None:
    for measurement in round_.measurements:
        place = f"{name}: round {round_.index}, {measurement.probe}"
        if set(measurement.sides) != set(FRAMEWORKS):
            named = " and ".join(measurement.sides) or "none"
            raise RecordError(f"{place}, sides: {named}; allowed: {' and '.join(FRAMEWORKS)}")
        for number, instance in enumerate(measurement.instances):
            for part, figure in _figures(instance):
                if not _LEAST <= figure <= _MOST:
                    allowed = f"allowed: a positive, finite number, {_LEAST:g} to {_MOST:g}"
                    raise RecordError(f"{place}, instance {number}, {part}: {figure!r}; {allowed}")


def _figures(instance: Instance) -> list[tuple[str, float]]:
    """All that a verdict rests on. CPU seconds may be 0: their clock is coarse on some systems."""
    figures = [("block", wall) for block in instance.superblocks for wall in block.wall]
    figures += [("single value", value) for value in instance.single.values()]
    figures += [("block", wall) for blocks in instance.blocks.values() for wall in blocks]
    return figures
