"""What pydantic refused, in one line that names the path, the value and what is allowed."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def mistake(error: ValidationError, kind: Any, content: object) -> str:
    """The first thing wrong with ``content``, which was to be a ``kind``: «facts.pt-latest.swing: … (got 400)».

    An entry of a list is called by its id, or else by its place.
    """
    first = error.errors(include_url=False)[0]
    missing = first["type"].startswith("missing")
    path: list[str] = []
    here: Any = content
    for part in first["loc"]:
        if isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
            path.append(str(here.get("id", here.get("tool", part)) if isinstance(here, dict) else part))
        elif isinstance(here, dict) and part in here:
            here = here[part]
            path.append(str(part))
        elif missing and part == first["loc"][-1]:  # all else that isn't there names the member of a union
            path.append(str(part))
    return f"{'.'.join(path) or 'the whole'}: {_said(first, kind)}"


def _said(first: Mapping[str, Any], kind: Any) -> str:
    if first["type"] in _UNKNOWN:
        return f"no such key; allowed: {', '.join(fields(kind, first['loc'][:-1]))}"
    if first["type"].startswith("missing"):
        return "is missing"
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    value = repr(first["input"])
    return f"{first['msg']} (got {value if len(value) <= 80 else f'{value[:77]}…'})"


def fields(kind: Any, path: Sequence[str | int]) -> Mapping[str, FieldInfo]:
    """What may stand below ``path`` of a ``kind``, by the names that a file has for it; nothing below a scalar."""
    field = declared(kind, path)
    return {} if field is None else _fields(field.annotation)


def declared(kind: Any, path: Sequence[str | int]) -> FieldInfo | None:
    """How ``kind`` declares what stands at ``path``, which may have pydantic's tags of unions; None if it doesn't."""
    field: FieldInfo | None = FieldInfo.from_annotation(kind)
    for part in path:
        field = None if field is None else _below(field, part)
    return field


def _below(field: FieldInfo, part: str | int) -> FieldInfo | None:
    kind = field.annotation
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        members = [FieldInfo.from_annotation(member) for member in arguments]
        tagged = next((member for member in members if part in _tags(member.annotation, field.discriminator)), None)
        return tagged or next((found for member in members if (found := _below(member, part))), None)
    if arguments and origin is not Literal:
        return FieldInfo.from_annotation(arguments[isinstance(part, str)])
    return _fields(kind).get(str(part))


def _tags(kind: Any, discriminator: object) -> tuple[Any, ...]:
    """By which values of the field that tells members of a union apart this one is meant."""
    tag = _fields(kind).get(str(discriminator))
    return get_args(tag.annotation) if tag else ()


def _fields(kind: Any) -> Mapping[str, FieldInfo]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {field.alias or name: field for name, field in kind.model_fields.items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        return {name: FieldInfo.from_annotation(hints[name]) for name in kind.__dataclass_fields__}
    if get_origin(kind) in (Union, types.UnionType):
        return next((known for member in get_args(kind) if (known := _fields(member))), {})
    return {}
