"""One job, from its claim to its end: what each kind of work calls, and how its progress is written down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from advisor.ports import LostError, Services, StoreUnavailableError
from advisor.queue.kinds import CHECK, ENVIRONMENT, ROUTES, SERVING, CheckRequest, EnvironmentRequest, Job, JobStatus
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun
from probes.schema import Outcome
from probes.serving.schema import ServingProgress, ServingRequest, ServingRun

log = logging.getLogger("fulcrum.executor")

WORDS_SECONDS = 0.5  # at least so long between two writes of what a job is doing
RESULT_SECONDS = 2.0  # and between two writes of what there is so far: that may be a megabyte
LOOK_SECONDS = 0.5  # between looks for a wish to cancel; it is asked for many times a second


@dataclass
class Work:
    """A job's doors: what it says, and whether it should stop."""

    services: Services
    job: Job[Any, Any]
    stopping: Callable[[], bool]
    _said_at: float = field(default=float("-inf"))
    _kept_at: float = field(default=float("-inf"))
    _looked_at: float = field(default=float("-inf"))
    _cancel: bool = False
    _lost: bool = False

    def tell(self, message: str, fraction: float, result: Callable[[], Any] | None = None) -> None:
        """What it does now; ``result`` makes what there is so far, and is called only when that is written."""
        now = time.monotonic()
        keep = result is not None and now - self._kept_at >= RESULT_SECONDS
        if not keep and now - self._said_at < WORDS_SECONDS:
            return
        self._said_at = now
        so_far = None
        if keep and result is not None:
            self._kept_at, so_far = now, result()
        with self._unless_lost(), self._dispensable():
            self.services.jobs.tell(self.job.id, message, min(1.0, max(0.0, fraction)), so_far)

    def cancelled(self) -> bool:
        """Somebody pressed Cancel, or Fulcrum is being shut down."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            with self._unless_lost(), self._dispensable():
                self._cancel = self._lost or self.services.jobs.cancel_requested(self.job.id)
        return self._cancel or self.stopping()

    @contextmanager
    def _unless_lost(self) -> Iterator[None]:
        """What was taken away is ended as if it were cancelled: in good order, with nothing left over."""
        try:
            yield
        except LostError:
            self._cancel = self._lost = True

    @contextmanager
    def _dispensable(self) -> Iterator[None]:
        """A word of progress or a look for Cancel that fails is no reason to lose a job: the next comes soon."""
        try:
            yield
        except StoreUnavailableError as error:
            log.warning("job %s: goes on, although %s", self.job.id, error)


#: How it ended, and with what.
End = tuple[JobStatus, Any]


def _check(work: Work, request: CheckRequest) -> End:
    result = work.services.runner.check(request.form, request.device, tell=work.tell, cancelled=work.cancelled)
    return ("done", result) if result else ("cancelled", None)


def _routes(work: Work, request: RoutesRequest) -> End:
    services = work.services

    def so_far(progress: RoutesProgress) -> RoutesRun:
        return RoutesRun(services.runner.machine(), request, progress.references, progress.records)

    result = services.deployment.routes(
        request,
        on_progress=lambda progress: work.tell(
            progress.message, progress.fraction, (lambda: so_far(progress)) if progress.records else None
        ),
        cancelled=work.cancelled,
    )
    cut_off = result is None or any(record.outcome is Outcome.CANCELLED for record in result.records)
    return "cancelled" if cut_off else "done", result


def _serving(work: Work, request: ServingRequest) -> End:
    services = work.services

    def so_far(progress: ServingProgress) -> ServingRun:
        return ServingRun(services.runner.machine(), request, progress.records)

    result = services.deployment.serve(
        request,
        on_progress=lambda progress: work.tell(
            progress.message, progress.fraction, (lambda: so_far(progress)) if progress.records else None
        ),
        cancelled=work.cancelled,
    )
    cut_off = any(record.outcome is Outcome.CANCELLED for record in result.records)
    return "cancelled" if cut_off else "done", result


def _environment(work: Work, request: EnvironmentRequest) -> End:
    made = work.services.deployment.create_runtime(request.runtime, tell=work.tell, cancelled=work.cancelled)
    return "done" if made else "cancelled", None


_WORKERS: Final[Mapping[str, Callable[[Work, Any], End]]] = {
    CHECK.name: _check,
    ROUTES.name: _routes,
    ENVIRONMENT.name: _environment,
    SERVING.name: _serving,
}


def run_job(services: Services, job: Job[Any, Any], stopping: Callable[[], bool]) -> None:
    """Do it, and write the end of it. Every way out leaves a stated status in the store, unless the job was taken away:
    somebody took this executor for dead."""
    name = f"{job.kind.name} {job.subject}".strip()
    log.info("%s: started as job %s", name, job.id)
    try:
        status = _do(services, job, stopping)
    except LostError as lost:
        log.warning("%s: dropped: %s", name, lost)
    else:
        log.info("%s: over, %s", name, status)


def _do(services: Services, job: Job[Any, Any], stopping: Callable[[], bool]) -> JobStatus:
    """Raises LostError at the end of a job that was taken away."""
    try:
        status, result = _WORKERS[job.kind.name](Work(services, job, stopping), job.request)
    except Exception as error:  # whatever it is, somebody waits for an answer
        log.exception("%s %s failed", job.kind.name, job.subject)
        services.jobs.finish(job.id, "failed", reason=_said(error))
        return "failed"
    services.jobs.finish(job.id, status, result=result)
    return status


def _said(error: Exception) -> str:
    """A refusal is written for people; of anything else its kind helps to find it."""
    refused = isinstance(error, ValueError | RuntimeError) and str(error)
    return str(error) if refused else f"{type(error).__name__}: {error}"
