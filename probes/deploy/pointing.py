"""A user's own interpreter for a runtime: checked before it is kept."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from probes import folders
from probes.deploy.runtimes import Runtime

PATIENCE = 60.0  # seconds until an interpreter has said its version
_ASK = (
    "import importlib.util, json, platform, sys\n"
    "absent = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]\n"
    "print(json.dumps([platform.python_version(), absent]))"
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
    found = Path(os.path.abspath(python.expanduser()))  # not resolved: an environment's python is a link to another
    _check(runtime, found)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_text(json.dumps({"schema": 1, "interpreter": str(found)}), encoding="utf-8")
    part.replace(file)
    return found


def ask(python: Path, modules: Sequence[str]) -> tuple[str, list[str]]:
    """An interpreter's version, and which of ``modules`` can't be found there. Imports none of them.

    Raises ValueError if it doesn't answer as Python does.
    """
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", _ASK, *modules],
            capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        version, absent = json.loads(done.stdout)
        return str(version), list(absent)
    except subprocess.TimeoutExpired:
        reason = f"no answer within {PATIENCE:.0f} s"
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or [f"exit code {error.returncode}"])[-1]
    except OSError as error:
        reason = error.strerror or str(error)
    except (ValueError, TypeError):
        reason = f"it answered {done.stdout[:80]!r}"
    raise ValueError(f"interpreter: {python} doesn't run as Python does: {reason}")


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
