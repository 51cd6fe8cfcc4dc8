"""Finds the interpreter that a side was told to run in: an environment by its name, a program, or a path."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from probes.contracts import UnsupportedError
from probes.deploy import environments, framework_environments, installing
from probes.engine.running import interpreters
from probes.engine.running.interpreters import InterpreterError, SidePython, SidePythons
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.system import folders

#: What a process needs that exports a network or answers with what was exported, besides the framework: modules.
NEEDED: Final = ("scipy", "sklearn")
#: What pip calls modules otherwise.
PACKAGES: Final = {"sklearn": "scikit-learn", "ai_edge_litert": "ai-edge-litert"}
#: The variables that say it for all commands and for the app.
VARIABLES: Final[Mapping[Framework, str]] = {side: f"FULCRUM_{side.upper()}_PYTHON" for side in FRAMEWORKS}


def found(framework: Framework, text: str, setting: str) -> SidePython:
    """The interpreter that ``text`` names, looked at. ``setting``: what named it, for who reads a refusal.

    ``text``: the name of an environment («python -m probes env list»), a program on the PATH, or a path. Raises
    InterpreterError.
    """
    text = text.strip()
    if not any(mark in text for mark in (os.sep, "/")):
        if _named(text, setting):
            try:
                return interpreters.look(framework, environments.interpreter(text), setting=setting, name=text)
            except UnsupportedError as error:
                raise InterpreterError(f"{setting}: {text!r} can't be used: {error}") from error
        if program := shutil.which(text):
            return interpreters.look(framework, Path(program), setting=setting)
        if not Path(text).exists():
            raise InterpreterError(
                f"{setting}: {text!r} is no interpreter; allowed: a path, a program on the PATH, or an environment: "
                f"{', '.join(runtime.id for runtime in environments.runtimes())}, or {framework_environments.FORM}"
            )
    return interpreters.look(framework, Path(text), setting=setting)


def _named(text: str, setting: str) -> bool:
    try:
        return environments.known(text)
    except ValueError as error:
        raise InterpreterError(f"{setting}: {error}") from error


def standing_in(framework: Framework, place: str, pythons: SidePythons) -> SidePython | None:
    """A side's own interpreter, if it is what runs where ``place`` (an environment, or "" for the app's own) would.

    An environment that is made on top of the app's packages is one on top of another framework's version than the one
    that was chosen: what it adds has to be in the side's interpreter instead. Unless that is made on top of the app's
    packages too: then the framework is the same, and what it adds is seen there (``added``).
    """
    python = pythons.get(framework)
    if python is None or not place:
        return python
    return python if environments.find(place).app_packages and not _on_app(python) else None


def added(framework: Framework, place: str, pythons: SidePythons) -> dict[str, str]:
    """Variables that show what a side's own environment adds to the app's packages in another such one, ``place``; {}
    where there is nothing to show."""
    python = pythons.get(framework)
    if python is None or not place or not environments.find(place).app_packages or not _on_app(python):
        return {}
    return {"PYTHONPATH": str(installing.site_packages(folders.environments() / python.told.name))}


def _on_app(python: SidePython) -> bool:
    """Whether it is an environment that was made here on top of the app's packages."""
    name = python.told.name
    made = any(runtime.id == name and runtime.app_packages for runtime in environments.runtimes())
    return made and environments.state(name) == "ready"


def lacking(framework: Framework, place: str, modules: Sequence[str], pythons: SidePythons) -> str:
    """Why ``place`` can't be used for a side that needs ``modules`` there, with what to do about it; "" if it can."""
    python = standing_in(framework, place, pythons)
    if python is None:
        return environments.lacking(place)
    runtime = environments.find(place) if place else None
    needed = dict.fromkeys((*NEEDED, *modules, *(runtime.modules if runtime else ())))
    missing = [PACKAGES.get(name, name) for name in needed if name not in python.modules]
    if not missing:
        return ""
    pins = f": pip install {' '.join((*runtime.pins, *runtime.no_deps))}" if runtime else " with pip"
    return f"{TITLES[framework]}'s interpreter lacks {' and '.join(missing)}: install it there{pins}"


def other_version(text: str, setting: str) -> SidePython:
    """The interpreter of another version: «pytorch==2.12.0», or «FRAMEWORK:PYTHON» where ``PYTHON`` is as in ``found``.
    Raises InterpreterError."""
    framework, colon, python = text.strip().partition(":")
    for side in FRAMEWORKS:
        if colon and framework == side:
            return found(side, python, setting)
        if framework_environments.frameworks_of(text.strip()) == (side,):
            return found(side, text, setting)
    raise InterpreterError(
        f"{setting}: {text!r}; allowed: a version of one framework, like pytorch==2.12.0, or FRAMEWORK:PYTHON, where "
        "PYTHON is an environment, a program or a path"
    )


def apps_own(framework: Framework, setting: str) -> SidePython:
    """The app's own interpreter as a side's. Raises InterpreterError if the framework isn't there."""
    return interpreters.look(framework, Path(sys.executable), setting=setting, name="the app's own")
