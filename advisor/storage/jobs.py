"""Jobs of all kinds over SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from advisor.model import NOBODY, RUN, Requester
from advisor.ports import LostError, NotFoundError
from advisor.queue.kinds import ACTIVE, LEFT, Glance, Job, JobKind, JobStatus, Q, R
from advisor.storage import queue
from advisor.storage.desk import Desk
from advisor.storage.executing import left_by_the_dead
from advisor.storage.rows import glance, job_record, token
from advisor.storage.tables import JobRow
from probes.schema import to_json


class SqlJobs(Desk):
    """``advisor.queue.kinds.JobStore`` over one SQL database."""

    def enqueue(self, kind: JobKind[Q, R], request: Q, by: Requester = NOBODY) -> Job[Q, R]:
        """Queue a job; an active one of its kind (and subject, where each has its own) is returned as it is. Raises
        ``QuotaError``."""
        subject = kind.subject(request)
        with self._writing() as session:
            same = _of(kind, subject if kind.each_subject else None).where(JobRow.status.in_(ACTIVE))
            active = session.scalar(same.limit(1))
            if active is not None:
                return job_record(active, kind)
            queue.admit(session, by)
            now = self._now(session)
            row = JobRow(
                id=token(12),
                kind=kind.name,
                subject=subject,
                request=to_json(request),
                status="queued",
                version=1,
                message="Waiting for the executor",
                fraction=0.0,
                reason="",
                result=None,
                cancel_requested=False,
                worker="",
                updated_at=now,
                attempts=0,
                owner=by.browser,
                address=by.address,
                queued_at=now,
            )
            session.add(row)
            session.flush()
            return job_record(row, kind)

    def latest(self, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        """The newest one."""
        return self._one(_of(kind, subject), kind)

    def version(self, kind: JobKind[Q, R], subject: str | None = None) -> tuple[str, int] | None:
        """(id, version) of the newest one."""
        query = _of(kind, subject).order_by(JobRow.seq.desc()).limit(1).with_only_columns(JobRow.id, JobRow.version)
        with self._reading() as session:
            found = session.execute(query).one_or_none()
            return (found.id, found.version) if found else None

    def done(self, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        """The newest one that came to its end; where none did, the newest that was cut off with a result."""
        over = _of(kind, subject).where(JobRow.result.is_not(None), JobRow.status.not_in(ACTIVE))
        return self._one(over.order_by(case((JobRow.status == "done", 0), else_=1)), kind)

    def finished(self, kind: JobKind[Q, R]) -> tuple[Glance, ...]:
        """What ``done`` finds for each subject, newest first."""
        newest = (
            select(func.coalesce(func.max(case((JobRow.status == "done", JobRow.seq))), func.max(JobRow.seq)))
            .where(JobRow.kind == kind.name, JobRow.result.is_not(None), JobRow.status.not_in(ACTIVE))
            .group_by(JobRow.subject)
        )
        return self._glances(select(JobRow).where(JobRow.seq.in_(newest)).order_by(JobRow.seq.desc()))

    def active(self) -> tuple[Glance, ...]:
        """What is under way, and what waits behind it, oldest first."""
        running_first = case((JobRow.status == "running", 0), else_=1)
        return self._glances(select(JobRow).where(JobRow.status.in_(ACTIVE)).order_by(running_first, JobRow.seq))

    def request_cancel(self, job_id: str) -> None:
        """A waiting job is cancelled at once, one under way as soon as its executor sees it."""
        with self._writing() as session:
            row = self._row(session, job_id)
            if row.status == "queued":
                row.change(self._now(session), status="cancelled", message="")
            elif row.status == "running":
                row.change(self._now(session), cancel_requested=True, message="Cancelling")

    def cancel_requested(self, job_id: str) -> bool:
        """Whether somebody pressed Cancel."""
        with self._reading() as session:
            query = select(JobRow.cancel_requested).where(JobRow.id == job_id)
            if job_id not in self._held:
                return bool(session.scalar(query))
            found = session.scalar(query.where(*self._held_here(JobRow, job_id)))  # without the result: it may be large
            if found is None:
                raise LostError(_lost(job_id))
            return found

    def claim(self, worker: str) -> Job[Any, Any] | None:
        """Take the job whose turn it is."""
        with self._reading() as session:  # most looks find nothing, and should keep no writer waiting
            if session.scalar(select(JobRow.seq).where(JobRow.status == "queued").limit(1)) is None:
                return None
        with self._writing() as session:
            now = self._now(session)
            jobs = (entry.id for entry in queue.waiting(session, now) if entry.work != RUN)
            if (job_id := next(jobs, None)) is None:
                return None
            row = self._row(session, job_id)
            row.change(
                now, status="running", worker=worker, attempts=row.attempts + 1, message="Starting", begun_at=now
            )
            session.flush()
            self._held[row.id] = (worker, row.attempts)
            return job_record(row)

    def tell(self, job_id: str, message: str, fraction: float, result: Any = None) -> None:
        """What it is doing now, and what there is so far."""
        with self._writing() as session:
            row = self._mine(session, job_id)
            said = {} if row.cancel_requested else {"message": message, "fraction": fraction}
            if said or result is not None:
                row.change(self._now(session), **said, result=row.result if result is None else to_json(result))

    def finish(self, job_id: str, status: JobStatus, *, reason: str = "", result: Any = None) -> None:
        """The end of it."""
        with self._writing() as session:
            row = self._mine(session, job_id)
            text = row.result if result is None else to_json(result)
            row.change(self._now(session), status=status, reason=reason, message="", result=text, fraction=1.0)
        self._held.pop(job_id, None)

    def recover(self, worker: str) -> None:
        """What dead executors left running has failed, or was cancelled if somebody had asked for that."""
        with self._writing() as session:
            now = self._now(session)
            left = select(JobRow).where(JobRow.status == "running", left_by_the_dead(JobRow, worker, now))
            for row in session.scalars(left):
                if row.cancel_requested:
                    row.change(now, status="cancelled", message="")
                else:
                    row.change(now, status="failed", reason=LEFT, message="")

    def _glances(self, query: Select[JobRow]) -> tuple[Glance, ...]:
        columns = (JobRow.id, JobRow.kind, JobRow.subject, JobRow.status, JobRow.version, JobRow.message)
        with self._reading() as session:
            rows = session.execute(query.with_only_columns(*columns, JobRow.fraction, JobRow.owner))
            return tuple(glance(row) for row in rows)

    def _one(self, query: Select[JobRow], kind: JobKind[Q, R]) -> Job[Q, R] | None:
        with self._reading() as session:
            row = session.scalar(query.order_by(JobRow.seq.desc()).limit(1))
            return job_record(row, kind) if row else None

    def _row(self, session: Session, job_id: str) -> JobRow:
        row = session.scalar(select(JobRow).where(JobRow.id == job_id))
        if row is None:
            raise NotFoundError(f"there is no job {job_id!r}")
        return row

    def _mine(self, session: Session, job_id: str) -> JobRow:
        """Raises ``LostError`` unless the job is still the attempt that was claimed here."""
        row = session.scalar(select(JobRow).where(JobRow.id == job_id, *self._held_here(JobRow, job_id)))
        if row is None:
            raise LostError(_lost(job_id))
        return row


def _lost(job_id: str) -> str:
    return f"job {job_id!r} isn't this executor's: it was ended, or its executor was taken for dead"


def _of(kind: JobKind[Any, Any], subject: str | None) -> Select[JobRow]:
    query = select(JobRow).where(JobRow.kind == kind.name)
    return query if subject is None else query.where(JobRow.subject == subject)
