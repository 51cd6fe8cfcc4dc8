"""A whole run over routes: train, export, play, and say what came out. Imports no framework; blocks until the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from probes import catalog
from probes.contracts import UnsupportedError
from probes.deploy import catalog as routes
from probes.deploy import group, store
from probes.deploy.launch import RouteChildren, RuntimeLauncher
from probes.deploy.schema import Exported, Reference, RouteRecord, RoutesProgress, RoutesRequest, RoutesRun, Way
from probes.deploy.workshop import Workshop
from probes.engine.planning import memory_estimate
from probes.engine.running import strays
from probes.engine.running.child import CancelledError, ChildError
from probes.engine.running.interpreters import SidePythons, told
from probes.engine.running.lock import Lock, machine_lock
from probes.engine.watching import machine
from probes.schema import ModelSpec, Outcome, RunRequest, RunSetup
from probes.system.scratch import scratch_folder
from probes.tracks import unwritten

MOST_PASSES = 200
_EXPORTING = 0.6  # share of a model's time until all is exported, about
_NOT_REACHED = "The run was cancelled before this was done."


def validate(request: RoutesRequest) -> None:
    """Raise ValueError naming field, value and allowed values if the request can't be planned."""
    if not request.models:
        raise ValueError(f"models: none given; allowed: {', '.join(catalog.modules())}")
    if request.model_file is not None:
        catalog.adopt(request.model_file)
    for model in request.models:
        if model not in catalog.modules() and (request.model_file is None or model != request.model_file.id):
            raise ValueError(f"models: {model!r} doesn't exist; allowed: {', '.join(catalog.modules())}")
    for way in request.ways:
        routes.find(way)
    if not 1 <= request.passes <= MOST_PASSES:
        raise ValueError(f"passes: {request.passes!r}; allowed: 1 to {MOST_PASSES}")
    alike = RunRequest(device="cpu", threads=request.threads, seed=request.seed, sizes=request.sizes)
    memory_estimate.validate(RunSetup(alike), machine.read().memory_bytes)


