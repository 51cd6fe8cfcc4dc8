"""Environments of their own: where they are, making and removing them, and a user's own interpreter instead of one.

An environment is made in place (it can't be moved) and counts as ready only once its manifest stands, which is written
last. What was made from other pins, or for another interpreter of the app, counts as missing and is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from probes.contracts import Cancelled, Tell, UnsupportedError
from probes.deploy import framework_environments, installing, pointing
from probes.deploy.installing import InstallError
from probes.deploy.runtimes import Runtime, runtimes
from probes.deploy.runtimes import find as known_runtime
from probes.deploy.schema import RuntimeState
from probes.engine.running.lock import take
from probes.system import folders, whole_files
from probes.system.installed import version_of

MANIFEST = "ready.json"
_SHARED = ("torch", "tensorflow", "keras", "numpy")  # of the app's, on whose versions an environment was resolved

__all__ = [
    "InstallError", "Runtime", "RuntimeState", "create", "find", "interpreter", "known", "lacking",
    "made_of_frameworks", "place", "point", "remove", "runtimes", "state", "variables",
]  # fmt: skip


def find(id_: str) -> Runtime:
    """The environment of that name: a row of data/runtimes.yaml, or versions of frameworks. Raises ValueError."""
    if not any(runtime.id == id_ for runtime in runtimes()) and (runtime := framework_environments.parsed(id_)):
        return runtime
    try:
        return known_runtime(id_)
    except ValueError as error:
        raise ValueError(f"{error}; or {framework_environments.FORM}") from None


def known(id_: str) -> bool:
    """Whether there is such an environment, made or not."""
    return any(runtime.id == id_ for runtime in runtimes()) or framework_environments.parsed(id_) is not None


def made_of_frameworks() -> tuple[Runtime, ...]:
    """Those with versions of frameworks that were made here, or that a user has an interpreter for."""
    home, chosen = folders.environments(), folders.interpreters()
    made = [path.parent.name for path in home.glob(f"*/{MANIFEST}")] + [path.stem for path in chosen.glob("*.json")]
    found = (framework_environments.parsed(name) for name in sorted(set(made)) if "==" in name)
    return tuple(runtime for runtime in found if runtime is not None)


def state(id_: str) -> RuntimeState:
    """Whether it is here. Raises ValueError for an unknown id."""
    runtime = find(id_)
    if chosen := pointing.chosen(id_):
        return "yours" if chosen.is_file() else "missing"
    return "ready" if _ready(runtime) else "missing"


def place(id_: str) -> Path | None:
    """Its interpreter, None if it is missing."""
    return {"missing": None, "ready": _python(id_), "yours": pointing.chosen(id_)}[state(id_)]


def interpreter(id_: str) -> Path:
    """Its interpreter. Raises UnsupportedError saying what to do if it, or a program that it needs, is missing."""
    runtime = find(id_)
    python = place(id_)
    if python is None:
        raise UnsupportedError(_why_missing(runtime))
    absent = [name for name in runtime.programs if shutil.which(name) is None]
    if absent:
        raise UnsupportedError(f"{runtime.title} needs {' and '.join(absent)} on the PATH: {runtime.programs_from}")
    return python


def lacking(id_: str) -> str:
    """Why it can't be used, with what to do about it; "" if it can."""
    try:
        interpreter(id_)
    except UnsupportedError as error:
        return str(error)
    return ""


def variables(id_: str) -> dict[str, str]:
    """What a child in it needs among its variables: its own programs come first. Raises as ``interpreter``."""
    return {"PATH": os.pathsep.join((str(interpreter(id_).parent), os.environ.get("PATH", os.defpath)))}


def create(id_: str, *, tell: Tell = lambda *_: None, cancelled: Cancelled = lambda: False) -> Path:
    """Its interpreter, made if it isn't ready. Blocks; ``tell`` gets a line and a fraction (0 to 1) that never falls.

    Raises ValueError for an unknown id, InstallError with a stated reason, and CancelledError. Then nothing is left
    behind. Of two who create the same, the second waits and finds it ready.
    """
    runtime = find(id_)
    with _locked(runtime, lambda: tell(f"{runtime.title}: another process is making it", 0.0), cancelled):
        if not _ready(runtime):
            base = _base(runtime)
            _look_for_space(runtime)
            folder = folders.environments() / id_
            if not installing.removed(folder):
                raise InstallError(f"{folder} is left from before and can't be deleted: delete it by hand")
            try:
                installing.fill(runtime, folder, base, tell, cancelled)
                _, absent = pointing.ask(_python(id_), runtime.modules)
                if absent:  # an installer that reports success may still have left something out
                    raise InstallError(
                        f"{runtime.title} was installed, but {' and '.join(absent)} can't be found in it"
                    )
                _write_manifest(runtime)
            except (OSError, ValueError) as error:
                raise InstallError(f"{runtime.title} could not be installed: {error}") from error
            finally:
                if not _ready(runtime):
                    installing.removed(folder)
    tell(f"{runtime.title} is ready", 1.0)
    return _python(id_)


