"""Rehearses every way that a file can begin with, each in a process of its own. Imports no framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from probes import catalog
from probes.contracts import UnsupportedError
from probes.deploy import side_pythons
from probes.deploy.launch import RouteChildren, RuntimeLauncher
from probes.engine.running import strays
from probes.engine.running.child import Child, ChildError
from probes.engine.running.interpreters import SidePythons, told
from probes.model_file import keras_once, loading
from probes.rehearsal import judging
from probes.rehearsal.judging import Recording
from probes.rehearsal.schema import (
    OUTPUT_LIMIT,
    Parting,
    RanFile,
    Rehearsal,
    RehearsalFailure,
    RehearsalOutcome,
    RehearsalStage,
    RehearsedWay,
)
from probes.rehearsal.ways import WAYS, RehearsalWay
from probes.schema import TITLES, Framework, Outcome
from probes.system.scratch import scratch_folder
from probes.team_files import ModelFile

WORKER: Final = "probes.rehearsal.worker"
LIMIT: Final = 240.0  # seconds for any one command
_THREADS: Final = 1


def rehearse(
    path: Path,
    file: ModelFile,
    ways: Sequence[RehearsalWay] = WAYS,
    *,
    seed: int = 0,
    pythons: SidePythons = catalog.NONE,
    launcher: RuntimeLauncher | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> Rehearsal:
    """Of the file at ``path``, which was described as ``file``. Every way ends in a stated outcome.

    Raises CancelledError. Nothing that the file started is left behind.
    """
    path = path.absolute()  # children work in a folder of their own
    with scratch_folder() as scratch, strays.ended(scratch):
        children = RouteChildren(_THREADS, scratch, cancelled, launcher, pythons, WORKER)
        stage = _Stage(children, Path(scratch), path, file, seed, tell)
        try:
            rehearsed = tuple(stage.rehearsed(way) for way in ways)
            return Rehearsal(file, rehearsed, stage.ran())
        finally:
            stage.close()


class _Stage:
    """What the ways of one file share: each side where it is, recorded once, and its file for ONNX."""

    def __init__(
        self,
        children: RouteChildren,
        scratch: Path,
        path: Path,
        file: ModelFile,
        seed: int,
        tell: Callable[[str], None],
    ) -> None:
        self._with, self._scratch, self._path, self._file = children, scratch, path, file
        self._seed, self._tell = seed, tell
        self._sources: dict[Framework, _Source | ChildError] = {}

    def rehearsed(self, way: RehearsalWay) -> RehearsedWay:
        """How one way goes."""
        blank = RehearsedWay(way.id, way.title, way.begins_with, "missing")
        if not _begins(self._file, self._path, way):
            half = TITLES[way.begins_with]
            return replace(blank, outcome="no half", reason=f"{self._file.name} has no half for {half} to begin with")
        if reason := self._lacking(way):
            return replace(blank, reason=reason)
        try:
            source = self._source(way.begins_with)
            return self._moved(way, blank, source)
        except ChildError as error:
            ended: RehearsalOutcome = "refused" if error.outcome is Outcome.UNSUPPORTED else "failed"
            return replace(blank, outcome=ended, reason=error.reason)
        except UnsupportedError as error:
            return replace(blank, outcome="missing", reason=str(error))

    def ran(self) -> Mapping[Framework, tuple[RanFile, ...]]:
        """What of the team's own code ran where the model is."""
        return {side: found.ran for side, found in self._sources.items() if isinstance(found, _Source)}

    def close(self) -> None:
        for source in self._sources.values():
            if isinstance(source, _Source):
                source.child.close()

    def _lacking(self, way: RehearsalWay) -> str:
        """Why it can't be rehearsed here: for want of where it begins, or of where it goes."""
        pythons = self._with.pythons
        begins = catalog.not_installed(way.begins_with, told(pythons))
        if begins or not way.place:
            return begins or catalog.not_installed(way.runs_as, told(pythons))
        return side_pythons.lacking(way.runs_as, way.place, (), pythons)

    def _source(self, side: Framework) -> _Source:
        """Raises ChildError for a model that can't be looked at where it is, each time anew."""
        if side not in self._sources:
            self._tell(f"{self._file.name} in {TITLES[side]}, where it is")
            try:
                self._sources[side] = _Source(self._with, self._scratch, self._path, self._file, side, self._seed)
            except ChildError as error:
                self._sources[side] = error
        found = self._sources[side]
        if isinstance(found, ChildError):
            raise found
        return found

    def _moved(self, way: RehearsalWay, blank: RehearsedWay, source: _Source) -> RehearsedWay:
        middle = None
        if way.onnx:
            self._tell(f"{way.title}: to ONNX")
            reply, middle = source.to_onnx()
            if middle is None:
                return _refused(blank, "export", reply)
            apart = judging.outputs_apart(source.recording, middle)
            if not apart <= OUTPUT_LIMIT:
                return _different(blank, apart, judging.parting_of_values(source.recording, middle, "export"))
        self._tell(way.title)
        child = self._with.start("export", way.runs_as, way.place, way.variables)
        arrays = self._scratch / f"{way.id}.npz"
        asked: dict[str, Any] = {
            "path": str(self._path), "folder": str(source.folder), "file": str(arrays), "seed": self._seed,
            "modules": list(way.modules),
        }  # fmt: skip
        try:
            if way.onnx:
                reply = child.ask("from_onnx", timeout=LIMIT, way=way.id, onnx=str(source.onnx), **asked)
            else:
                sha256 = self._file.sha256
                reply = child.ask("on_backend", timeout=LIMIT, sha256=sha256, look=source.look, **asked)
        finally:
            child.close()
        blank = replace(blank, versions=reply.get("versions", {}), adapted=tuple(reply.get("adapted", ())))
        if "failed" in reply:
            return _refused(blank, "move", reply)
        return _judged(blank, source.recording, _read(arrays, reply), by_values=way.onnx)


