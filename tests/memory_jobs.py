"""Jobs in memory: the SQL store's rules without a database."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from advisor.jobs import LEFT, Glance, Job, JobStatus, Kind, Q, R
from advisor.ports import Clock
from tests.memory_store import LOST_AFTER


class MemoryJobs:
    """``advisor.jobs.JobStore`` in a dictionary; insertion order is the order of the queue."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, Job[Any, Any]] = {}
        self._workers: dict[str, str] = {}

    def enqueue(self, kind: Kind[Q, R], request: Q) -> Job[Q, R]:
        subject = kind.subject(request)
        same = self._of(kind, subject if kind.each_subject else None)
        if active := [job for job in same if job.active]:
            return active[0]
        job = Job(
            id=secrets.token_urlsafe(12),
            kind=kind,
            subject=subject,
            status="queued",
            version=1,
            request=request,
            message="Waiting for the executor",
            fraction=0.0,
            reason="",
            result=None,
            cancel_requested=False,
            updated_at=self._clock.now(),
        )
        self._jobs[job.id] = job
        return job

    def latest(self, kind: Kind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        return next(iter(reversed(self._of(kind, subject))), None)

    def version(self, kind: Kind[Q, R], subject: str | None = None) -> tuple[str, int] | None:
        latest = self.latest(kind, subject)
        return (latest.id, latest.version) if latest else None

    def done(self, kind: Kind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        over = [job for job in self._of(kind, subject) if job.result is not None and not job.active]
        return over[-1] if over else None

    def finished(self, kind: Kind[Q, R]) -> tuple[Glance, ...]:
        newest = {job.subject: job for job in self._of(kind, None) if job.result is not None and not job.active}
        order = list(self._jobs)
        return tuple(map(_glance, sorted(newest.values(), key=lambda job: -order.index(job.id))))

    def active(self) -> tuple[Glance, ...]:
        found = sorted((job for job in self._jobs.values() if job.active), key=lambda job: job.status != "running")
        return tuple(map(_glance, found))

    def request_cancel(self, job_id: str) -> None:
        job = self._one(job_id)
        if job.status == "queued":
            self._change(job, status="cancelled", message="")
        elif job.status == "running":
            self._change(job, cancel_requested=True, message="Cancelling")

    def cancel_requested(self, job_id: str) -> bool:
        return job_id in self._jobs and self._jobs[job_id].cancel_requested

    def claim(self, worker: str) -> Job[Any, Any] | None:
        for job in self._jobs.values():
            if job.status == "queued":
                self._workers[job.id] = worker
                return self._change(job, status="running", message="Starting")
        return None

    def tell(self, job_id: str, message: str, fraction: float, result: Any = None) -> None:
        job = self._one(job_id)
        if job.status != "running":
            return
        said: dict[str, Any] = {} if job.cancel_requested else {"message": message, "fraction": fraction}
        if said or result is not None:
            self._change(job, **said, result=job.result if result is None else result)

    def finish(self, job_id: str, status: JobStatus, *, reason: str = "", result: Any = None) -> None:
        job = self._one(job_id)
        kept = job.result if result is None else result
        self._change(job, status=status, reason=reason, message="", result=kept, fraction=1.0)

    def recover(self, worker: str) -> None:
        """Nobody beats here, so every other worker counts as not heard of."""
        horizon = self._clock.now() - LOST_AFTER
        for job in list(self._jobs.values()):
            own = self._workers.get(job.id) == worker
            if job.status != "running" or not (own or job.updated_at < horizon):
                continue
            if job.cancel_requested:
                self._change(job, status="cancelled", message="")
            else:
                self._change(job, status="failed", reason=LEFT, message="")

    def _of(self, kind: Kind[Q, R], subject: str | None) -> list[Job[Q, R]]:
        return [job for job in self._jobs.values() if job.kind is kind and subject in (None, job.subject)]

    def _one(self, job_id: str) -> Job[Any, Any]:
        if job_id not in self._jobs:
            raise LookupError(f"there is no job {job_id!r}")
        return self._jobs[job_id]

    def _change(self, job: Job[Any, Any], **values: Any) -> Job[Any, Any]:
        changed = replace(job, **values, version=job.version + 1, updated_at=self._clock.now())
        self._jobs[job.id] = changed
        return changed


def _glance(job: Job[Any, Any]) -> Glance:
    return Glance(job.id, job.kind.name, job.subject, job.status, job.version, job.message, job.fraction)