def run(
    request: RoutesRequest,
    *,
    on_progress: Callable[[RoutesProgress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    launcher: RuntimeLauncher | None = None,
    pythons: SidePythons = catalog.NONE,
    lock: Lock = machine_lock,
    model_path: Path | None = None,
    data_path: Path | None = None,
) -> RoutesRun:
    """Try what ``request`` asks for. A cancelled run returns what it has. Raises ValueError for a bad request.

    ``model_path``, ``data_path``: where the request's model file lies and the data that it takes, if it has them;
    ``pythons``: the interpreters of its sides.
    """
    validate(request)
    runner = _RoutesRunner(replace(request, interpreters=told(pythons)), on_progress, model_path, data_path)
    try:
        with (
            lock(waiting=lambda: runner.tell("Waiting: another run has this machine", 0.0), cancelled=cancelled),
            scratch_folder() as scratch,
            strays.ended(scratch if model_path else ""),
        ):
            store.tidy()
            runner.begin()
            surroundings = RouteChildren(request.threads, scratch, cancelled, launcher, pythons)
            for model in request.models:
                runner.try_all(surroundings, model)
    except CancelledError:
        pass
    return runner.result()


class _RoutesRunner:
    """The records so far. Every way of every model has one from the start, so that none is lost on any way out."""

    def __init__(
        self,
        request: RoutesRequest,
        on_progress: Callable[[RoutesProgress], None],
        model_path: Path | None,
        data_path: Path | None,
    ) -> None:
        self._request, self._on_progress, self._model_path = request, on_progress, model_path
        self._data_path = data_path
        self._ways = tuple(routes.find(name) for name in request.ways) or routes.ways()
        self._records = {
            (model, way.id): RouteRecord(way, model, Outcome.CANCELLED, _NOT_REACHED)
            for model in request.models
            for way in self._ways
        }
        self._references: list[Reference] = []
        self._groups = self._models_done = 0
        self.begin()

    def begin(self) -> None:
        """The run starts when it has the machine."""
        self._started_at, self._start = datetime.now(UTC), time.monotonic()

    def tell(self, message: str, share: float) -> None:
        """Progress: ``share`` of the present model is done."""
        fraction = (self._models_done + share) / len(self._request.models)
        so_far = tuple(self._records.values()), tuple(self._references)
        self._on_progress(RoutesProgress(message, min(1.0, fraction), *so_far))

    def try_all(self, surroundings: RouteChildren, model: str) -> None:
        spec: ModelSpec = catalog.model(model).SPEC
        sizes = spec.sized(self._request.sizes)
        path = self._model_path.absolute() if spec.own and self._model_path else None
        workshop = Workshop(surroundings, model, sizes, self._request.seed, path, self._data_path)
        try:
            seats = self._exported(workshop, model, sizes, surroundings.pythons)
            if any(record.exported for record in self._records.values() if record.model == model):
                self._references.append(workshop.reference())
        finally:
            workshop.close()
        self._play(surroundings, model, seats)
        self._models_done += 1

    def result(self) -> RoutesRun:
        return RoutesRun(
            machine=machine.seen_by(self._request.interpreters),
            request=self._request,
            references=tuple(self._references),
            records=tuple(self._records.values()),
            started_at=self._started_at.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._start, 3),
        )

    def _exported(
        self, workshop: Workshop, model: str, sizes: dict[str, int], pythons: SidePythons
    ) -> list[group.Seat]:
        seats = []
        for index, way in enumerate(self._ways):
            self.tell(
                f"{model}: exporting {way.title} ({index + 1} of {len(self._ways)})",
                _EXPORTING * index / len(self._ways),
            )
            if reason := routes.why_not(way, pythons) or unwritten(catalog.model(model), way.framework):
                self._keep(model, way, Outcome.UNSUPPORTED, reason)
                continue
            try:
                source = workshop.answers(way.framework)
                folder, exported = workshop.export(way)
            except ChildError as error:
                self._keep(model, way, error.outcome, error.reason)
            except UnsupportedError as error:
                self._keep(model, way, Outcome.UNSUPPORTED, str(error))
            except OSError as error:
                self._keep(model, way, Outcome.FAILED, f"What was exported could not be kept: {error}")
            else:
                outcome, reason = (Outcome.OK, "") if way.elsewhere else (Outcome.CANCELLED, _NOT_REACHED)
                self._keep(model, way, outcome, reason, exported)
                if not way.elsewhere:
                    network = workshop.network(way.framework)
                    seats.append(
                        group.Seat(way, folder, model, sizes, network.data, source, network.own, network.scored)
                    )
        return seats

    def _play(self, surroundings: RouteChildren, model: str, seats: Sequence[group.Seat]) -> None:
        size = group.capacity()
        for first in range(0, len(seats), size):
            members, self._groups = seats[first : first + size], self._groups + 1
            base, part = _EXPORTING + (1 - _EXPORTING) * first / len(seats), len(members) / len(seats)

            def tell(message: str, share: float, base: float = base, part: float = part) -> None:
                self.tell(f"{model}: {message}", base + (1 - _EXPORTING) * part * share)

            try:
                group.play(surroundings, members, passes=self._request.passes, seed=self._request.seed, tell=tell)
            except CancelledError:
                for seat in members:
                    if seat.outcome == Outcome.OK:
                        seat.end(Outcome.CANCELLED, _NOT_REACHED)
                raise
            finally:
                for seat in members:
                    before = self._records[model, seat.way.id]
                    self._records[model, seat.way.id] = replace(
                        before, outcome=seat.outcome, reason=seat.reason, played=seat.played(), group=self._groups
                    )

    def _keep(self, model: str, way: Way, outcome: Outcome, reason: str, exported: Exported | None = None) -> None:
        self._records[model, way.id] = RouteRecord(way, model, outcome, reason, exported)
