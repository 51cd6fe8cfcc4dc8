"""The child that rehearses: ``python -m probes.rehearsal.worker ROLE PARENT_PID``. One process runs the model where it
is, another one where it might go."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from probes.deploy import batches, exporter, keras_model, ort
from probes.deploy.own_half import OwnHalf
from probes.engine.child import command_loop
from probes.engine.child.command_loop import Reply
from probes.model_file import keras_subject
from probes.rehearsal import converters, failing, recording
from probes.rehearsal.executed import Executed
from probes.rehearsal.without_tensorflow import Bent, without_tensorflow
from probes.schema import Framework
from probes.system.installed import version_of

COMMANDS = (*exporter.COMMANDS, "record", "to_onnx", "on_backend", "from_onnx")
_ONNX_ROUTES: Final[Mapping[Framework, str]] = {
    "pytorch": "pytorch_onnxruntime",
    "tensorflow": "tensorflow_onnxruntime",
}


class RehearsalWorker(exporter.Exporter):
    """One side. ``record`` tells of the model where it is; the others of where it goes, or which call failed there."""

    def __init__(self) -> None:
        super().__init__()
        self._executed = Executed(Path())

    def own(self, path: str, sha256: str, data: Mapping[str, Any] | None = None) -> Reply:
        """As an exporter's; what runs of the file's folder is noted from here on."""
        self._executed = Executed(Path(path).parent)
        with self._executed.noting():
            return super().own(path, sha256, data)

    def train(self, model: str, sizes: Mapping[str, int], seed: int, folder: str) -> Reply:
        """As an exporter's."""
        with self._executed.noting():
            return super().train(model, sizes, seed, folder)

    def source(self, model: str, sizes: Mapping[str, int], folder: str, score: bool = False) -> Reply:
        """As an exporter's, with layers named as the file's author reads them, whatever was built before."""
        if self._framework == "tensorflow":
            keras_subject.fresh_names()
        return super().source(model, sizes, folder, score)

    def record(self, folder: str, file: str, seed: int) -> Reply:
        """What the network of ``source`` gives, into ``file``."""
        if self._source is None:
            raise RuntimeError("no network was built")
        of = recording.of_torch if self._framework == "pytorch" else recording.of_keras
        with self._explained(), self._executed.noting():
            told = of(self._source.network, _asked(folder), seed).keep(Path(file))
        return told | {"ran": [asdict(one) for one in self._executed.files()]}

    def to_onnx(self, folder: str, onnx: str, file: str) -> Reply:
        """Export the network of ``source`` into the folder ``onnx``; what its values are there, into ``file``."""
        with self._placed(self._path) as reply:
            told = self.export(_ONNX_ROUTES[self._framework], "float32", onnx)
            reply |= recording.of_onnx(Path(onnx) / ort.FILE, _asked(folder)).keep(Path(file))
            reply |= {"warnings": told["warnings"]}
        return reply

    def on_backend(
        self, path: str, sha256: str, look: Mapping[str, Any], folder: str, file: str, seed: int, modules: list[str]
    ) -> Reply:
        """The file's Keras code on the backend that ``KERAS_BACKEND`` names, with the weights in ``folder``.
        ``look``: ``template`` and ``plain`` of an ``OwnHalf``."""
        with without_tensorflow(Path(path).parent) as bent, self._placed(Path(path), bent) as reply:
            reply |= {"adapted": bent.adapted, "versions": _versions(modules)}
            keras_subject.fresh_names()
            half = OwnHalf(path, sha256, look["template"], look["plain"])
            model = half.network("tensorflow")
            keras_model.restore(model, Path(folder))
            reply |= recording.of_keras(model, _asked(folder), seed).keep(Path(file))
        return reply

    def from_onnx(self, path: str, way: str, onnx: str, folder: str, file: str, seed: int, modules: list[str]) -> Reply:
        """What a converter makes of the file in the folder ``onnx``."""
        with self._placed(Path(path)) as reply:
            reply |= {"versions": _versions(modules)}
            reply |= converters.BY_WAY[way](Path(onnx) / ort.FILE, _asked(folder), seed).keep(Path(file))
        return reply

    @contextmanager
    def _placed(self, path: Path, bent: Bent | None = None) -> Iterator[dict[str, Any]]:
        """A reply that tells under ``failed`` which call failed in here, and where. That memory ran out is
        another outcome."""
        reply: dict[str, Any] = {}
        try:
            yield reply
        except Exception as error:
            if self.is_out_of_memory(error):
                raise
            traceback.print_exc()
            reply["failed"] = failing.told(error, path, bent.gone if bent else "")


def _asked(folder: str) -> batches.Leaves:
    return batches.rows(batches.read(Path(folder) / batches.FILE), 0, recording.BATCH)


def _versions(modules: list[str]) -> dict[str, str]:
    return {name: version for name in modules if (version := version_of(name))}


if __name__ == "__main__":
    command_loop.serve(int(sys.argv[2]), COMMANDS, RehearsalWorker)
