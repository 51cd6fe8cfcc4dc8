"""What a project pins: requirements, ``pip freeze``, Poetry, uv, Pipenv, conda, conda-lock and Dockerfiles."""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
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
LARGEST: Final = 20_000_000  # bytes; the lock file of a large monorepo has a tenth of that
DEEPEST: Final = 40  # of YAML; a conda-lock has five
_CONDA_SYSTEMS: Final[Mapping[str, WheelSystem]] = {
    "linux-64": "linux-x86_64", "linux-aarch64": "linux-aarch64", "osx-64": "macos-x86_64",
    "osx-arm64": "macos-arm64", "win-64": "windows-x86_64", "win-arm64": "windows-arm64",
}  # fmt: skip
_DOCKERFILE: Final = re.compile(r"^(?:Dockerfile|Containerfile)|\.dockerfile$", re.IGNORECASE)
_CONDA_LINE: Final = re.compile(r"(?:[\w./-]+::)?([\w.-]+)\s*(.*)")
_YAML: Final = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # libyaml's parser: a lock of a megabyte in a tenth of the time


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


def is_dockerfile(name: str) -> bool:
    """Whether a file of that name is read as one."""
    return _DOCKERFILE.search(name) is not None


def read(path: Path) -> LockFile:
    """What the file pins. Raises LockFileError."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise LockFileError(f"{path}: can't be read: {error.strerror}") from error
    if size > LARGEST:
        raise LockFileError(f"{path}: has {size:,} bytes; allowed: up to {LARGEST:,}")
    try:
        return parsed(_text(content), path.name)
    except LockFileError as error:
        raise LockFileError(f"{path}: {error}") from error


def _text(content: bytes) -> str:
    """UTF-8, or UTF-16 with its mark, as PowerShell writes it."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise LockFileError(f"is no text: byte {error.start:,} is neither UTF-8 nor UTF-16") from error
    if "\0" in text:
        raise LockFileError("is no text: it holds null bytes")
    return text


def parsed(text: str, name: str = "requirements.txt") -> LockFile:
    """What ``text`` pins; ``name`` helps to tell its kind. Raises LockFileError."""
    found = _understood(text, name)
    if not found.pins and not found.images:
        raise LockFileError(f"pins no package, read as {found.kind}")
    return replace(found, pins=tuple(dict.fromkeys(found.pins)))


def _understood(text: str, name: str) -> LockFile:
    if is_dockerfile(name):
        return _dockerfile(text)
    if text.lstrip().startswith("{"):
        return _pipfile(_loaded(json.loads, text, "JSON"))
    if re.search(r"^\[\[package\]\]", text, re.MULTILINE):
        content = _loaded(tomllib.loads, text, "TOML")
        return _uv(content) if "requires-python" in content or name == "uv.lock" else _poetry(content)
    if name.endswith((".yml", ".yaml")) or re.search(r"^(dependencies|package):\s*$", text, re.MULTILINE):
        content = _loaded(_yaml, text, "YAML")
        return _conda_lock(content) if isinstance(content, dict) and "package" in content else _conda(content)
    if "@EXPLICIT" in text or re.search(r"^# packages in environment", text, re.MULTILINE):
        return _conda_list(text)
    return _requirements(text)


def _loaded(load: Any, text: str, what: str) -> Any:
    try:
        return load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise LockFileError(f"is not {what}: {' '.join(str(error).split())}") from error


def _yaml(text: str) -> Any:
    """The C parser takes a deeply nested file down with it, so its depth is looked at first."""
    depth = 0
    for event in yaml.parse(text, Loader=_YAML):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
    return yaml.load(text, Loader=_YAML)  # noqa: S506 - a safe loader


# ------------------------------------------------------------------------------------- pip's own format


def _requirements(text: str) -> LockFile:
    pins, unread = [], []
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        entry = re.sub(r"(^|\s)#.*$", "", line).strip()
        entry = re.sub(r"\s--?(hash|config-settings|global-option)[= ].*$", "", entry)
        if not entry or re.match(
            r"--?(i|f|index-url|extra-index-url|find-links|no-index|pre|only-binary|no-binary)\b", entry
        ):
            continue
        pin = _pin(entry)
        (pins.append(pin) if pin else unread.append(entry[:200]))
    return LockFile("requirements", tuple(pins), unread=tuple(unread))


