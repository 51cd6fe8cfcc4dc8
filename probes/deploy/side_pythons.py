"""Finds the interpreter that a side was told to run in: an environment by its name, a program, or a path."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from probes.contracts import UnsupportedError
from probes.deploy import environments
from probes.engine.running import interpreters
from probes.engine.running.interpreters import InterpreterError, SidePython
from probes.schema import FRAMEWORKS, Framework

#: The variables that say it for all commands and for the app.
VARIABLES: Final[Mapping[Framework, str]] = {side: f"FULCRUM_{side.upper()}_PYTHON" for side in FRAMEWORKS}


def found(framework: Framework, text: str, setting: str) -> SidePython:
    """The interpreter that ``text`` names, looked at. ``setting``: what named it, for who reads a refusal.

    ``text``: the name of an environment («python -m probes env list»), a program on the PATH, or a path. Raises
    InterpreterError.
    """
    text = text.strip()
    if not any(mark in text for mark in (os.sep, "/")):
        if environments.known(text):
            try:
                return interpreters.look(framework, environments.interpreter(text), setting=setting, name=text)
            except UnsupportedError as error:
                raise InterpreterError(f"{setting}: {text!r} can't be used: {error}") from error
        if program := shutil.which(text):
            return interpreters.look(framework, Path(program), setting=setting)
        if not Path(text).exists():
            raise InterpreterError(
                f"{setting}: {text!r} is no interpreter; allowed: a path, a program on the PATH, or an environment: "
                f"{', '.join(environments.ids())}"
            )
    return interpreters.look(framework, Path(text), setting=setting)
