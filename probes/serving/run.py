"""A whole run over servers: train, export, then one server after the other. Imports no framework; blocks to the end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from probes import catalog
from probes.contracts import UnsupportedError
from probes.deploy import catalog as routes
from probes.deploy import side_pythons, store
from probes.deploy.launch import RouteChildren
from probes.deploy.workshop import Network, Workshop
from probes.engine.planning import memory_estimate, validation
from probes.engine.running import strays
from probes.engine.running.child import CancelledError, ChildError
from probes.engine.running.interpreters import SidePythons, told
from probes.engine.running.lock import Lock, machine_lock
from probes.engine.watching import machine
from probes.model_file import templates
from probes.schema import ModelSpec, Outcome, RunRequest, RunSetup
from probes.serving import catalog as servers
from probes.serving import clocks, tensorflow_serving
from probes.serving.measure import Measuring, Model
from probes.serving.schema import ServerSpec, ServingProgress, ServingRecord, ServingRequest, ServingRun, Trace
from probes.serving.wire import predict
from probes.system.scratch import scratch_folder
from probes.tracks import unwritten

LOWEST_LIMIT_MS, HIGHEST_LIMIT_MS = 1.0, 10_000.0
FEWEST_SECONDS = 10.0
_NOT_REACHED = "The run was cancelled before this was done."


def validate(request: ServingRequest) -> None:
    """Raise ValueError naming field, value and allowed values if the request can't be planned."""
    if request.model_file is not None:
        catalog.adopt(request.model_file)
    if request.model not in catalog.modules() and (
        request.model_file is None or request.model != request.model_file.id
    ):
        raise ValueError(f"model: {request.model!r} doesn't exist; allowed: {', '.join(catalog.modules())}")
    for name in request.servers:
        if name not in servers.modules():
            raise ValueError(f"servers: {name!r} doesn't exist; allowed: {', '.join(servers.modules())}")
    validation.check_range("limit_ms", request.limit_ms, LOWEST_LIMIT_MS, HIGHEST_LIMIT_MS)
    validation.check_range("seconds", request.seconds, FEWEST_SECONDS, clocks.MOST_SECONDS)
    if request.trace is not None:
        _look_at_trace(request.trace, request.seconds)
    for option in ("tensorflow_serving", "tensorflow_serving_grpc"):
        if address := getattr(request, option):
            tensorflow_serving.look_at(option, address)
    alike = RunRequest(device="cpu", threads=request.threads, seed=request.seed, sizes=request.sizes)
    memory_estimate.validate(RunSetup(alike), machine.read().memory_bytes)