def _pin(entry: str) -> Pin | None:
    """Of a requirement as pip writes it; None for what isn't one: another file, an editable folder, a bare URL."""
    try:
        requirement = Requirement(entry)
    except InvalidRequirement:
        return None
    markers = (str(requirement.marker),) if requirement.marker else ()
    if requirement.url:
        version = _version_of_wheel(requirement.url)
        return _exact(requirement.name, version, markers) if version else None
    exact = re.fullmatch(r"={2,3}([^*,]+)", str(requirement.specifier))
    if exact:
        return _exact(requirement.name, exact[1], markers)
    return Pin(canonicalize_name(requirement.name), str(requirement.specifier), markers=markers)


def _version_of_wheel(url: str) -> str:
    try:
        return str(parse_wheel_filename(url.partition("#")[0].rpartition("/")[2].replace("%2B", "+"))[1])
    except (InvalidWheelFilename, InvalidVersion):
        return ""


def _exact(name: str, version: str, markers: tuple[str, ...] = (), system: WheelSystem | None = None) -> Pin | None:
    """One version. The local part of it names a build and no other version."""
    try:
        found = Version(version)
    except InvalidVersion:
        return None
    return Pin(canonicalize_name(name), f"=={found.public}", found.local or "", markers, system)


# ------------------------------------------------------------------------------------- locks of whole projects


