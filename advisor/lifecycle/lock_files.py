"""What a project pins: requirements, ``pip freeze``, Poetry, uv, Pipenv, conda, conda-lock and Dockerfiles."""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from advisor.lifecycle.conda_files import conda_list, conda_lock, environment
from advisor.lifecycle.pins import LockFile, LockFileError, entries, exact, list_of, locked, minor, table
from advisor.lifecycle.pip_files import pin_of, requirements
from advisor.scan.install_commands import installed
from probes.system.whole_files import UnreadableFileError, contents

LARGEST: Final = 20_000_000  # bytes; the lock file of a large monorepo has a tenth of that
DEEPEST: Final = 40  # of YAML; a conda-lock has five
_DOCKERFILE: Final = re.compile(r"^(?:Dockerfile|Containerfile)|\.dockerfile$", re.IGNORECASE)
_YAML: Final = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # libyaml's parser: a lock of a megabyte in a tenth of the time


def is_dockerfile(name: str) -> bool:
    """Whether a file of that name is read as one."""
    return _DOCKERFILE.search(name) is not None


def read(path: Path) -> LockFile:
    """What the file pins. Raises LockFileError."""
    try:
        content = contents(path, largest=LARGEST)
    except UnreadableFileError as error:
        raise LockFileError(str(error)) from error
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
        return conda_lock(content) if isinstance(content, dict) and "package" in content else environment(content)
    if "@EXPLICIT" in text or re.search(r"^# packages in environment", text, re.MULTILINE):
        return conda_list(text)
    return requirements(text)


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


def _poetry(content: Any) -> LockFile:
    python = table(content.get("metadata")).get("python-versions", "")
    pins = []
    for entry in entries(content, "package"):
        markers = entry.get("markers", "")
        texts = list(markers.values()) if isinstance(markers, Mapping) else [markers]
        pins.append(
            exact(str(entry.get("name")), str(entry.get("version")), tuple(str(text) for text in texts if text))
        )
    return locked("poetry.lock", pins, _caret(str(python)))


def _caret(python: str) -> str:
    """Poetry's ``^3.8`` in the words of others."""
    return re.sub(r"\^(\d+)(\.\d+)*", lambda found: f">={found[0][1:]},<{int(found[1]) + 1}", python.replace("*", ""))


def _uv(content: Any) -> LockFile:
    pins = [
        exact(
            str(entry.get("name")),
            str(entry["version"]),
            tuple(str(text) for text in list_of(entry.get("resolution-markers"))),
        )
        for entry in entries(content, "package")
        if "version" in entry and not {"virtual", "editable"} & set(table(entry.get("source")))
    ]
    return locked("uv.lock", pins, str(content.get("requires-python", "")))


def _pipfile(content: Any) -> LockFile:
    if not isinstance(content, Mapping) or not isinstance(content.get("default"), Mapping):
        raise LockFileError("is JSON, but no Pipfile.lock: it has no table 'default'")
    requires = table(table(content.get("_meta")).get("requires"))
    python = requires.get("python_full_version") or requires.get("python_version")
    pins = []
    for name, entry in content["default"].items():
        version, marker = table(entry).get("version"), table(entry).get("markers")
        pins.append(exact(str(name), str(version).lstrip("="), (str(marker),) if marker else ()))
    return locked("Pipfile.lock", pins, f"=={minor(str(python))}.*" if python else "")


def _dockerfile(text: str) -> LockFile:
    """What it builds on, what its Python is, and what it installs by pip. Variables are taken by their defaults."""
    defaults = dict(re.findall(r"^\s*ARG\s+(\w+)=[\"']?([^\s\"']+)", text, re.MULTILINE | re.IGNORECASE))
    filled = re.sub(r"\$\{?(\w+)(?::-([^}]*))?\}?", lambda found: str(defaults.get(found[1], found[2] or "")), text)
    stages = re.findall(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", filled, re.MULTILINE | re.IGNORECASE)
    named = {name.lower() for _, name in stages if name}
    images = tuple(dict.fromkeys(image for image, _ in stages if image.lower() not in named and image != "scratch"))
    pythons = [found[1] for image in images if (found := re.search(r"(?:^|/)python:(\d\.\d+)", image))]
    pins = tuple(pin for word in installed(filled) if (pin := pin_of(word)))
    return LockFile("Dockerfile", pins, f"=={pythons[-1]}.*" if pythons else "", images=images)
