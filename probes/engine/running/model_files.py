"""Asks a team's own model file what it is, in children with limits of time and memory. It is never loaded in here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from probes import catalog
from probes.contracts import UnsupportedError
from probes.engine.running import environment
from probes.engine.running.child import ChildError, Launcher, ProcessChild
from probes.model_file.loading import read
from probes.schema import FRAMEWORKS, TITLES, Framework, ModelFile
from probes.system.plaintext import visible
from probes.system.scratch import scratch_folder

#: Seconds that a child may take to import its framework, build the model and answer for two samples.
LIMIT: Final = 120.0
_LONGEST_TITLE: Final = 80


class ModelFileError(ValueError):
    """A file that can't be measured. The text says why, and where."""


def describe(
    path: Path,
    *,
    launcher: Launcher = ProcessChild,
    cancelled: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> ModelFile:
    """What the file says of itself, and the parameters of each half that is installed here. Raises ModelFileError."""
    try:
        sha256 = hashlib.sha256(read(path)).hexdigest()
    except UnsupportedError as error:
        raise ModelFileError(str(error)) from error
    answers: dict[Framework, dict[str, Any]] = {}
    with scratch_folder() as scratch:
        for side in FRAMEWORKS:
            if catalog.not_installed(side) or (answers and side not in next(iter(answers.values()))["sides"]):
                continue
            tell(f"{TITLES[side]}: what is {path.name}?")
            variables = environment.variables(1, "cpu", scratch)
            child = launcher(side, variables, cancelled)
            try:
                memory = environment.memory_limit("cpu", gpu_here=False)
                child.ask("limit", timeout=LIMIT, cpus=(), memory=memory)
                answers[side] = child.ask("describe", timeout=LIMIT, path=str(path))["model"]
            except ChildError as error:
                raise ModelFileError(f"{path.name} in {TITLES[side]}: {error.reason}") from error
            finally:
                child.close()
    if not answers:
        raise ModelFileError(f"{path.name}: neither framework is installed here")
    first = next(iter(answers.values()))
    title = visible(first["title"])[:_LONGEST_TITLE].strip() or path.stem
    parameters = {side: answer["parameters"] for side, answer in answers.items() if "parameters" in answer}
    file = ModelFile(
        path.name, sha256, title, tuple(first["sides"]), first["trains"], parameters, tuple(first["packages"])
    )
    catalog.adopt(file)
    return file
