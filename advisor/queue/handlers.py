"""One job, from its claim to its end: what each kind of work calls, and how its progress is written down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from advisor.ports import LostError, MachineLostError, Services, Store, StoreUnavailableError
from advisor.queue.joining import joined
from advisor.queue.kinds import (
    CHECK,
    DATA,
    DESCRIBE,
    ENVIRONMENT,
    KIT,
    MEASURE,
    REHEARSE,
    ROUNDING,
    ROUTES,
    SCAN,
    SERVING,
    SWEPT,
    CheckRequest,
    DataRequest,
    DescribeRequest,
    EnvironmentRequest,
    RehearseRequest,
    ScanRequest,
)
from advisor.records import Job, JobStatus
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun
from probes.in_browser.schema import KitRequest
from probes.results import Progress, Round, RunResult
from probes.schema import Outcome, RunRequest
from probes.serving.schema import ServingProgress, ServingRequest, ServingRun
from probes.system.plaintext import visible

log = logging.getLogger("fulcrum.executor")

LOOK_SECONDS: Final = 0.5  # between looks for a wish to cancel; it is asked for many times a second


@dataclass
class JobContext:
    """A job's doors: what it says, what it keeps, and whether it should stop."""

    services: Services
    job: Job[Any, Any]
    stopping: Callable[[], bool]
    cancelled_by_hand: bool = False
    _untold: tuple[str, float, int] | None = None
    _so_far: Callable[[], Any] | None = None
    _told_at: float = field(default=float("-inf"))
    _kept_at: float = field(default=float("-inf"))
    _looked_at: float = field(default=float("-inf"))
    _lost: bool = False

    def tell(
        self, message: str, fraction: float, result: Callable[[], Any] | None = None, planned_rounds: int = 0
    ) -> None:
        """What it does now; ``result`` makes what there is so far, and is called only when that is written."""
        self._untold = message, min(1.0, max(0.0, fraction)), planned_rounds
        self._so_far = result or self._so_far
        self._tell_when_due()

    def keep_round(self, round_: Round) -> None:
        """Whatever happens next, it was measured. Raises ``StoreUnavailableError``: the next executor goes on after the
        last one that could be kept."""
        with self._unless_lost():
            self.services.store.keep_round(self.job.id, round_)

    def cancelled(self) -> bool:
        """Somebody pressed Cancel, Fulcrum is being shut down, or the job was taken away."""
        self._tell_when_due()
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            with self._unless_lost(), self._dispensable():
                self.cancelled_by_hand = self.services.store.cancel_requested(self.job.id)
        return self._lost or self.cancelled_by_hand or self.stopping()

    def _tell_when_due(self) -> None:
        """What came too soon after the last write is written at a later look, so that no last word is lost."""
        now = time.monotonic()
        if self._untold is None or now - self._told_at < self.job.kind.words_every:
            return
        (message, fraction, planned), self._untold, self._told_at = self._untold, None, now
        result = None
        if self._so_far is not None and now - self._kept_at >= self.job.kind.result_every:
            result, self._so_far, self._kept_at = self._so_far(), None, now
        with self._unless_lost(), self._dispensable():
            self.services.store.tell(self.job.id, message, fraction, result=result, planned_rounds=planned)

    @contextmanager
    def _unless_lost(self) -> Iterator[None]:
        """What was taken away is ended as if it were cancelled: in good order, with nothing left over."""
        try:
            yield
        except LostError:
            self._lost = True

    @contextmanager
    def _dispensable(self) -> Iterator[None]:
        """A word of progress or a look for Cancel that fails is no reason to lose a job: the next comes soon."""
        try:
            yield
        except StoreUnavailableError as error:
            log.warning("job %s: goes on, although %s", self.job.id, error)


#: What there is in the end, and whether it was cut off before it was whole.
End = tuple[Any, bool]


def _measure(work: JobContext, _: RunRequest) -> End:
    services, setup = work.services, joined(work.services, work.job)

    def told(progress: Progress) -> None:
        def so_far() -> RunResult:
            return RunResult(
                services.runner.machine(setup.request.machine),
                setup.request,
                progress.results,
                planned_rounds=progress.rounds,
                calibration=setup.calibration,
                priority=setup.priority,
                schedule=setup.schedule,
            )

        work.tell(progress.message, progress.fraction, so_far if progress.results else None, progress.rounds)

    result = services.runner.run(
        setup,
        done=services.store.rounds(work.job.id),
        on_round=work.keep_round,
        on_progress=told,
        cancelled=work.cancelled,
    )
    return result, any(row.outcome is Outcome.CANCELLED for row in result.results)


def _check(work: JobContext, request: CheckRequest) -> End:
    result = work.services.runner.check(
        request.form, request.device, tell=work.tell, cancelled=work.cancelled, machine=request.machine
    )
    return result, result is None


def _routes(work: JobContext, request: RoutesRequest) -> End:
    services = work.services

    def told(progress: RoutesProgress) -> None:
        so_far = partial(
            RoutesRun, services.runner.machine(request.machine), request, progress.references, progress.records
        )
        work.tell(progress.message, progress.fraction, so_far if progress.records else None)

    result = services.deployment.routes(request, on_progress=told, cancelled=work.cancelled)
    return result, result is None or any(record.outcome is Outcome.CANCELLED for record in result.records)


