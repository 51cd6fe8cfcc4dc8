"""Jobs of all kinds over SQL."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Engine, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from advisor.jobs import ACTIVE, LEFT, Glance, Job, JobStatus, Kind, Q, R
from advisor.ports import Clock
from advisor.storage.database import transaction
from advisor.storage.rows import glance, job_record, utc
from advisor.storage.store import LOST_AFTER
from advisor.storage.tables import ExecutorRow, JobRow
from probes.schema import to_json


class SqlJobs:
    """``advisor.jobs.JobStore`` over one SQL database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def enqueue(self, kind: Kind[Q, R], request: Q) -> Job[Q, R]:
        """Queue a job; an active one of its kind (and subject, where each has its own) is returned as it is."""
        subject = kind.subject(request)
        with transaction(self._engine) as session:
            same = _of(kind, subject if kind.each_subject else None).where(JobRow.status.in_(ACTIVE))
            active = session.scalar(same.limit(1))
            if active is not None:
                return job_record(active, kind)
            row = JobRow(
                id=secrets.token_urlsafe(12),
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
                updated_at=utc(self._clock.now()),
            )
            session.add(row)
            session.flush()
            return job_record(row, kind)

    def latest(self, kind: Kind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        """The newest one."""
        return self._one(_of(kind, subject), kind)

    def version(self, kind: Kind[Q, R], subject: str | None = None) -> tuple[str, int] | None:
        """(id, version) of the newest one."""
        query = _of(kind, subject).order_by(JobRow.seq.desc()).limit(1).with_only_columns(JobRow.id, JobRow.version)
        with self._engine.connect() as connection:
            found = connection.execute(query).one_or_none()
            return (found.id, found.version) if found else None

    def done(self, kind: Kind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        """The newest one that is over and has a result, even if it was cut off."""
        over = _of(kind, subject).where(JobRow.result.is_not(None), JobRow.status.not_in(ACTIVE))
        return self._one(over, kind)

    def finished(self, kind: Kind[Q, R]) -> tuple[Glance, ...]:
        """What ``done`` finds for each subject, newest first."""
        newest = (
            select(func.max(JobRow.seq))
            .where(JobRow.kind == kind.name, JobRow.result.is_not(None), JobRow.status.not_in(ACTIVE))
            .group_by(JobRow.subject)
        )
        return self._glances(select(JobRow).where(JobRow.seq.in_(newest)).order_by(JobRow.seq.desc()))

    def active(self) -> tuple[Glance, ...]:
        """What is under way, and what waits behind it, in order."""
        running_first = case((JobRow.status == "running", 0), else_=1)
        return self._glances(select(JobRow).where(JobRow.status.in_(ACTIVE)).order_by(running_first, JobRow.seq))

    def request_cancel(self, job_id: str) -> None:
        """A waiting job is cancelled at once, one under way as soon as its executor sees it."""
        with transaction(self._engine) as session:
            row = self._row(session, job_id)
            if row.status == "queued":
                self._change(row, status="cancelled", message="")
            elif row.status == "running":
                self._change(row, cancel_requested=True, message="Cancelling")

    def cancel_requested(self, job_id: str) -> bool:
        """Whether somebody pressed Cancel."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(JobRow.cancel_requested).where(JobRow.id == job_id)))

    def claim(self, worker: str) -> Job[Any, Any] | None:
        """Take the oldest queued job, in one statement."""
        with self._engine.connect() as connection:  # most looks find nothing, and should keep no writer waiting
            if connection.scalar(select(JobRow.seq).where(JobRow.status == "queued").limit(1)) is None:
                return None
        other = aliased(JobRow)
        oldest = select(func.min(other.seq)).where(other.status == "queued").scalar_subquery()
        statement = (
            update(JobRow)
            .where(JobRow.seq == oldest, JobRow.status == "queued")
            .values(
                status="running",
                worker=worker,
                version=JobRow.version + 1,
                message="Starting",
                updated_at=utc(self._clock.now()),
            )
            .returning(JobRow.id)
            .execution_options(synchronize_session=False)
        )
        with transaction(self._engine) as session:
            claimed = session.execute(statement).scalar_one_or_none()
            return job_record(self._row(session, claimed)) if claimed else None

    def tell(self, job_id: str, message: str, fraction: float, result: Any = None) -> None:
        """What it is doing now, and what there is so far."""
        with transaction(self._engine) as session:
            row = self._row(session, job_id)
            if row.status != "running":
                return
            said = {} if row.cancel_requested else {"message": message, "fraction": fraction}
            if said or result is not None:
                self._change(row, **said, result=row.result if result is None else to_json(result))

    def finish(self, job_id: str, status: JobStatus, *, reason: str = "", result: Any = None) -> None:
        """The end of it."""
        with transaction(self._engine) as session:
            row = self._row(session, job_id)
            text = row.result if result is None else to_json(result)
            self._change(row, status=status, reason=reason, message="", result=text, fraction=1.0)

    def recover(self, worker: str) -> None:
        """What dead executors left running has failed, or was cancelled if somebody had asked for that."""
        horizon = utc(self._clock.now() - LOST_AFTER)
        heard_of = exists().where(ExecutorRow.worker == JobRow.worker, ExecutorRow.seen >= horizon)
        lost = or_(JobRow.worker == worker, and_(JobRow.updated_at < horizon, ~heard_of))
        with transaction(self._engine) as session:
            for row in session.scalars(select(JobRow).where(JobRow.status == "running", lost)):
                if row.cancel_requested:
                    self._change(row, status="cancelled", message="")
                else:
                    self._change(row, status="failed", reason=LEFT, message="")

    def _glances(self, query: Select[JobRow]) -> tuple[Glance, ...]:
        columns = (JobRow.id, JobRow.kind, JobRow.subject, JobRow.status, JobRow.version, JobRow.message)
        with self._engine.connect() as connection:
            rows = connection.execute(query.with_only_columns(*columns, JobRow.fraction))
            return tuple(glance(row) for row in rows)

    def _one(self, query: Select[JobRow], kind: Kind[Q, R]) -> Job[Q, R] | None:
        with Session(self._engine) as session:
            row = session.scalar(query.order_by(JobRow.seq.desc()).limit(1))
            return job_record(row, kind) if row else None

    def _row(self, session: Session, job_id: str) -> JobRow:
        row = session.scalar(select(JobRow).where(JobRow.id == job_id))
        if row is None:
            raise LookupError(f"there is no job {job_id!r}")
        return row

    def _change(self, row: JobRow, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = utc(self._clock.now())


def _of(kind: Kind[Any, Any], subject: str | None) -> Select[JobRow]:
    query = select(JobRow).where(JobRow.kind == kind.name)
    return query if subject is None else query.where(JobRow.subject == subject)
