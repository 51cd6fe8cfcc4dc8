"""What a child with a framework does on command: train once, answer as the source, export."""

from __future__ import annotations

import importlib
import re
import time
import warnings
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from probes import catalog
from probes.contracts import Adapter, DataPlace, Subject, TrainingSettings
from probes.deploy import batches, own_half, summary, task
from probes.deploy.contracts import SourceModel
from probes.engine.child.command_loop import Reply, Servant
from probes.model_file.mistakes import explained
from probes.model_file.own_model import OwnModel
from probes.schema import Framework, Track
from probes.team_files import TeamData
from probes.tracks import MODES, half

COMMANDS = ("load", "own", "train", "source", "export")

WEIGHTS, DATA = "weights.npz", batches.FILE
EPOCHS, BATCH = 15, 64
_MOST_WARNINGS, _LONGEST = 8, 300
_REFUSED = "its converter can't take this model"
#: What libraries do to each other: nobody who exports has called it, or can do anything about it.
_INTERNAL = re.compile(
    r"isinstance\(treespec|__array__ implementation|(read|open)_(text|binary) is deprecated|pkg_resources|`np\.object`"
)


class Exporter(Servant):
    """One framework's child. Each of ``COMMANDS`` is a method; its keyword arguments come from the supervisor.

    Nothing is foreign: converters bring what they like, and nothing is clocked against something else here.
    """

    def __init__(self) -> None:
        self._adapter: Adapter | None = None
        self._source: SourceModel | None = None
        self._own: OwnModel | None = None

    def load(self, framework: Framework, threads: int) -> Reply:
        adapter = cast(Adapter, importlib.import_module(f"probes.frameworks.{framework}"))
        adapter.load(threads)
        adapter.use("cpu", 0)
        self._adapter, self._framework, self._threads = adapter, framework, threads
        return {}

    def own(self, path: str, sha256: str, data: Mapping[str, Any] | None = None) -> Reply:
        """From here on ``train`` and ``source`` are about the model of this file, which keeps its own weights.

        ``data``: fields of a ``DataPlace`` whose samples take the place of what the file draws.
        """
        self._path = Path(path)
        place = DataPlace(TeamData(**data["data"]), Path(data["path"])) if data else None
        with self._explained():
            self._own = own_half.loaded(self._framework, path, sha256, data=place)
        return {}

    def train(self, model: str, sizes: Mapping[str, int], seed: int, folder: str) -> Reply:
        """Weights and data into ``folder``. A network without a task keeps its random weights, a team's own has those
        that its file gives it."""
        import numpy as np

        if self._own is not None:
            if self._adapter is not None:
                self._adapter.use("cpu", seed)  # so that a file that draws its weights draws the same
            with self._explained():
                made = own_half.make(self._framework, self._own, self._path, seed, Path(folder))
            return {"task": "", "labels": [], **made}
        module = catalog.modules()[model]
        data = task.data(module, sizes, seed)
        rng = np.random.default_rng(seed)
        weights = module.weights(rng, sizes)
        if data.trainable:
            settings = TrainingSettings(cosine_steps=EPOCHS * (len(data.train_x) // BATCH))
            subject = self._build(model, sizes, weights, (data.train_x[:BATCH], data.train_y[:BATCH]), settings)
            _learn(subject, data, rng)
            weights = subject.weights()
        np.savez(Path(folder) / WEIGHTS, **weights)
        calibration = (data.train_x if data.trainable else data.asked)[: task.CALIBRATION]
        batches.keep(Path(folder) / DATA, (data.asked,), (calibration,), data.labels)
        return {"task": task.NAME if data.trainable else "", "labels": data.labels.tolist()}

    def source(self, model: str, sizes: Mapping[str, int], folder: str, score: bool = False) -> Reply:
        """Build the trained network as it is written, neither traced nor compiled; its own answers. ``score``: and how
        many of a team's labelled samples it gets right, where there are any."""
        import numpy as np

        if self._own is not None:
            with self._explained():
                self._source, answered = own_half.source(
                    self._framework, self._own, Path(folder), self._threads, score=score
                )
            return {"answers": answered}
        with np.load(Path(folder) / WEIGHTS) as kept:
            weights = dict(kept)
        (asked,), calibration = batches.read(Path(folder) / DATA), batches.read(Path(folder) / DATA, "calibration")
        inputs, settings = (asked, np.zeros(len(asked), np.int64)), TrainingSettings(dropout=0.0)
        subject = self._build(model, sizes, weights, inputs, settings, "eager")
        answers = subject.read(subject.predict())
        self._source = SourceModel(model, sizes, subject.network, (asked[:2],), calibration, self._threads)
        return {"answers": asdict(summary.pack(answers))}

    def export(self, route: str, form: str, folder: str) -> Reply:
        """Write the artefact of the built network. Of a team's own model a converter may know less than it needs: its
        words are told as a refusal, not as a fault."""
        if self._source is None:
            raise RuntimeError("no network was built")
        module = importlib.import_module(f"probes.routes.{route}")
        start = time.perf_counter()
        refusing = own_half.quoting(_REFUSED, self.is_out_of_memory) if self._own is not None else nullcontext()
        with refusing, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            module.export(self._source, Path(folder), form)
        return {"seconds": time.perf_counter() - start, "warnings": _told(caught)}

    def is_out_of_memory(self, error: BaseException) -> bool:
        known = self._adapter is not None and self._adapter.is_out_of_memory(error)
        return known or super().is_out_of_memory(error)

    def _explained(self) -> AbstractContextManager[None]:
        """Around what a team's own file does; nothing is hidden from it in here."""
        return explained(self._path, self._framework, lambda _: "", self.is_out_of_memory)

    def _build(
        self,
        model: str,
        sizes: Mapping[str, int],
        weights: Any,
        inputs: tuple[Any, Any],
        settings: TrainingSettings,
        track: Track = "default",
    ) -> Subject:
        if self._adapter is None:
            raise RuntimeError("no framework was loaded")
        return self._adapter.build(
            half(catalog.modules()[model], self._framework), weights, inputs, sizes=sizes,
            mode=MODES[track][self._framework], device="cpu", settings=settings,
        )  # fmt: skip


def _learn(subject: Subject, data: task.Data, rng: Any) -> None:
    """Epochs in equal batches, each in an order of its own."""
    for _ in range(EPOCHS):
        order = rng.permutation(len(data.train_x))
        x, labels = subject.place(data.train_x[order], data.train_y[order])
        for start in range(0, len(order) - BATCH + 1, BATCH):
            subject.train_on(x[start : start + BATCH], labels[start : start + BATCH])


def _told(caught: Iterable[warnings.WarningMessage]) -> list[str]:
    """What the export said will go or has a better successor, each once, its first lines."""
    texts: dict[str, None] = {}
    for warning in caught:
        text = " ".join(str(warning.message).split())
        if _INTERNAL.search(text):
            continue
        deprecating = issubclass(warning.category, DeprecationWarning | FutureWarning | PendingDeprecationWarning)
        if deprecating or "deprecat" in text.lower():
            texts[text[:_LONGEST]] = None
    return list(texts)[:_MOST_WARNINGS]
