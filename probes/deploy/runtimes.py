"""Reads ``data/runtimes.yaml``: what can be installed beside the app. Imports no framework."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "data" / "runtimes.yaml"

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PIN = re.compile(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.!+]+")
_MINOR = re.compile(r"3\.\d+")
_MODULE = re.compile(r"[A-Za-z_]\w*")
_PROGRAM = re.compile(r"[\w.+-]+")


@dataclass(frozen=True, slots=True)
class Runtime:
    """A row of the file."""

    id: str
    title: str
    purpose: str  # what it is for, one or two sentences
    pins: tuple[str, ...]  # "executorch==1.5.1"; installed with all that they bring along
    modules: tuple[str, ...]  # must be found there afterwards, or in an interpreter of the user's own
    python: tuple[str, ...]  # minor versions: ("3.11", "3.12")
    app_packages: bool  # what the app has installed is seen there too
    megabytes: int  # on disk, about
    no_deps: tuple[str, ...] = ()  # pins that are installed without what they would bring along
    stubs: tuple[str, ...] = ()  # empty modules for what is imported but never used
    programs: tuple[str, ...] = ()  # that must be on the PATH besides: ("java",)
    programs_from: str = ""  # how to get these


def read(path: Path = FILE) -> tuple[Runtime, ...]:
    """Every runtime of a file. Raises ValueError naming the path in it, the value and what is allowed."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: can't be read: {error}") from error
    if not isinstance(content, dict) or content.get("schema") != 1 or content.keys() != {"schema", "runtimes"}:
        raise ValueError(f"{path.name}: must be a mapping of two keys, schema: 1 and runtimes")
    rows = content["runtimes"]
    if not isinstance(rows, dict) or not rows:
        raise ValueError(f"{path.name}: runtimes: must be a mapping of ids to runtimes, and not be empty")
    return tuple(_runtime(str(id_), row, f"{path.name}: runtimes.{id_}") for id_, row in rows.items())


@cache
def runtimes() -> tuple[Runtime, ...]:
    """Every runtime that the app knows."""
    return read()


def find(id_: str) -> Runtime:
    """The runtime of that id. Raises ValueError naming those that exist."""
    by_id = {runtime.id: runtime for runtime in runtimes()}
    if id_ not in by_id:
        raise ValueError(f"environment: {id_!r} doesn't exist; allowed: {', '.join(by_id)}")
    return by_id[id_]


def _runtime(id_: str, row: object, where: str) -> Runtime:
    if not _ID.fullmatch(id_):
        raise ValueError(f"{where}: an id is small letters, digits and hyphens")
    if not isinstance(row, Mapping):
        raise ValueError(f"{where}: must be a mapping, not {type(row).__name__}")
    known = {field.name: field.default is MISSING for field in fields(Runtime) if field.name != "id"}
    for name in row:
        if name not in known:
            raise ValueError(f"{where}.{name}: no such key; allowed: {', '.join(known)}")
    for name, required in known.items():
        if required and name not in row:
            raise ValueError(f"{where}.{name}: is missing")
    found = Runtime(id=id_, **{name: _value(name, value, f"{where}.{name}") for name, value in row.items()})
    if found.programs and not found.programs_from:
        raise ValueError(f"{where}.programs_from: is missing: how does one get {' and '.join(found.programs)}?")
    return found


def _value(name: str, value: object, where: str) -> Any:
    if name in _LISTS:
        pattern, what = _LISTS[name]
        return _texts(value, pattern, what, where)
    if name == "app_packages":
        return _typed(value, bool, "true or false", where)
    if name == "megabytes":
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{where}: {value!r}; allowed: a whole number from 1")
        return value
    return _typed(value, str, "a text", where)


_LISTS = {
    "pins": (_PIN, "exact pins like executorch==1.5.1"),
    "no_deps": (_PIN, "exact pins like executorch==1.5.1"),
    "modules": (_MODULE, "names of modules"),
    "stubs": (_MODULE, "names of modules"),
    "python": (_MINOR, "texts like '3.11'"),
    "programs": (_PROGRAM, "names of programs"),
}


def _texts(value: object, pattern: re.Pattern[str], what: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{where}: {value!r}; allowed: a list of {what}")
    for item in value:
        if not isinstance(item, str) or not pattern.fullmatch(item):
            raise ValueError(f"{where}: {item!r}; allowed: {what}")
    return tuple(value)


def _typed(value: object, kind: type, what: str, where: str) -> object:
    if not isinstance(value, kind) or value == "":
        raise ValueError(f"{where}: {value!r}; allowed: {what}")
    return value
