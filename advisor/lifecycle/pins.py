"""Pins: which versions of which packages a file allows, and where they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from advisor.lifecycle.dates import ClockInputError, WheelSystem

LockKind = Literal[
    "requirements",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "conda environment",
    "conda list",
    "conda-lock",
    "Dockerfile",
]


class LockFileError(ClockInputError):
    """A file that can't be read as any of the kinds: one line that names it."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A package and which versions of it may be taken.

    ``label`` is a local version (``cu118``). It is wanted where any of ``markers`` holds, or without any; of
    conda-lock, on ``system`` alone. ``channel`` is where it comes from: an index of wheels, or conda's own builds.
    """

    package: str
    versions: str  # a specifier set, "" for any
    label: str = ""
    markers: tuple[str, ...] = ()
    system: WheelSystem | None = None
    channel: Literal["index", "conda"] = "index"


@dataclass(frozen=True, slots=True)
class LockFile:
    """What a file pins. ``python``: the range that it asks for, "" for none. ``unread``: lines not understood.

    ``images``: of a Dockerfile, what it builds on.
    """

    kind: LockKind
    pins: tuple[Pin, ...]
    python: str = ""
    unread: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


def exact(name: str, version: str, markers: tuple[str, ...] = (), system: WheelSystem | None = None) -> Pin | None:
    """One version. The local part of it names a build and no other version."""
    try:
        found = Version(version)
    except InvalidVersion:
        return None
    return Pin(canonicalize_name(name), f"=={found.public}", found.local or "", markers, system)


def locked(kind: LockKind, pins: Iterable[Pin | None], python: str) -> LockFile:
    """With those that can be understood; a range of Python that can't is taken for none."""
    try:
        SpecifierSet(python)
    except InvalidSpecifier:
        python = ""
    return LockFile(kind, tuple(pin for pin in pins if pin), python)


def minor(version: str) -> str:
    """``3.11`` of ``3.11.4``."""
    return ".".join(version.split(".")[:2])


def holds(pin: Pin, environment: Mapping[str, str], system: WheelSystem) -> bool:
    """Whether the pin is wanted there; ``environment`` has the names of markers. A marker that isn't one,
    or that asks for what isn't known here, holds."""
    if pin.system not in (None, system):
        return False
    return not pin.markers or any(_marker(text, environment) for text in pin.markers)


def _marker(text: str, environment: Mapping[str, str]) -> bool:
    try:
        return Marker(text).evaluate({**environment, "extra": ""})
    except (InvalidMarker, UndefinedEnvironmentName, ValueError):  # «'gpu' in extras» is for lock files alone
        return True


def entries(content: Any, key: str) -> list[Mapping[str, Any]]:
    """The list of tables at ``key``. Raises LockFileError."""
    found = content.get(key) if isinstance(content, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise LockFileError(f"{key}: is no list of packages")
    return found


def table(value: object) -> Mapping[str, Any]:
    """A table, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: object) -> list[Any]:
    """A list, an empty one for anything else."""
    return value if isinstance(value, list) else []
