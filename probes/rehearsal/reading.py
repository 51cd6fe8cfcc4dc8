"""A rehearsal that was written as JSON, read again: strict, and held against itself."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from probes.compare.deviations import PART_LIMIT
from probes.rehearsal.schema import OUTPUT_LIMIT, RanFile, Rehearsal, RehearsedWay
from probes.rehearsal.ways import WAYS, find
from probes.system.mistakes import mistake
from probes.system.whole_files import UnreadableFileError, contents

if TYPE_CHECKING:
    from pydantic import TypeAdapter

LARGEST: Final = 4_000_000  # bytes; four ways of a file have a few thousand
_AGAIN: Final = "rehearse again with «python -m probes rehearse --model-file FILE --out REHEARSAL.json»"
_LONGEST: Final = 2_000  # characters of anything that is said
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class RehearsalFileError(ValueError):
    """A file that is no rehearsal, or one that doesn't agree with itself: one line that names field and value."""


def read(path: Path) -> Rehearsal:
    """What ``python -m probes rehearse --json`` wrote. Raises RehearsalFileError."""
    try:
        found = json.loads(contents(path, largest=LARGEST))
    except UnreadableFileError as error:
        raise RehearsalFileError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise RehearsalFileError(f"{path}: is not JSON: {error}; {_AGAIN}") from error
    return understood(found, str(path))


def understood(found: object, name: str) -> Rehearsal:
    """The rehearsal in such JSON. ``name``: what it is called in an error. Raises RehearsalFileError."""
    from pydantic import ValidationError

    if not isinstance(found, dict):
        raise RehearsalFileError(f"{name}: is no rehearsal: it holds {type(found).__name__}, not an object; {_AGAIN}")
    if found.get("schema") != 1:
        raise RehearsalFileError(f"{name}: schema: {found.get('schema')!r} is not allowed; allowed: 1; {_AGAIN}")
    try:
        rehearsal = _adapter().validate_json(json.dumps(found), strict=True)
    except ValidationError as error:
        raise RehearsalFileError(f"{name}: {mistake(error, Rehearsal, found)}; {_AGAIN}") from error
    if wrong := _disagrees(rehearsal):
        raise RehearsalFileError(f"{name}: {wrong}; it was edited, or another version wrote it: {_AGAIN}")
    return rehearsal


@cache
def _adapter() -> TypeAdapter[Rehearsal]:
    from pydantic import TypeAdapter  # late: whoever rehearses doesn't need it

    return TypeAdapter(Rehearsal)


def _disagrees(rehearsal: Rehearsal) -> str:
    """Where a rehearsal doesn't follow from itself; "" if it does."""
    if not _HASH.fullmatch(rehearsal.file.sha256):
        return f"file.sha256: {rehearsal.file.sha256[:80]!r} is no hash; allowed: 64 hexadecimal digits"
    for path, text in _texts(rehearsal, ""):
        if len(text) > _LONGEST or not text.replace("\n", " ").replace("\t", " ").isprintable():
            return f"{path}: {text[:40]!r} can't be shown; allowed: up to {_LONGEST:,} characters that can be printed"
    ids = [way.id for way in rehearsal.ways]
    for way in rehearsal.ways:
        if way.id not in [one.id for one in WAYS]:
            return f"ways.{way.id}: there is no such way; allowed: {', '.join(one.id for one in WAYS)}"
        if ids.count(way.id) > 1:
            return f"ways.{way.id}: is there {ids.count(way.id)} times; allowed: once"
        if wrong := _way(way):
            return f"ways.{way.id}.{wrong}"
        told = way.learning or way.failure or way.parting
        if told is not None and not rehearsal.ran.get(way.begins_with):
            return f"ran.{way.begins_with}: is missing or empty; allowed: the files that ran where {way.id} begins"
    return next((f"ran.{side}.{wrong}" for side, ran in rehearsal.ran.items() if (wrong := _ran(ran))), "")


def _way(way: RehearsedWay) -> str:
    known = find(way.id)
    for name, stated, allowed in (
        ("title", way.title, known.title), ("begins_with", way.begins_with, known.begins_with),
    ):  # fmt: skip
        if stated != allowed:
            return f"{name}: {stated!r} is not allowed; allowed: {allowed!r}"
    learned, said = way.learning, way.outcome
    for name, number in (("deviation", way.deviation), ("learning.deviation", learned.deviation if learned else None)):
        if number is not None and not (math.isfinite(number) and number >= 0):
            return f"{name}: {number!r} is not allowed; allowed: a number that isn't negative, or null"
    if learned is not None and not 0 <= learned.kept <= learned.weights:
        return f"learning.kept: {learned.kept} of {learned.weights} weights; allowed: 0 to {learned.weights}"
    if (said in ("same", "answers only")) != (learned is not None):
        return (
            f"outcome: {said!r} {'without' if learned is None else 'with'} learning; allowed: what learning goes with"
        )
    if learned is not None and (way.deviation is None or way.deviation > OUTPUT_LIMIT):
        return f"deviation: {way.deviation!r} of outputs that are {said!r}; allowed: 0 to {OUTPUT_LIMIT:g}"
    if said == "same" and learned is not None:
        if learned.kept < learned.weights:
            return f"learning.kept: {learned.kept} of {learned.weights} weights, and the outcome is 'same'"
        if learned.deviation is not None and learned.deviation > PART_LIMIT:
            return f"learning.deviation: {learned.deviation!r} of what is 'same'; allowed: 0 to {PART_LIMIT:g}"
    if (failure := way.failure) is not None and (said != "refused" or failure.line < 0):
        return f"failure: {said!r}, line {failure.line}; allowed: of what is 'refused', lines from 0 on"
    if way.parting is not None and said != "different":
        return f"parting: of what is {said!r}; allowed: of what is 'different'"
    return ""


def _ran(files: tuple[RanFile, ...]) -> str:
    for place, one in enumerate(files):
        if not _HASH.fullmatch(one.sha256):
            return f"{place}.sha256: {one.sha256[:80]!r} is no hash; allowed: 64 hexadecimal digits"
        if not 0 <= one.ran <= one.lines:
            return f"{place}.ran: {one.ran} of {one.lines} lines; allowed: 0 to {one.lines}"
    return ""


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text in it, with its path."""
    match value:
        case str():
            yield path, value
        case tuple():
            for place, one in enumerate(value):
                yield from _texts(one, f"{path}.{place}")
        case Mapping():
            for key, one in value.items():
                yield from _texts(key, path)
                yield from _texts(one, f"{path}.{key}")
        case _ if is_dataclass(value):
            for part in fields(value):
                yield from _texts(getattr(value, part.name), f"{path}.{part.name}".lstrip("."))