def _serving(work: JobContext, request: ServingRequest) -> End:
    services = work.services

    def told(progress: ServingProgress) -> None:
        so_far = partial(ServingRun, services.runner.machine(request.machine), request, progress.records)
        work.tell(progress.message, progress.fraction, so_far if progress.records else None)

    result = services.deployment.serve(request, on_progress=told, cancelled=work.cancelled)
    return result, result is None or any(record.outcome is Outcome.CANCELLED for record in result.records)


def _environment(work: JobContext, request: EnvironmentRequest) -> End:
    made = work.services.deployment.create_runtime(request.runtime, tell=work.tell, cancelled=work.cancelled)
    return None, not made


def _describe(work: JobContext, request: DescribeRequest) -> End:
    found = work.services.own_models.describe(request.name, request.sha256, tell=work.tell, cancelled=work.cancelled)
    return found, found is None


def _rehearse(work: JobContext, request: RehearseRequest) -> End:
    found = work.services.own_models.rehearse(request.name, request.sha256, tell=work.tell, cancelled=work.cancelled)
    return found, found is None


def _data(work: JobContext, request: DataRequest) -> End:
    found = work.services.own_data.look(request.name, request.label, tell=work.tell, cancelled=work.cancelled)
    return found, found is None


def _kit(work: JobContext, request: KitRequest) -> End:
    made = work.services.deployment.browser_kit(request, tell=work.tell, cancelled=work.cancelled)
    return made, made is None


def _scan(work: JobContext, request: ScanRequest) -> End:
    """An upload is gone as soon as it was read, whatever came of that, and with it what nobody waits for any more."""
    code = work.services.code
    try:
        found = code.scan(request.source, request.place, request.title, tell=work.tell, cancelled=work.cancelled)
    finally:
        if request.source != "folder":
            code.discard(request.place)
        code.tidy(_uploads(work.services.store))
    return found, found is None


def _uploads(store: Store) -> frozenset[str]:
    """What scans that wait or are under way will read."""
    jobs = (store.job(entry.id) for entry in store.queue() if entry.kind == SCAN.name)
    return frozenset(job.request.place for job in jobs if job is not None)


HANDLERS: Final[Mapping[str, Callable[[JobContext, Any], End]]] = {
    MEASURE.name: _measure,
    SWEPT.name: _measure,
    CHECK.name: _check,
    ROUTES.name: _routes,
    SERVING.name: _serving,
    ENVIRONMENT.name: _environment,
    DESCRIBE.name: _describe,
    REHEARSE.name: _rehearse,
    DATA.name: _data,
    ROUNDING.name: _routes,
    KIT.name: _kit,
    SCAN.name: _scan,
}


def run_job(services: Services, job: Job[Any, Any], stopping: Callable[[], bool]) -> None:
    """Do it, and write the end of it. Every way out leaves a stated status in the store, unless the job was taken away
    (another executor's, or deleted with its decision) or the store can't be used: ``StoreUnavailableError``."""
    log.info("%s %s: started, attempt %d", job.kind.name, job.id, job.attempts)
    begun = time.monotonic()
    try:
        status = _do(services, job, stopping)
    except LostError as lost:
        log.warning("%s %s: dropped: %s", job.kind.name, job.id, lost)
    else:
        log.info("%s %s: over, %s after %.0f s", job.kind.name, job.id, status, time.monotonic() - begun)


def _do(services: Services, job: Job[Any, Any], stopping: Callable[[], bool]) -> JobStatus:
    """Raises LostError at the end of a job that was taken away."""
    work = JobContext(services, job, stopping)
    status: JobStatus = "done"
    reason = ""
    try:
        result, cut_off = HANDLERS[job.kind.name](work, job.request)
        if cut_off and job.kind.resumable and not work.cancelled_by_hand:
            status, reason = "interrupted", "Fulcrum was shut down during the run; the finished rounds are kept"
        elif cut_off:
            status, reason = "cancelled", "Cancelled; what there was is kept"
        services.store.finish(job.id, status, reason=reason, result=result)
    except (StoreUnavailableError, LostError):
        raise
    except MachineLostError as error:
        log.warning("%s %s interrupted: %s", job.kind.name, job.id, error)
        status, reason = "interrupted", visible(str(error))
        if not (job.kind == SWEPT and services.store.pass_on(job.id, reason, error.result)):
            services.store.finish(job.id, status, reason=reason, result=error.result)
    except Exception as error:  # whatever it is, somebody waits for an answer; a result that can't be kept is among it
        log.exception("%s %s failed", job.kind.name, job.id)
        # A refusal is written for people; of anything else its kind helps to find it.
        refused = isinstance(error, ValueError | RuntimeError) and str(error)
        status, reason = "failed", str(error) if refused else f"{type(error).__name__}: {error}"
        services.store.finish(job.id, status, reason=visible(reason))  # names of files are bytes: no database takes all
    return status
