"""A user's own interpreter for a runtime: checked before it is kept."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from probes.deploy.installing import end_family
from probes.deploy.runtimes import Runtime
from probes.system import folders, variables
from probes.system.quoting import quoted

PATIENCE = 60.0  # seconds until an interpreter has said its version
ANSWER = 64 * 1024  # characters that are read of it
_MARK = "fulcrum:"  # before the line that counts, whatever else the interpreter writes
_ASK = (
    "import importlib.util, json, platform, sys\n"
    "absent = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]\n"
    f"print({_MARK!r} + json.dumps([platform.python_version(), absent]))"
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
    path = Path(os.path.abspath(python.expanduser()))  # not resolved: an environment's python is a link to another
    _check(runtime, path)
    folders.made(file.parent)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_text(json.dumps({"schema": 1, "interpreter": str(path)}), encoding="utf-8")
    part.replace(file)
    return path


def ask(python: Path, modules: Sequence[str]) -> tuple[str, list[str]]:
    """An interpreter's version, and which of ``modules`` can't be found there. Imports none of them.

    It is told little of this process' variables, and no more is read of it than an answer takes: nobody knows yet what
    it is. Raises ValueError if it doesn't answer as Python does.
    """
    code, text, late = _said((str(python), "-I", "-c", _ASK, *modules))
    words = [line for line in text.splitlines() if line.strip()]
    reason = f"no answer within {PATIENCE:.0f} s" if late else quoted(words[-1]) if words else f"exit code {code}"
    if code == 0 and not late:
        try:
            version, absent = json.loads(next(line for line in reversed(words) if line.startswith(_MARK))[len(_MARK) :])
            return str(version), [str(name) for name in absent]
        except (StopIteration, ValueError, TypeError):
            reason = f"it answered «{quoted(text)}»"
    raise ValueError(f"interpreter: {python} doesn't run as Python does: {reason}")


def _said(command: Sequence[str]) -> tuple[int, str, bool]:
    """Exit code, the first ``ANSWER`` characters of what a program writes, and whether it was ended for its silence.

    It is ended, with all that it started, when it has written that much or its time is over. Raises ValueError if it
    can't be started.
    """
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            encoding="utf-8", errors="replace", env=variables.variables(), start_new_session=os.name == "posix",
        )  # fmt: skip
    except OSError as error:
        raise ValueError(f"interpreter: {command[0]} doesn't run as Python does: {error.strerror or error}") from None
    late = threading.Event()

    def give_up() -> None:
        late.set()
        end_family(process)

    timer = threading.Timer(PATIENCE, give_up)
    timer.daemon = True
    timer.start()
    with process:
        assert process.stdout is not None  # noqa: S101 - PIPE above
        text = process.stdout.read(ANSWER)
        if len(text) == ANSWER:
            end_family(process)
        code = process.wait()
    timer.cancel()
    return code, text, late.is_set()


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