def remove(id_: str) -> bool:
    """Delete what ``create`` made; whether there was anything. Raises ValueError, and InstallError while it is made."""
    runtime = find(id_)

    def busy() -> None:
        raise InstallError(f"{runtime.title} is being made by another process: cancel that first")

    with _locked(runtime, busy, lambda: False):
        folder = folders.environments() / id_
        there = folder.exists()
        (folder / MANIFEST).unlink(missing_ok=True)  # first: what is half gone must not count as ready
        if there and not installing.removed(folder):
            raise InstallError(f"{folder} could not be deleted whole: delete it by hand")
    return there


def point(id_: str, python: Path | None) -> Path | None:
    """Use the interpreter ``python`` of the user's own instead; None takes that back. The path as it is kept.

    Raises ValueError naming what is wrong with it; then nothing changes.
    """
    return pointing.point(find(id_), python)


def manifest(id_: str) -> dict[str, Any]:
    """What was written down when it was made: python, made (UTC), bytes; {} if it isn't ready."""
    try:
        content: dict[str, Any] = json.loads((folders.environments() / id_ / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content


def _python(id_: str) -> Path:
    return installing.python_in(folders.environments() / id_)


def _ready(runtime: Runtime) -> bool:
    return manifest(runtime.id).get("digest") == _digest(runtime) and _python(runtime.id).is_file()


def _digest(runtime: Runtime) -> str:
    """Of all that an environment was made from."""
    made_from: list[Any] = [runtime.pins, runtime.no_deps, runtime.stubs, *runtime.besides]
    if runtime.app_packages:
        made_from += [installing.app_packages(), sys.version_info[:2], _shared()]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]


@cache
def _shared() -> dict[str, str]:
    return {name: version for name in _SHARED if (version := version_of(name))}


def _why_missing(runtime: Runtime) -> str:
    if chosen := pointing.chosen(runtime.id):
        return (
            f"{chosen}, the interpreter chosen for {runtime.title}, is gone. "
            f"Choose another, or take the choice back: python -m probes env use {runtime.id} [PYTHON]"
        )
    try:
        _base(runtime)
    except InstallError as error:
        return str(error)
    return f"{runtime.title} needs an environment of its own: python -m probes env create {runtime.id}"


def _base(runtime: Runtime) -> Path:
    """The interpreter to make it from. Raises InstallError if none fits."""
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if running in runtime.python:
        return Path(sys.executable)
    if not runtime.app_packages:
        for minor in runtime.python:
            if path := shutil.which(f"python{minor}"):
                return Path(path)
    allowed = " or ".join(runtime.python)
    where = "the app runs on" if runtime.app_packages else "and none is on the PATH, the app itself runs on"
    raise InstallError(
        f"{runtime.title} needs Python {allowed}; {where} {running}. "
        f"Use an interpreter that has it: python -m probes env use {runtime.id} PYTHON"
    )


def _look_for_space(runtime: Runtime) -> None:
    home = folders.made(folders.environments())
    free = shutil.disk_usage(home).free // 10**6
    if free < runtime.megabytes:
        raise InstallError(
            f"{runtime.title} needs about {runtime.megabytes:,} MB, and {free:,} MB are free at {home}: "
            "free some space first"
        )


def _write_manifest(runtime: Runtime) -> None:
    folder = folders.environments() / runtime.id
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    python, _ = pointing.ask(_python(runtime.id), ())
    content = {
        "schema": 1, "digest": _digest(runtime), "python": python, "bytes": size,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    whole_files.write(folder / MANIFEST, json.dumps(content))


@contextlib.contextmanager
def _locked(runtime: Runtime, waiting: Callable[[], None], cancelled: Cancelled) -> Iterator[None]:
    """One process at a time works on an environment. ``waiting`` is called once while another does."""
    home = folders.environments()
    try:
        folders.made(home)
    except OSError as error:
        raise InstallError(f"{home} can't be made: {error}") from error
    lock = FileLock(home / f"{runtime.id}.lock")
    take(lock, waiting=waiting, cancelled=cancelled)
    try:
        yield
    finally:
        lock.release()
