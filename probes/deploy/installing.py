"""Fills an environment: the commands, their progress, and their end, however it comes."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.contracts import Cancelled, Tell
from probes.deploy.runtimes import Runtime
from probes.engine.running.child import LAST_WORDS, POLL_SECONDS, CancelledError
from probes.system import pipes, variables
from probes.system.asking import end_family
from probes.system.quoting import quoted

#: A line of the app's packages in an environment: what is installed there comes first, then what the app has.
PTH = "fulcrum_app.pth"
LAST_WORD = 300  # characters of each of the last lines before a failure
_FULL = ("No space left on device", "[Errno 28]", "not enough space on the disk")
# Runs a module and ends with all it started as soon as nobody holds its stdin any more: an installer that goes on after
# the app died would write into a folder that the next one is filling.
_LEASHED = """
import os, runpy, signal, sys, threading
def watch():
    while os.read(0, 4096):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL) if hasattr(os, "killpg") else os._exit(1)
threading.Thread(target=watch, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


class InstallError(Exception):
    """An environment could not be made or removed. The text says why and what to do; users read it as it is."""


@dataclass(frozen=True, slots=True)
class InstallStep:
    """A command, and how far the whole is when it is done."""

    command: tuple[str, ...]
    until: float


def python_in(folder: Path) -> Path:
    """Where an environment keeps its interpreter."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def app_packages() -> tuple[str, ...]:
    """The folders that this process takes installed packages from."""
    installed = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *sys.path)
    named = (path for path in installed if Path(path).name in ("site-packages", "dist-packages"))
    return tuple(path for path in dict.fromkeys(named) if Path(path).is_dir())


def steps(runtime: Runtime, folder: Path, base: Path) -> tuple[InstallStep, ...]:
    """What has to run, in order. ``base`` is the interpreter that the environment is made from."""
    pip = (*leashed(python_in(folder), "pip"), "install", "--no-input", "--progress-bar", "off")
    commands = [
        InstallStep((*leashed(base, "venv"), str(folder)), 0.1),
        InstallStep((*pip, *runtime.pins, *runtime.besides), 0.9 if runtime.no_deps else 0.95),
    ]
    if runtime.no_deps:
        commands.append(InstallStep((*pip, "--no-deps", *runtime.no_deps), 0.95))
    return tuple(commands)


def leashed(python: Path, module: str) -> tuple[str, ...]:
    """``python -m module`` that dies with this process, and whose imports no variable of the environment changes."""
    return str(python), "-I", "-u", "-c", _LEASHED, module


def fill(runtime: Runtime, folder: Path, base: Path, tell: Tell, cancelled: Cancelled) -> None:
    """Make the environment in ``folder``. Raises InstallError or CancelledError; what is written by then stays.

    ``tell`` gets a line and a fraction that never falls.
    """
    done = 0.0
    for step in steps(runtime, folder, base):
        progress = _Progress(runtime.title, tell, done, step.until)
        run(step.command, runtime, progress, cancelled)
        done = step.until
        packages = site_packages(folder)
        if runtime.app_packages:
            (packages / PTH).write_text("\n".join(app_packages()) + "\n", encoding="utf-8")
    for name in runtime.stubs:
        (packages / f"{name}.py").write_text('"""Stands in for a package that is imported but not used."""\n')


def run(command: Sequence[str], runtime: Runtime, line: Callable[[str], None], cancelled: Cancelled) -> None:
    """Run a command; ``line`` gets what it prints. At the end, whichever, the command and all it started are gone."""
    words: deque[str] = deque(maxlen=LAST_WORDS)
    with _started(command, runtime) as (process, lines):
        while (text := _next(lines, cancelled)) is not None:
            if text:
                words.append(text)
                line(text)
        code = process.wait()
    if code:
        raise InstallError(_reason(runtime, code, list(words)))


def _next(lines: queue.SimpleQueue[str | None], cancelled: Cancelled) -> str | None:
    while True:
        if cancelled():
            raise CancelledError
        with contextlib.suppress(queue.Empty):
            return lines.get(timeout=POLL_SECONDS)


@contextlib.contextmanager
def _started(
    command: Sequence[str], runtime: Runtime
) -> Iterator[tuple[subprocess.Popen[str], queue.SimpleQueue[str | None]]]:
    """The process and the lines that it prints, None at their end."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            encoding="utf-8", errors="replace", env=variables.installers(),
            start_new_session=os.name == "posix",
        )  # fmt: skip
    except OSError as error:
        raise InstallError(f"{runtime.title} could not be installed: {command[0]} can't be run: {error}") from error
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = pipes.listen(process.stdout, lambda text: lines.put(text.strip()), ended=lambda: lines.put(None))
    try:
        yield process, lines
    finally:
        end_family(process)
        process.wait()
        reader.join(1.0)
        pipes.close(process.stdin, process.stdout)


class _Progress:
    """Pip doesn't say how much lies ahead: each line takes a part of what is left, and unpacking is its own stretch."""

    def __init__(self, title: str, tell: Tell, start: float, end: float) -> None:
        self._title, self._tell, self._at, self._end = title, tell, start, end
        self._soft = start + 0.7 * (end - start)

    def __call__(self, line: str) -> None:
        if line.startswith("Installing collected packages"):
            self._at = max(self._at, self._soft)
        elif line.startswith(("Collecting", "Downloading", "Using cached", "Obtaining", "Building", "Created wheel")):
            self._at += max(0.0, self._soft - self._at) * 0.03
        elif line.startswith("Successfully installed"):
            self._at = self._end
        if line.startswith(("WARNING", "DEPRECATION")):
            return  # they show if it fails
        shown = line.partition(" in ")[0] if line.startswith("Requirement already satisfied") else line
        self._tell(f"{self._title}: {quoted(shown)}", self._at)


def site_packages(folder: Path) -> Path:
    """Where an environment in ``folder`` keeps its packages. Raises InstallError."""
    places = [*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")]
    if not places:
        raise InstallError(f"{folder} was made, but it has no folder for packages: is the interpreter's venv whole?")
    return places[0]


def _reason(runtime: Runtime, code: int, words: list[str]) -> str:
    """One sentence, what to do, and the last lines."""
    if any(sign in word for sign in _FULL for word in words):
        advice = f"The disk is full. It takes about {runtime.megabytes:,} MB, and as much again while it is unpacked."
    elif any("No matching distribution found" in word for word in words):
        advice = (
            "There is no such version for this Python on this system; pip names those that there are. Take one, "
            f"or use an interpreter that has it: python -m probes env use {runtime.id} PYTHON"
        )
    elif any("ensurepip" in word for word in words):
        advice = "This Python was installed without venv: install it (Debian and Ubuntu call it python3-venv)."
    else:
        advice = (
            "Is PyPI within reach? Try again, or use an interpreter that has it: "
            f"python -m probes env use {runtime.id} PYTHON"
        )
    ended = f"the installer ended with exit code {code}" if code > 0 else "the installer was killed"
    return "\n".join(
        [f"{runtime.title} could not be installed: {ended}. {advice}", *(quoted(word, LAST_WORD) for word in words)]
    )


def removed(folder: Path) -> bool:
    """Delete a folder, however many tries that takes while a killed process' files vanish. Whether it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()
