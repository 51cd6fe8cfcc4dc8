"""``--pytorch-python`` and ``--tensorflow-python``, and the variables that say the same for all commands."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from probes.deploy import environments, side_pythons
from probes.engine.running.interpreters import SidePython
from probes.model_file import published
from probes.schema import FRAMEWORKS, TITLES, Framework


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


def chosen(options: argparse.Namespace) -> dict[Framework, SidePython]:
    """The interpreters of sides that don't run in this one, looked at; of a published model the environments that have
    its libraries, where nothing else is said. Raises ValueError naming what can't be used."""
    found = {}
    for side in FRAMEWORKS:
        asked, setting = getattr(options, f"{side}_python"), f"--{side}-python"
        if not asked:
            asked, setting = os.environ.get(side_pythons.VARIABLES[side], ""), side_pythons.VARIABLES[side]
        if not asked.strip():
            asked, setting = _of_published(side, getattr(options, "model_file", None)), "--model-file"
        if asked.strip():
            found[side] = side_pythons.found(side, asked, setting)
    return found


def _of_published(side: Framework, file: Path | None) -> str:
    """The environment for a side of a published model, if it is here; "" else: the side says what it lacks."""
    id_ = published.RUNTIMES[side]
    return id_ if file is not None and published.is_published(file) and environments.place(id_) else ""