class _Source:
    """A side where it is: its child, what it gives, and what a move begins with."""

    def __init__(
        self, children: RouteChildren, scratch: Path, path: Path, file: ModelFile, side: Framework, seed: int
    ) -> None:
        self.folder, self.onnx = scratch / f"{side}-model", scratch / f"{side}-onnx"
        self._scratch, self._side = scratch, side
        self.folder.mkdir()
        self.child: Child = children.start("export", side, "", {})
        self._exported: tuple[dict[str, Any], Recording | None] | None = None
        try:
            self.child.ask("load", timeout=LIMIT, framework=side, threads=_THREADS)
            self.child.ask("own", timeout=LIMIT, path=str(path), sha256=file.sha256)
            made = self.child.ask("train", timeout=LIMIT, model="", sizes={}, seed=seed, folder=str(self.folder))
            self.look = {"template": made["template"], "plain": made["plain"]}
            self.child.ask("source", timeout=LIMIT, model="", sizes={}, folder=str(self.folder))
            arrays = scratch / f"{side}.npz"
            reply = self.child.ask("record", timeout=LIMIT, folder=str(self.folder), file=str(arrays), seed=seed)
            self.recording = _read(arrays, reply)
            self.ran = tuple(RanFile(**file) for file in reply.get("ran", ()))
        except ChildError:
            self.child.close()
            raise

    def to_onnx(self) -> tuple[dict[str, Any], Recording | None]:
        """The reply of the export, and what the file gives; None where the export failed."""
        if self._exported is None:
            self.onnx.mkdir()
            arrays = self._scratch / f"{self._side}-onnx.npz"
            # Built anew: recording changed what is random in the network.
            self.child.ask("source", timeout=LIMIT, model="", sizes={}, folder=str(self.folder))
            reply = self.child.ask(
                "to_onnx", timeout=LIMIT, folder=str(self.folder), onnx=str(self.onnx), file=str(arrays)
            )
            self._exported = reply, None if "failed" in reply else _read(arrays, reply)
        return self._exported


def _begins(file: ModelFile, path: Path, way: RehearsalWay) -> bool:
    """A file that is written once, in Keras, has no module of PyTorch's own to begin with."""
    once = keras_once.is_written(loading.read(path, file.sha256))
    return way.begins_with == "tensorflow" if once else way.begins_with in file.sides


def _judged(blank: RehearsedWay, ours: Recording, theirs: Recording, *, by_values: bool) -> RehearsedWay:
    apart = judging.outputs_apart(ours, theirs)
    if not apart <= OUTPUT_LIMIT:
        parting = (
            judging.parting_of_values(ours, theirs, "move") if by_values else judging.parting_of_steps(ours, theirs)
        )
        return _different(blank, apart, parting)
    found = judging.learning(ours, theirs, "steady" if by_values else "gradient")
    blank = replace(blank, deviation=apart, learning=found)
    if judging.learns_alike(found):
        return replace(blank, outcome="same")
    if not found.kept:
        reason = (
            "it answers alike, but nothing in it can be trained: its weights have become constants. To train there, "
            "write the model anew and carry its weights over"
        )
    elif found.kept < found.weights:
        lost = found.weights - found.kept
        reason = (
            f"it answers alike, but of its {found.weights} weights {lost} can't be trained any more: they have become "
            "constants, or parts of others"
        )
    else:
        reason = f"it answers alike, but learns otherwise: the gradient of {found.worst} differs"
    return replace(blank, outcome="answers only", reason=reason)


def _different(blank: RehearsedWay, apart: float, parting: Parting) -> RehearsedWay:
    where = {"export": "the exported file", "move": "what came out", "model": "the model"}[parting.stage]
    return replace(
        blank, outcome="different", reason=f"{where} answers otherwise than the model",
        deviation=apart if apart < float("inf") else None, parting=parting,
    )  # fmt: skip


def _refused(blank: RehearsedWay, stage: RehearsalStage, reply: Mapping[str, Any]) -> RehearsedWay:
    failure = RehearsalFailure(stage, **reply["failed"])
    return replace(blank, outcome="refused", reason=failure.reason, failure=failure)


def _read(file: Path, reply: Mapping[str, Any]) -> Recording:
    import numpy as np

    with np.load(file) as found:
        arrays = dict(found)
    file.unlink()
    return Recording(tuple(reply["titles"]), arrays)
