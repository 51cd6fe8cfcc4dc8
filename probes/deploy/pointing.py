"""A user's own interpreter for a runtime: checked before it is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from probes.deploy.runtimes import Runtime
from probes.system import asking, folders, variables, whole_files

_ASK: Final = (
    "import importlib.util, json, platform, sys\n"
    "absent = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]\n"
    f"print({asking.MARK!r} + json.dumps([platform.python_version(), absent]))"
)


def chosen(id_: str) -> Path | None:
    """The interpreter that a user pointed the runtime to, whether or not it is still there."""
    try:
        kept = json.loads((folders.interpreters() / f"{id_}.json").read_text(encoding="utf-8"))
        return Path(kept["interpreter"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def point(runtime: Runtime, python: Path | None) -> Path | None:
    """Keep the interpreter, None to forget it. Raises ValueError naming what is wrong; then nothing changes."""
    file = folders.interpreters() / f"{runtime.id}.json"
    if python is None:
        file.unlink(missing_ok=True)
        return None
    # Not resolved: an environment's python is a link to another.
    path = Path(os.path.abspath(os.path.expanduser(python)))
    _check(runtime, path)
    folders.made(file.parent)
    whole_files.write(file, json.dumps({"schema": 1, "interpreter": str(path)}))
    return path


def ask(python: Path, modules: Sequence[str]) -> tuple[str, list[str]]:
    """An interpreter's version, and which of ``modules`` can't be found there. Imports none of them.

    It is told little of this process' variables: nobody knows yet what it is. Raises ValueError if it doesn't answer as
    Python does.
    """
    try:
        return asking.ask(python, _ASK, modules, environment=variables.variables(), read=_read, options=("-I",))
    except asking.NoAnswerError as error:
        raise ValueError(f"interpreter: {python} doesn't run as Python does: {error}") from None


def _read(answer: Any) -> tuple[str, list[str]]:
    version, absent = answer
    return str(version), [str(name) for name in absent]


def _check(runtime: Runtime, python: Path) -> None:
    if not python.exists():
        raise ValueError(f"interpreter: {python} doesn't exist")
    if python.is_dir():
        raise ValueError(f"interpreter: {python} is a folder; name the python in it")
    version, absent = ask(python, runtime.modules)
    if version.rpartition(".")[0] not in runtime.python:
        raise ValueError(f"interpreter: {python} is Python {version}; allowed: {', '.join(runtime.python)}")
    if absent:
        pins = " ".join((*runtime.pins, *runtime.no_deps))
        raise ValueError(f"interpreter: {python} lacks {' and '.join(absent)}; {runtime.title} is made of: {pins}")
