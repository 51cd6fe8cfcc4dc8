"""The real part behind ``ports.OwnModels``: model files that lie in one folder of this machine."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from advisor.adapters import team_folder
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
from probes.rehearsal import run
from probes.rehearsal.schema import Rehearsal
from probes.team_files import ModelFile

#: Files that are listed: a page has to show them, and each is read.
MOST: Final = 100
#: What is told while a file with both halves is described: two looks, two starts, two outlines, one comparison.
_STEPS: Final = 8
#: The same of a rehearsal: two looks, two starts, two exports, four moves.
_REHEARSED: Final = 10
_Say = Callable[[str], None]
_Result = TypeVar("_Result")
_CHANGED: Final = "model_file: {} has changed since it was looked at: begin again"


class ModelFolder:
    """Files of ``folder`` and of no other place: no path, no link, no folder below it. None: there is no such folder.

    What was listed may be another file by now: each use reads it again, and a child does once more. ``pythons``: what
    sides run in that don't run in the app's interpreter.
    """

    def __init__(self, folder: Path | None, pythons: SidePythons = NONE) -> None:
        self._pythons = pythons
        self._folder = folder.absolute() if folder else None  # a child works elsewhere

    def why_off(self) -> str:
        return "" if self._folder else team_folder.OFF

    def files(self) -> tuple[OwnModelFile, ...]:
        """Those that end in ``.py``, by name; none where the folder can't be read, or isn't there yet."""
        named = [name for name in team_folder.names(self._folder) if name.endswith(".py")]
        return tuple(map(self._listed, named[:MOST]))

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
        def reported(path: Path, file: ModelFile, say: _Say) -> ModelReport:
            start, interpreters = launcher(self._pythons, WORKER), told(self._pythons)
            return report.report(path, file, launcher=start, interpreters=interpreters, tell=say, cancelled=cancelled)

        return self._described(name, sha256, reported, _STEPS, tell, cancelled)

    def rehearse(
        self, name: str, sha256: str, *, tell: Callable[[str, float], None], cancelled: Callable[[], bool]
    ) -> Rehearsal | None:
        def rehearsed(path: Path, file: ModelFile, say: _Say) -> Rehearsal:
            return run.rehearse(path, file, pythons=self._pythons, cancelled=cancelled, tell=say)

        return self._described(name, sha256, rehearsed, _REHEARSED, tell, cancelled)

    def _described(
        self,
        name: str,
        sha256: str,
        work: Callable[[Path, ModelFile, _Say], _Result],
        steps: int,
        tell: Callable[[str, float], None],
        cancelled: Callable[[], bool],
    ) -> _Result | None:
        """What ``work`` makes of the file once it is described; ``steps``: how often both tell something."""
        path, done = self.path(name, sha256), itertools.count()

        def say(message: str) -> None:
            tell(message, min(1.0, next(done) / steps))

        try:
            file = model_files.describe(
                path,
                launcher=launcher(self._pythons),
                interpreters=told(self._pythons),
                tell=say,
                cancelled=cancelled,
            )
            if file.sha256 != sha256:
                raise ValueError(_CHANGED.format(name))
            return work(path, file, say)
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
        try:
            path = team_folder.found(self._folder, name, (".py",), "model file")
        except ValueError as error:
            raise UnsupportedError(str(error)) from error
        return path, read(path, sha256)
