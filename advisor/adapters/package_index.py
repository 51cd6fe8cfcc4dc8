"""Packages as pip finds them, and as they are installed here where it doesn't."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import metadata
from typing import Any, Final

from advisor.knowledge.looking import Package
from probes.system import variables

SECONDS: Final = 120.0  # for one package; a description may need its wheel
_AT_ONCE: Final = 4
_QUIET: Final = ("--no-input", "--disable-pip-version-check", "--retries", "0", "--timeout", "15")


class PipIndex:
    """The package index that pip is set up with. Nothing is installed.

    Releases count whatever Python they need, so that a release for newer ones isn't overlooked. pip before 23.3 fetches
    a wheel to read its description.
    """

    def __init__(self) -> None:
        self._newest = cache(_newest)
        self._described = cache(_described)

    def newest(self, package: str) -> str | None:
        return self._newest(package)

    def described(self, package: str) -> Package | None:
        return self._described(package) or _installed(package)

    def read_ahead(self, versions: Iterable[str], descriptions: Iterable[str]) -> None:
        """Several at once: pip mostly waits."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._newest, sorted(set(versions))))
            list(pool.map(self._described, sorted(set(descriptions))))


def _pip(*arguments: str) -> str:
    """What pip writes, "" if it fails or takes too long."""
    command = [sys.executable, "-m", "pip", *arguments, *_QUIET]
    try:
        found = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False, env=variables.installers()
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout if found.returncode == 0 else ""


def _newest(package: str) -> str | None:
    first = _pip("index", "versions", "--ignore-requires-python", package).partition("\n")[0]
    match = re.fullmatch(r"\S+ \((\S+)\)", first.strip())
    return match.group(1) if match else None


def _described(package: str) -> Package | None:
    written = _pip(
        "install", "--dry-run", "--no-deps", "--ignore-installed", "--ignore-requires-python", "--only-binary", ":all:",
        "--quiet", "--report", "-", package,
    )  # fmt: skip
    try:
        (entry,) = json.loads(written)["install"]
    except (ValueError, KeyError, TypeError):
        return None
    found: dict[str, Any] = entry["metadata"]
    return Package(
        found["version"],
        newest=True,
        python=found.get("requires_python") or "",
        requires=tuple(found.get("requires_dist") or ()),
        classifiers=tuple(found.get("classifier") or ()),
    )


def _installed(package: str) -> Package | None:
    try:
        found = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return None
    return Package(
        found.version,
        newest=False,
        python=str(found.metadata.json.get("requires_python", "")),
        requires=tuple(found.requires or ()),
        classifiers=tuple(found.metadata.get_all("Classifier") or ()),
    )