def run(
    request: ServingRequest,
    *,
    on_progress: Callable[[ServingProgress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    lock: Lock = machine_lock,
    model_path: Path | None = None,
    pythons: SidePythons = catalog.NONE,
    trace_path: Path | None = None,
) -> ServingRun:
    """Try what ``request`` asks for. A cancelled run returns what it has. Raises ValueError for a bad request.

    ``model_path``, ``trace_path``: where the request's model file and its trace lie, if it has them; ``pythons``: the
    interpreters of its sides.
    """
    validate(request)
    request = replace(request, interpreters=told(pythons))
    runner = _ServingRunner(request, on_progress, cancelled, model_path, trace_path, pythons)
    try:
        with (
            lock(waiting=lambda: runner.tell("Waiting: another run has this machine"), cancelled=cancelled),
            scratch_folder() as scratch,
            strays.ended(scratch if model_path else ""),
        ):
            runner.begin()
            runner.try_all(scratch)
    except CancelledError:
        pass
    return runner.result()


class _ServingRunner:
    """The records so far. Every server has one from the start, so that none is lost on any way out."""

    def __init__(
        self,
        request: ServingRequest,
        on_progress: Callable[[ServingProgress], None],
        cancelled: Callable[[], bool],
        model_path: Path | None,
        trace_path: Path | None,
        pythons: SidePythons,
    ) -> None:
        self._request, self._on_progress, self._cancelled = request, on_progress, cancelled
        self._model_path, self._trace_path, self._pythons = model_path, trace_path, pythons
        self._specs = tuple(spec for spec in servers.servers() if not request.servers or spec.id in request.servers)
        self._records = {
            spec.id: ServingRecord(spec, request.model, Outcome.CANCELLED, _NOT_REACHED) for spec in self._specs
        }
        self._done = 0
        self.begin()

    def begin(self) -> None:
        """The run starts when it has the machine."""
        self._started_at, self._start = datetime.now(UTC), time.monotonic()

    def tell(self, message: str) -> None:
        """Progress by servers that are done."""
        fraction = self._done / max(1, len(self._specs))
        self._on_progress(ServingProgress(message, fraction, tuple(self._records.values())))

    def try_all(self, scratch: str) -> None:
        """Export first: while a server is clocked, nothing else runs."""
        for spec, model in self._exported(scratch):
            measuring = Measuring(
                servers.modules()[spec.id],
                model,
                self._request,
                cancelled=self._cancelled,
                tell=self.tell,
                python=side_pythons.standing_in(spec.framework, spec.environment, self._pythons),
                trace_path=self._trace_path,
                added=side_pythons.added(spec.framework, spec.environment, self._pythons),
            )
            try:
                measuring.run()
            finally:
                self._records[spec.id] = measuring.record
            self._done += 1

    def result(self) -> ServingRun:
        return ServingRun(
            machine=machine.seen_by(self._request.interpreters),
            request=self._request,
            records=tuple(self._records.values()),
            started_at=self._started_at.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._start, 3),
        )

    def _exported(self, scratch: str) -> list[tuple[ServerSpec, Model]]:
        """The artefact of every server that can be tried."""
        store.tidy()
        spec: ModelSpec = catalog.model(self._request.model).SPEC
        sizes = spec.sized(self._request.sizes)
        surroundings = RouteChildren(self._request.threads, scratch, self._cancelled, pythons=self._pythons)
        path = self._model_path.absolute() if spec.own and self._model_path else None
        workshop = Workshop(surroundings, self._request.model, sizes, self._request.seed, path)
        try:
            exported = [(spec, self._export(workshop, spec, sizes)) for spec in self._specs]
        finally:
            workshop.close()
        return [(spec, model) for spec, model in exported if model is not None]

    def _export(self, workshop: Workshop, spec: ServerSpec, sizes: dict[str, int]) -> Model | None:
        module = catalog.model(self._request.model)
        if lacking := servers.lacking(spec, self._pythons) or unwritten(module, spec.framework):
            self._end(spec, Outcome.UNSUPPORTED, lacking)
            return None
        self.tell(f"{spec.title}: exporting {self._request.model}")
        try:
            source = workshop.answers(spec.framework)
            network = workshop.network(spec.framework)
            if reason := not_spoken(spec, network):
                raise UnsupportedError(reason)
            folder, _ = workshop.export(routes.find(spec.way))
        except ChildError as error:
            self._end(spec, error.outcome, error.reason)
        except UnsupportedError as error:
            self._end(spec, Outcome.UNSUPPORTED, str(error))
        except OSError as error:
            self._end(spec, Outcome.FAILED, f"What was exported could not be kept: {error}")
        else:
            # The line that starts a server of the user's own names the very model that would be asked.
            if not (advice := servers.advice(spec, self._request, folder)):
                return Model(self._request.model, sizes, folder, network.data, source, network.own)
            self._end(spec, Outcome.UNSUPPORTED, advice)
        return None

    def _end(self, spec: ServerSpec, outcome: Outcome, reason: str) -> None:
        self._records[spec.id] = ServingRecord(spec, self._request.model, outcome, reason)


def _look_at_trace(trace: Trace, seconds: float) -> None:
    """Raises ValueError where so few requests come in the time for them that they say nothing."""
    if trace.fewest_seconds > (left := clocks.trace_seconds(seconds)):
        needed = math.ceil(trace.fewest_seconds / clocks.TRACE_SHARE)
        most = (
            f"{needed} or more"
            if needed <= clocks.MOST_SECONDS
            else f"a trace that is busier: {needed} would be too long"
        )
        raise ValueError(
            f"seconds: {seconds:g}, of which {left:.0f} are for {trace.name}, whose first requests take "
            f"{trace.fewest_seconds:.0f}; allowed: {most}"
        )


def not_spoken(spec: ServerSpec, network: Network) -> str:
    """What of a model the protocol that is spoken with a server can't carry; "" if it carries it."""
    dtypes = [dtype for _, dtype in templates.specs(network.own["template"])] if network.own else []
    return f"{spec.title}: {reason}" if spec.protocol == "grpc" and (reason := predict.not_sent(dtypes)) else ""