def _entries(content: Any, key: str) -> list[Mapping[str, Any]]:
    found = content.get(key) if isinstance(content, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise LockFileError(f"{key}: is no list of packages")
    return found


def _table(value: object) -> Mapping[str, Any]:
    """A table, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    """A list, an empty one for anything else."""
    return value if isinstance(value, list) else []


def _poetry(content: Any) -> LockFile:
    python = _table(content.get("metadata")).get("python-versions", "")
    pins = []
    for entry in _entries(content, "package"):
        markers = entry.get("markers", "")
        texts = list(markers.values()) if isinstance(markers, Mapping) else [markers]
        pins.append(
            _exact(str(entry.get("name")), str(entry.get("version")), tuple(str(text) for text in texts if text))
        )
    return _locked("poetry.lock", pins, _caret(str(python)))


def _caret(python: str) -> str:
    """Poetry's ``^3.8`` in the words of others."""
    return re.sub(r"\^(\d+)(\.\d+)*", lambda found: f">={found[0][1:]},<{int(found[1]) + 1}", python.replace("*", ""))


def _uv(content: Any) -> LockFile:
    pins = [
        _exact(
            str(entry.get("name")),
            str(entry["version"]),
            tuple(str(text) for text in _list(entry.get("resolution-markers"))),
        )
        for entry in _entries(content, "package")
        if "version" in entry and not {"virtual", "editable"} & set(_table(entry.get("source")))
    ]
    return _locked("uv.lock", pins, str(content.get("requires-python", "")))


def _pipfile(content: Any) -> LockFile:
    if not isinstance(content, Mapping) or not isinstance(content.get("default"), Mapping):
        raise LockFileError("is JSON, but no Pipfile.lock: it has no table 'default'")
    requires = _table(_table(content.get("_meta")).get("requires"))
    python = requires.get("python_full_version") or requires.get("python_version")
    pins = []
    for name, entry in content["default"].items():
        version, marker = _table(entry).get("version"), _table(entry).get("markers")
        pins.append(_exact(str(name), str(version).lstrip("="), (str(marker),) if marker else ()))
    return _locked("Pipfile.lock", pins, f"=={_minor(str(python))}.*" if python else "")


def _locked(kind: LockKind, pins: Iterable[Pin | None], python: str) -> LockFile:
    try:
        SpecifierSet(python)
    except InvalidSpecifier:
        python = ""
    return LockFile(kind, tuple(pin for pin in pins if pin), python)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


# ------------------------------------------------------------------------------------- images


def _dockerfile(text: str) -> LockFile:
    """What it builds on, what its Python is, and what it installs by pip. Variables are taken by their defaults."""
    defaults = dict(re.findall(r"^\s*ARG\s+(\w+)=[\"']?([^\s\"']+)", text, re.MULTILINE | re.IGNORECASE))
    filled = re.sub(r"\$\{?(\w+)(?::-([^}]*))?\}?", lambda found: str(defaults.get(found[1], found[2] or "")), text)
    stages = re.findall(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", filled, re.MULTILINE | re.IGNORECASE)
    named = {name.lower() for _, name in stages if name}
    images = tuple(dict.fromkeys(image for image, _ in stages if image.lower() not in named and image != "scratch"))
    pythons = [found[1] for image in images if (found := re.search(r"(?:^|/)python:(\d\.\d+)", image))]
    lines = re.sub(r"\\\r?\n", " ", filled).splitlines()
    asked = (part for line in lines for part in re.findall(r"\bpip3?\s+install\s+([^&;|]*)", line))
    words = (word.strip("\"'") for part in asked for word in part.split() if not word.startswith("-"))
    pins = tuple(pin for word in words if re.match(r"[A-Za-z]", word) and "/" not in word and (pin := _pin(word)))
    return LockFile("Dockerfile", pins, f"=={pythons[-1]}.*" if pythons else "", images=images)


# ------------------------------------------------------------------------------------- conda


def _conda(content: Any) -> LockFile:
    """An environment file: builds of a channel, and below ``pip`` requirements."""
    if not isinstance(content, Mapping) or not isinstance(content.get("dependencies"), list):
        raise LockFileError("is YAML, but neither a conda environment nor a conda-lock: it has no list 'dependencies'")
    pins: list[Pin] = []
    python = ""
    unread: list[str] = []
    for entry in content["dependencies"]:
        if isinstance(entry, Mapping):
            lines = entry.get("pip")
            below = _requirements("\n".join(line for line in _list(lines) if isinstance(line, str)))
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
    """``=2.10`` and ``2.10.*`` mean every 2.10, ``=2.10=build`` and ``==2.10`` that one alone; "" if it isn't clear."""
    bare = re.sub(r"\s+\S*$", "", text.strip()) if re.match(r"^[\d.]+\s+\S", text.strip()) else text.strip()
    if found := re.fullmatch(r"==?\s*([\d.]+?)(?:\.?\*)?(=\S*)?", bare) or re.fullmatch(r"([\d.]+)(?:\.\*)?()", bare):
        exact = bare.startswith("==") or bool(found[2])
        return f"=={found[1]}" if exact else f"=={found[1]}.*"
    try:
        return str(SpecifierSet(bare.replace(" ", "")))
    except InvalidSpecifier:
        return ""


def _conda_lock(content: Any) -> LockFile:
    pins, pythons = [], set()
    for entry in _entries(content, "package"):
        name, version = str(entry.get("name")), str(entry.get("version"))
        system = _CONDA_SYSTEMS.get(str(entry.get("platform")))
        if name == "python":
            pythons.add(f"=={_minor(version)}.*")
        elif entry.get("manager") == "pip":
            pins.append(_exact(name, version, system=system))
        else:
            pins.append(Pin(canonicalize_name(name), f"=={version}", system=system, channel="conda"))
    return _locked("conda-lock", pins, pythons.pop() if len(pythons) == 1 else "")


def _conda_list(text: str) -> LockFile:
    """``conda list``, with or without ``--explicit``."""
    pins: list[Pin | None] = []
    python = ""
    for name, version, channel in _conda_lines(text):
        if name == "python":
            python = f"=={_minor(version)}.*"
        elif channel == "pypi":
            pins.append(_exact(name, version))
        else:
            pins.append(Pin(canonicalize_name(name), f"=={version}", channel="conda"))
    return _locked("conda list", pins, python)


def _conda_lines(text: str) -> Iterator[tuple[str, str, str]]:
    for line in text.splitlines():
        if found := re.match(r"https?://\S+/([\w.-]+?)-([^-/\s]+)-[^-/\s]+\.(?:tar\.bz2|conda)", line):
            yield found[1], found[2], "conda"
        elif not line.startswith(("#", "@")) and len(parts := line.split()) >= 3:
            yield parts[0], parts[1], parts[3] if len(parts) > 3 else ""


def holds(pin: Pin, environment: Mapping[str, str], system: WheelSystem) -> bool:
    """Whether the pin is wanted there; ``environment`` has the names of markers. A marker that isn't one holds."""
    if pin.system not in (None, system):
        return False
    return not pin.markers or any(_marker(text, environment) for text in pin.markers)


def _marker(text: str, environment: Mapping[str, str]) -> bool:
    try:
        return Marker(text).evaluate({**environment, "extra": ""})
    except (InvalidMarker, ValueError):
        return True
