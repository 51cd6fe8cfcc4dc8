"""What was exported is kept by content: the same code, weights, versions and sizes give the same artefact."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from probes.system import folders

MANIFEST = "manifest.json"
DAYS = 30  # an entry that nobody asked for so long goes
_HERE = Path(__file__).resolve().parent

Json = Mapping[str, Any]


def key(**parts: Any) -> str:
    """A name for a content: 24 hex digits over all that makes it."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]


def source_of(*paths: Path) -> str:
    """A digest of files, so that changed code makes new artefacts."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def code(*modules: Any) -> str:
    """A digest of modules' files, of what builds a network in each framework, and of all machinery beside this file."""
    frameworks = (_HERE.parent / "frameworks").glob("*.py")
    return source_of(
        *(Path(module.__file__) for module in modules), *frameworks, *_HERE.glob("*.py"), *_HERE.glob("native/*")
    )


def own_code() -> str:
    """The same for a team's own model, whose code is no module of this project, and for the data that it takes."""
    parts = [file for room in ("model_file", "team_data") for file in (_HERE.parent / room).glob("*.py")]
    return f"{code()}{source_of(*parts)}"


def find(name: str) -> tuple[Path, Json] | None:
    """The folder and the manifest of an entry, if it was made whole. It counts as used now."""
    folder = folders.artefacts() / name
    try:
        manifest: Json = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        os.utime(folder)
    except (OSError, ValueError):
        return None
    return folder, manifest


def make(name: str, fill: Callable[[Path], Json]) -> tuple[Path, Json]:
    """Let ``fill`` write the entry's files into an empty folder and return its manifest; then it stands, whole.

    Whatever ``fill`` raises, nothing is left behind.
    """
    home = folders.made(folders.artefacts())
    folder, part = home / name, home / f"{name}.{os.getpid()}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        manifest = fill(part)
        (part / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder, manifest


def weigh(folder: Path) -> tuple[int, int]:
    """Bytes and number of an artefact's files, its manifest aside."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST]
    return sum(path.stat().st_size for path in files), len(files)


def tidy(now: float | None = None) -> None:
    """Forget what nobody has used for a month, and what was never finished."""
    import psutil

    now = time.time() if now is None else now
    for folder in folders.artefacts().glob("*"):
        old = now - folder.stat().st_mtime > DAYS * 86_400
        unfinished = folder.suffix == ".part" and not psutil.pid_exists(int(folder.name.split(".")[1]))
        if old or unfinished:
            shutil.rmtree(folder, ignore_errors=True)
