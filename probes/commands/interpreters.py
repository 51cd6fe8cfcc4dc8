"""``--pytorch-python``, ``--tensorflow-python`` and ``--against``, and the variables that say the same for all."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from probes.contracts import DataPlace
from probes.deploy import environments, side_pythons
from probes.engine.running import model_files
from probes.engine.running.interpreters import SidePython, SidePythons, launcher, told
from probes.model_file import published
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.team_files import ModelFile


def add(parser: argparse.ArgumentParser) -> None:
    """The options, read by ``chosen``."""
    for side in FRAMEWORKS:
        parser.add_argument(
            f"--{side}-python",
            metavar="PYTHON",
            default="",
            help=f"what {TITLES[side]} runs in: an environment of «env list», a program or a path; "
            f"{side_pythons.VARIABLES[side]} if left out, else this interpreter",
        )


def chosen(options: argparse.Namespace, model: Path | None = None) -> dict[Framework, SidePython]:
    """The interpreters of sides that don't run in this one, looked at. ``model``: a model file; if it is a published
    one, the environments that have its libraries, where nothing else is said. Raises ValueError naming what can't be
    used."""
    found = {}
    for side in FRAMEWORKS:
        asked, setting = getattr(options, f"{side}_python"), f"--{side}-python"
        if not asked:
            asked, setting = os.environ.get(side_pythons.VARIABLES[side], ""), side_pythons.VARIABLES[side]
        if not asked.strip():
            asked, setting = _of_published(side, model), str(model)
        if asked.strip():
            found[side] = side_pythons.found(side, asked, setting)
    return found


def sides(options: argparse.Namespace) -> dict[Framework, SidePython]:
    """As ``chosen``; with ``--against`` one framework at both places, its own or chosen version at the first. Raises
    ValueError."""
    found = chosen(options, options.model_file)
    if not options.against:
        return found
    other = side_pythons.other_version(options.against, "--against")
    side = other.told.framework
    first = found.get(side) or side_pythons.apps_own(side, "--against")
    if first.path == other.path:
        raise ValueError(f"--against: {options.against!r} is the interpreter that it would be compared with")
    if ignored := [name for name in found if name != side and getattr(options, f"{name}_python")]:
        raise ValueError(f"--{ignored[0]}-python: {TITLES[ignored[0]]} isn't measured with --against {options.against}")
    return dict(zip(FRAMEWORKS, (first, other), strict=True))


def described(
    file: Path, pythons: SidePythons, tell: Callable[[str], None], data: DataPlace | None = None
) -> ModelFile:
    """What a model file says of itself, each half in the interpreter of its side. ``data``: see
    ``model_files.describe``. Raises ModelFileError."""
    return model_files.describe(file, launcher=launcher(pythons), interpreters=told(pythons), tell=tell, data=data)


def _of_published(side: Framework, file: Path | None) -> str:
    """The environment for a side of a published model, if it is here; "" else: the side says what it lacks."""
    id_ = published.RUNTIMES[side]
    return id_ if file is not None and published.is_published(file) and environments.place(id_) else ""
