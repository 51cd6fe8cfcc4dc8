"""One network's way to its artefacts: trained once, built in each framework, exported by every way. Kept by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from probes import catalog
from probes.deploy import catalog as routes
from probes.deploy import environments, exporter, scoring, side_pythons, store, summary, task
from probes.deploy.launch import RouteChildren
from probes.deploy.schema import Exported, Logits, Reference, Way
from probes.engine.running.child import Child, ChildError
from probes.engine.running.interpreters import SidePythons, told
from probes.engine.watching import machine
from probes.schema import FRAMEWORKS, Framework, Outcome
from probes.system.installed import version_of
from probes.team_data import looking
from probes.team_files import ModelFile

LOAD_LIMIT, TRAIN_LIMIT, SOURCE_LIMIT, EXPORT_LIMIT = 120.0, 600.0, 180.0, 300.0  # seconds


@dataclass(frozen=True, slots=True)
class Network:
    """A trained network as it lies on the disk."""

    folder: Path  # with ``exporter.WEIGHTS`` and ``exporter.DATA``
    name: str  # its content's
    trained_by: Framework
    task: str
    labels: tuple[int, ...]
    classes: bool = True  # whether it answers with classes' scores
    own: Mapping[str, Any] | None = None  # of a team's own model: ``OwnHalf``'s fields, for the children that need it

    @property
    def data(self) -> Path:
        """The file with the inputs that every way answers."""
        return self.folder / exporter.DATA

    @property
    def scored(self) -> Path | None:
        """The file with a team's labelled samples, if there is one."""
        file = self.folder / scoring.FILE
        return file if file.exists() else None


