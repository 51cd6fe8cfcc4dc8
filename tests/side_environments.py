"""Environments of a side's own that cost nothing: an interpreter, and links to what a framework needs of the app's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from probes.system.installed import closure


def linked(folder: Path, requirements: Iterable[str], *, python: str = sys.executable) -> Path:
    """The interpreter of a new environment in ``folder`` that has ``requirements`` with what they require, no more."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    (packages,) = (*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages"))
    for package in closure(requirements).values():
        root = Path(str(package.locate_file("")))
        for top in {str(file).replace(os.sep, "/").partition("/")[0] for file in package.files or ()}:
            if top not in ("..", "__pycache__") and (root / top).exists() and not (packages / top).exists():
                (packages / top).symlink_to(root / top)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
