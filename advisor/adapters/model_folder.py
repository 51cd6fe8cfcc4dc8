"""The real part behind ``ports.OwnModels``: model files that lie in one folder of this machine."""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from advisor.ports import OwnModelFile
from probes.catalog import NONE
from probes.compare import report
from probes.compare.run import WORKER
from probes.compare.schema import ModelReport
from probes.contracts import UnsupportedError
from probes.engine.running import model_files
from probes.engine.running.child import CancelledError
from probes.engine.running.interpreters import SidePythons, launcher, told
from probes.model_file.loading import read

#: Files that are listed: a page has to show them, and each is read.
MOST: Final = 100
#: What is told while a file with both halves is described: two looks, two starts, two outlines, one comparison.
_STEPS: Final = 8
_CHANGED: Final = "model_file: {} has changed since it was looked at: begin again"
OFF: Final = "a team's own models are off: FULCRUM_OWN_MODELS names their folder"


class ModelFolder:
    """Files of ``folder`` and of no other place: no path, no link, no folder below it. None: there is no such folder.

    What was listed may be another file by now: each use reads it again, and a child does once more. ``pythons``: what
    sides run in that don't run in the app's interpreter.
    """

    def __init__(self, folder: Path | None, pythons: SidePythons = NONE) -> None:
        self._pythons = pythons
        self._folder = folder.absolute() if folder else None  # a child works elsewhere

    def why_off(self) -> str:
        return "" if self._folder else OFF

    def files(self) -> tuple[OwnModelFile, ...]:
        """Those that end in ``.py``, by name; none where the folder can't be read, or isn't there yet."""
        if self._folder is None:
            return ()
        try:
            with os.scandir(self._folder) as entries:
                names = sorted(entry.name for entry in entries if entry.name.endswith(".py"))
        except OSError:
            return ()
        return tuple(self._listed(name) for name in names[:MOST] if not name.startswith("."))

    def path(self, name: str, sha256: str) -> Path:
        """Where the file of that name lies, if it still is the one of that hash. Raises ``ValueError`` saying why not,
        which names no folder."""
        try:
            return self._found(name, sha256)[0]
        except UnsupportedError as error:
            raise ValueError(f"model_file: {error}") from error

    def describe(
        self, name: str, sha256: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> ModelReport | None:
        path, done = self.path(name, sha256), itertools.count()

        def say(message: str) -> None:
            tell(message, next(done) / _STEPS)

        interpreters = told(self._pythons)
        try:
            file = model_files.describe(
                path, launcher=launcher(self._pythons), interpreters=interpreters, tell=say, cancelled=cancelled
            )
            if file.sha256 != sha256:
                raise ValueError(_CHANGED.format(name))
            start = launcher(self._pythons, WORKER)
            return report.report(path, file, launcher=start, interpreters=interpreters, tell=say, cancelled=cancelled)
        except CancelledError:
            return None
        except UnsupportedError as error:  # it changed meanwhile
            raise ValueError(f"model_file: {error}") from error

    def _listed(self, name: str) -> OwnModelFile:
        try:
            return OwnModelFile(name, hashlib.sha256(self._found(name, "")[1]).hexdigest())
        except UnsupportedError as error:
            return OwnModelFile(name, "", str(error))

    def _found(self, name: str, sha256: str) -> tuple[Path, bytes]:
        if self._folder is None:
            raise UnsupportedError(OFF)
        if name != os.path.basename(name) or name.startswith(".") or not name.endswith(".py") or "\\" in name:
            raise UnsupportedError(f"{name[:100]!r} is no name of a model file; allowed: NAME.py, without a folder")
        path = self._folder / name
        try:
            kind = path.lstat().st_mode
        except (OSError, ValueError) as error:
            raise UnsupportedError(f"{name[:100]!r} isn't in the folder of FULCRUM_OWN_MODELS") from error
        if stat.S_ISLNK(kind):
            raise UnsupportedError(f"{name} is a link, which may lead anywhere: put the file itself into the folder")
        return path, read(path, sha256)
