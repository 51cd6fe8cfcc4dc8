"""What conda writes: environments, lists of what is installed, and locks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from advisor.lifecycle.dates import WheelSystem
from advisor.lifecycle.pins import LockFile, LockFileError, Pin, entries, exact, list_of, locked, minor
from advisor.lifecycle.pip_files import requirements

_CONDA_SYSTEMS: Final[Mapping[str, WheelSystem]] = {
    "linux-64": "linux-x86_64", "linux-aarch64": "linux-aarch64", "osx-64": "macos-x86_64",
    "osx-arm64": "macos-arm64", "win-64": "windows-x86_64", "win-arm64": "windows-arm64",
}  # fmt: skip
_CONDA_LINE: Final = re.compile(r"(?:[\w./-]+::)?([\w.-]+)\s*(.*)")


def environment(content: Any) -> LockFile:
    """An environment file: builds of a channel, and below ``pip`` requirements."""
    if not isinstance(content, Mapping) or not isinstance(content.get("dependencies"), list):
        raise LockFileError("is YAML, but neither a conda environment nor a conda-lock: it has no list 'dependencies'")
    pins: list[Pin] = []
    python = ""
    unread: list[str] = []
    for entry in content["dependencies"]:
        if isinstance(entry, Mapping):
            lines = entry.get("pip")
            below = requirements("\n".join(line for line in list_of(lines) if isinstance(line, str)))
            pins += below.pins
            unread += below.unread
        elif isinstance(entry, str) and (found := _CONDA_LINE.fullmatch(entry.strip())):
            if found[1] == "python":
                python = _conda_versions(found[2])
            else:
                pins.append(Pin(canonicalize_name(found[1]), _conda_versions(found[2]), channel="conda"))
        else:
            unread.append(entry[:200] if isinstance(entry, str) else type(entry).__name__)
    return LockFile("conda environment", tuple(pins), python, tuple(unread))


def _conda_versions(text: str) -> str:
    """``=2.10`` and ``2.10.*`` mean every 2.10, ``=2.10=build`` and ``==2.10`` that one alone; "" if it isn't clear.

    Nor is a version that no wheel could have, as conda's ``9e`` of libjpeg.
    """
    bare = re.sub(r"\s+\S*$", "", text.strip()) if re.match(r"^[\d.]+\s+\S", text.strip()) else text.strip()
    if found := re.fullmatch(r"==?\s*([\d.]+?)(?:\.?\*)?(=\S*)?", bare) or re.fullmatch(r"([\d.]+)(?:\.\*)?()", bare):
        alone = bare.startswith("==") or bool(found[2])
        bare = f"=={found[1]}" if alone else f"=={found[1]}.*"
    try:
        return str(SpecifierSet(bare.replace(" ", "")))
    except InvalidSpecifier:
        return ""


def conda_lock(content: Any) -> LockFile:
    """A lock of conda-lock, for all its systems. Raises LockFileError."""
    pins, pythons = [], set()
    for entry in entries(content, "package"):
        name, version = str(entry.get("name")), str(entry.get("version"))
        system = _CONDA_SYSTEMS.get(str(entry.get("platform")))
        if name == "python":
            pythons.add(f"=={minor(version)}.*")
        elif entry.get("manager") == "pip":
            pins.append(exact(name, version, system=system))
        else:
            pins.append(Pin(canonicalize_name(name), _conda_versions(f"=={version}"), system=system, channel="conda"))
    return locked("conda-lock", pins, pythons.pop() if len(pythons) == 1 else "")


def conda_list(text: str) -> LockFile:
    """``conda list``, with or without ``--explicit``."""
    pins: list[Pin | None] = []
    python = ""
    for name, version, channel in _conda_lines(text):
        if name == "python":
            python = f"=={minor(version)}.*"
        elif channel == "pypi":
            pins.append(exact(name, version))
        else:
            pins.append(Pin(canonicalize_name(name), _conda_versions(f"=={version}"), channel="conda"))
    return locked("conda list", pins, python)


def _conda_lines(text: str) -> Iterator[tuple[str, str, str]]:
    for line in text.splitlines():
        if found := re.match(r"https?://\S+/([\w.-]+?)-([^-/\s]+)-[^-/\s]+\.(?:tar\.bz2|conda)", line):
            yield found[1], found[2], "conda"
        elif not line.startswith(("#", "@")) and len(parts := line.split()) >= 3:
            yield parts[0], parts[1], parts[3] if len(parts) > 3 else ""