class Workshop:
    """Of one network. Children with a framework start when they are needed, one for each place that ways export in."""

    def __init__(
        self, surroundings: RouteChildren, model: str, sizes: Mapping[str, int], seed: int, path: Path | None = None,
        data_path: Path | None = None,
    ) -> None:  # fmt: skip
        """``path``, ``data_path``: where the file of a team's own model lies, and the data that it takes."""
        self._with, self._model, self._sizes, self._seed, self._path = surroundings, model, dict(sizes), seed, path
        self._data_path = data_path
        self._right: dict[Framework, tuple[int, int]] = {}  # of a team's labelled samples, and how many these are
        self._children: dict[tuple[Framework, str], Child] = {}
        self._answers: dict[Framework, Logits] = {}
        self._network: Network | None = None
        self._own: dict[Framework, Network] = {}
        self._refused: dict[Framework, ChildError] = {}
        self._told = told(surroundings.pythons)

    def close(self) -> None:
        while self._children:
            self._children.popitem()[1].close()

    def network(self, side: Framework) -> Network:
        """Trained by PyTorch, or by TensorFlow where there is no PyTorch; a team's own has its own weights on either
        ``side``. Raises ChildError, CancelledError."""
        if self._path is not None:
            return self._own_network(side, self._path)
        if self._network is None:
            framework = next(
                (side for side in FRAMEWORKS if not catalog.not_installed(side, self._told)), FRAMEWORKS[0]
            )
            name = store.key(kind="network", **self._content(), by=framework, task=store.code(task))
            folder, made = store.find(name) or store.make(name, lambda part: self._train(framework, part))
            self._network = Network(folder, name, framework, made["task"], tuple(made["labels"]))
        return self._network

    def reference(self) -> Reference:
        """What the network answers by itself, in each framework that was asked so far."""
        network = self._network
        return Reference(
            model=self._model,
            sizes=self._sizes,
            trained_by=network.trained_by if network and network.task else None,
            task=network.task if network else "",
            labels=network.labels if network else (),
            answers=dict(self._answers),
            classes=self._path is None or all(network.classes for network in self._own.values()),
            scored=max((scored for _, scored in self._right.values()), default=0),
            right={side: right for side, (right, _) in self._right.items()},
        )

    def answers(self, framework: Framework) -> Logits:
        """What the network answers in its framework. Raises ChildError, CancelledError.

        A network that couldn't be made is not made once more for the next way.
        """
        if framework in self._refused:
            raise self._refused[framework]
        if framework not in self._answers:
            try:
                self._answers[framework] = self._asked(framework)
            except ChildError as error:
                self._close(framework, "")
                self._refused[framework] = error
                raise
        return self._answers[framework]

    def _asked(self, framework: Framework) -> Logits:
        name = store.key(kind="answers", network=self.network(framework).name, framework=framework, **self._content())
        entry = store.find(name) or store.make(
            name, lambda _: self._source(self._loaded(framework, ""), framework, score=True)["answers"]
        )
        told = dict(entry[1])
        if "scored" in told:
            self._right[framework] = told.pop("right"), told.pop("scored")
        return summary.told(told)

    def export(self, way: Way) -> tuple[Path, Exported]:
        """The artefact's folder, and how it came to be; made only if there is none of the same content.

        Raises ChildError, CancelledError, UnsupportedError.
        """
        spec = routes.spec(way)
        name = store.key(
            kind="artefact", network=self.network(way.framework).name, way=way.id, **self._content(),
            code=store.code(routes.modules()[way.route]), threads=self._with.threads, **_tools(way, self._with.pythons),
        )  # fmt: skip
        kept = store.find(name)
        folder, made = kept or store.make(name, lambda part: self._export(way, spec.exports_in, part))
        return folder, Exported(**{**made, "warnings": tuple(made["warnings"])}, cached=kept is not None)

    def _own_network(self, side: Framework, path: Path) -> Network:
        """Made in every run: only once it is built one knows what it is made of."""
        if side not in self._own:
            data = self._file.data
            if data is not None and (reason := looking.refusal(self._data_path, data)):
                raise ChildError(side, Outcome.FAILED, reason, dead=False)
            folder = Path(self._with.scratch) / f"own-{side}"
            folder.mkdir()
            made = self._train(side, folder)
            name = store.key(kind="network", **self._content(), by=side, code=made["code"])
            own = {"path": str(path), "sha256": self._file.sha256, "template": made["template"], "plain": made["plain"]}
            self._own[side] = Network(folder, name, side, "", (), made["classes"], own)
        return self._own[side]

    @property
    def _file(self) -> ModelFile:
        file: ModelFile = catalog.model(self._model).FILE
        return file

    def _content(self) -> dict[str, Any]:
        code = store.own_code() if self._path is not None else store.code(catalog.modules()[self._model])
        return {
            "model": self._model, "sizes": self._sizes, "seed": self._seed, "source": code,
            "versions": dict(machine.seen_by(self._told).versions),
            "interpreters": {side: python.name for side, python in self._told.items()},
        }  # fmt: skip

    def _train(self, framework: Framework, folder: Path) -> store.Json:
        child = self._loaded(framework, "")
        return child.ask(
            "train", timeout=TRAIN_LIMIT, model=self._model, sizes=self._sizes, seed=self._seed, folder=str(folder)
        )

    def _export(self, way: Way, place: str, folder: Path) -> store.Json:
        child = self._loaded(way.framework, place)
        try:
            self._source(child, way.framework)  # built anew: some converters change the network that they are given
            reply = child.ask("export", timeout=EXPORT_LIMIT, route=way.route, form=way.form, folder=str(folder))
        except ChildError as error:
            if error.dead:
                self._close(way.framework, place)
            raise
        bytes_, files = store.weigh(folder)
        if not bytes_:
            raise ChildError(
                way.framework, Outcome.FAILED, "The export reported success, but it wrote nothing.", dead=False
            )
        return {"seconds": reply["seconds"], "bytes": bytes_, "files": files, "warnings": reply["warnings"]}

    def _source(self, child: Child, framework: Framework, *, score: bool = False) -> dict[str, Any]:
        folder = str(self.network(framework).folder)
        return child.ask(
            "source", timeout=SOURCE_LIMIT, model=self._model, sizes=self._sizes, folder=folder, score=score
        )

    def _loaded(self, framework: Framework, place: str) -> Child:
        if (framework, place) not in self._children:
            child = self._with.start("export", framework, place, {})
            self._children[framework, place] = child
            try:
                child.ask("load", timeout=LOAD_LIMIT, framework=framework, threads=self._with.threads)
                if self._path is not None:
                    data, at = self._file.data, self._data_path
                    told = {"data": asdict(data), "path": str(at)} if data and at and not place else None
                    child.ask("own", timeout=LOAD_LIMIT, path=str(self._path), sha256=self._file.sha256, data=told)
            except ChildError:
                self._close(framework, place)
                raise
        return self._children[framework, place]

    def _close(self, framework: Framework, place: str) -> None:
        if (child := self._children.pop((framework, place), None)) is not None:
            child.close()


def _tools(way: Way, pythons: SidePythons) -> dict[str, Any]:
    """What an export's outcome hangs on besides the framework: converters here, pins elsewhere."""
    spec = routes.spec(way)
    names = (*spec.exports_with, *spec.packages)
    if own := side_pythons.standing_in(way.framework, spec.exports_in, pythons):
        return {"converters": dict(own.packages)}  # whichever of them it takes
    return {
        "converters": {name: version for name in names if (version := version_of(name))},
        "pins": environments.find(spec.exports_in).pins if spec.exports_in else (),
    }
