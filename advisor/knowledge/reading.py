"""Reads the files of ``data/`` and turns them into typed objects, with errors that name file, path and value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import TypeAdapter, ValidationError

DATA = Path(__file__).resolve().parents[2] / "data"

#: libyaml's parser where it is built in: 250 kB of facts in a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

T = TypeVar("T")


class KnowledgeError(ValueError):
    """Something in ``data/`` is wrong. The message names file, path and value."""


def read(folder: Path, name: str) -> dict[str, Any]:
    """The mapping in ``folder/name``. Raises KnowledgeError when it is missing, not YAML or of another schema."""
    return checked(parsed(folder, name), name)


def parsed(folder: Path, name: str) -> object:
    """What ``folder/name`` holds. Raises KnowledgeError when it is missing or not YAML."""
    try:
        return yaml.load((folder / name).read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    except OSError as error:
        raise KnowledgeError(f"{name}: can't be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise KnowledgeError(f"{name}: is not YAML: {error}") from error


def checked(content: object, name: str) -> dict[str, Any]:
    """The mapping that a file holds. Raises KnowledgeError when it is something else or of another schema."""
    if not isinstance(content, dict):
        raise KnowledgeError(f"{name}: must be a mapping, not {type(content).__name__}")
    if content.get("schema") != 1:
        raise KnowledgeError(f"{name}: schema is {content.get('schema')!r}; allowed: 1")
    return content


def build(kind: type[T], value: Any, where: str) -> T:
    """``value`` as ``kind``. Raises KnowledgeError naming the path below ``where``, the value and the rule."""
    try:
        return cast(T, _adapter(kind).validate_python(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join([where, *(str(part) for part in first["loc"])])
        raise KnowledgeError(f"{path}: {first['msg']} (got {_short(first['input'])})") from error


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def unique(ids: Iterable[str], where: str) -> None:
    """Raise KnowledgeError naming ids that occur twice."""
    seen: set[str] = set()
    for item in ids:
        if item in seen:
            raise KnowledgeError(f"{where}: the id {item!r} occurs twice")
        seen.add(item)


def known(ids: Sequence[str], among: Iterable[str], where: str) -> None:
    """Raise KnowledgeError naming an id that doesn't exist."""
    existing = set(among)
    for item in ids:
        if item not in existing:
            raise KnowledgeError(f"{where}: {item!r} doesn't exist")
