"""Whatever crosses a process or a disk as JSON, both ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from probes.results import RunResult
from probes.schema import Calibration, Priority

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # building one costs milliseconds, using it microseconds


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    from pydantic import BeforeValidator, TypeAdapter  # late: a measured child describes models and must stay small

    if kind not in _ADAPTERS:
        read: Any = Annotated[kind, BeforeValidator(_apart)] if kind is RunResult else kind
        _ADAPTERS[kind] = TypeAdapter(read)
    return _ADAPTERS[kind]


def _apart(record: Any) -> Any:
    """A run as it is kept today: before ADR 22 the request held the calibration and the priority as well."""
    if not isinstance(record, dict) or "calibration" in record or not isinstance(record.get("request"), dict):
        return record
    kinds: Mapping[str, type[Any]] = {"calibration": Calibration, "priority": Priority}
    request = record["request"]
    return record | {
        name: {part.name: request[part.name] for part in fields(kind) if part.name in request}
        for name, kind in kinds.items()
    }


def to_dict(value: Any) -> dict[str, Any]:
    """A record as plain JSON types."""
    result: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    if isinstance(value, RunResult):
        result["budget"] = value.budget
    return result


def to_json(value: Any, *, indent: int | None = None) -> str:
    """A record as JSON text. Raises ValueError for NaN and infinities."""
    return json.dumps(to_dict(value), indent=indent, ensure_ascii=False, allow_nan=False)


def from_json(kind: type[T], text: str | bytes) -> T:
    """Read ``kind`` back. Raises ``pydantic.ValidationError`` (a ``ValueError``) that names the path and value."""
    value: T = _adapter(kind).validate_json(text)
    return value


def from_dict(kind: type[T], content: object) -> T:
    """The same from what ``to_dict`` gave, whatever it has been through as JSON since."""
    return from_json(kind, json.dumps(content))
