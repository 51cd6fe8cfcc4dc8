"""Jobs of every kind as the pages see them: asked for, waiting, over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from advisor.measured.conditions import Conditions, KnownResult
from advisor.ports import NotFoundError
from advisor.queue.kinds import KINDS, MEASURE
from advisor.queue.quotas import check_request
from advisor.records import ACTIVE, NOBODY, Job, JobKind, Q, QueueEntry, R, Requester
from advisor.storage import measurements, queue
from advisor.storage.decisions import decision_row
from advisor.storage.desk import Desk
from advisor.storage.rows import job_record, job_row, result_json
from advisor.storage.tables import JobRow
from probes.results import RunResult
from probes.schema import RunRequest


class Jobs(Desk):
    """The part of ``advisor.ports.Store`` that pages ask about jobs, described there."""

    def enqueue(self, kind: JobKind[Q, R], request: Q, by: Requester = NOBODY, *, decision_id: str = "") -> Job[Q, R]:
        with self._writing() as session:
            subject = _subject(session, kind, request, decision_id)
            if active := _active(session, kind, subject):
                return measurements.joined(session, job_record(active, kind))
            check_request(by, kind, request)
            queue.admit(session, by)
            row = job_row(kind, subject, request, by, self._now(session))
            session.add(row)
            session.flush()
            return job_record(row, kind)

    def keep_result(
        self, kind: JobKind[Q, R], request: Q, result: R, by: Requester = NOBODY, *, decision_id: str = ""
    ) -> Job[Q, R]:
        with self._writing() as session:
            subject = _subject(session, kind, request, decision_id)
            if active := _active(session, kind, subject):
                return measurements.joined(session, job_record(active, kind))
            check_request(by, kind, request)
            row = job_row(kind, subject, request, by, self._now(session))
            row.status, row.message, row.fraction, row.result = "done", "", 1.0, result_json(result)
            session.add(row)
            session.flush()
            if kind.replaces:
                queue.drop_earlier(session, row)
            return job_record(row, kind)

    def resume(self, job_id: str, by: Requester = NOBODY) -> Job[Any, Any]:
        with self._writing() as session:
            row = _row(session, job_id)
            active = _active(session, KINDS[row.kind], row.subject)
            if active is None and row.status == "interrupted":
                check_request(by, KINDS[row.kind], job_record(row).request)
                queue.admit(session, by)
                now = self._now(session)
                row.wait_again(
                    now, "Waiting to go on", reason="", attempts=0, owner=by.browser, address=by.address, queued_at=now
                )
                row.cancel_requested = False
                session.flush()
            return measurements.joined(session, job_record(active or row))

    def request_cancel(self, job_id: str) -> None:
        with self._writing() as session:
            _row(session, job_id).cancel(self._now(session))

    def job(self, job_id: str) -> Job[Any, Any] | None:
        return self._one(select(JobRow).where(JobRow.id == job_id))

    def latest(self, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        return self._one(_of(kind, subject), kind)

    def version(self, kind: JobKind[Any, Any], subject: str | None = None) -> tuple[str, int] | None:
        return next(iter(self._versions(_of(kind, subject).limit(1))), None)

    def done(self, kind: JobKind[Q, R], subject: str | None = None) -> Job[Q, R] | None:
        return self._one(_over(kind, subject).order_by(case((JobRow.status == "done", 0), else_=1)), kind)

    def finished(self, kind: JobKind[Any, Any], subject: str | None = None) -> tuple[tuple[str, int], ...]:
        newest = func.coalesce(func.max(case((JobRow.status == "done", JobRow.seq))), func.max(JobRow.seq))
        chosen = _over(kind, subject).with_only_columns(newest).group_by(JobRow.subject)
        return self._versions(select(JobRow).where(JobRow.seq.in_(chosen)))

    def history(self, kind: JobKind[Any, Any], subject: str) -> tuple[tuple[str, int], ...]:
        return self._versions(_over(kind, subject).limit(kind.kept))

    def known(self, conditions: Conditions, *, decision_id: str) -> tuple[KnownResult, ...]:
        with self._reading() as session:
            return measurements.known(session, conditions, decision_id=decision_id)

    def adopt(self, decision_id: str, result: RunResult) -> Job[RunRequest, RunResult]:
        with self._writing() as session:
            decision_row(session, decision_id)
            now = self._now(session)
            row = _active(session, MEASURE, decision_id)
            row = row or measurements.adopted(session, decision_id, result, stored_at=now)
            if row is None:
                row = job_row(MEASURE, decision_id, result.request, NOBODY, now)
                row.status, row.message, row.fraction, row.taken_over = "done", "", 1.0, True
                row.finished_rounds = len(result.rounds)
                session.add(row)
                session.flush()
                measurements.keep(session, row, result, stored_at=now)
                session.flush()
            return measurements.joined(session, job_record(row, MEASURE))

    def queue(self) -> tuple[QueueEntry, ...]:
        with self._reading() as session:
            waiting = queue.waiting(session, self._now(session)) if queue.somebody_waits(session) else []
            return (*queue.under_way(session), *waiting)

    def _one(self, query: Select[JobRow], kind: JobKind[Any, Any] | None = None) -> Job[Any, Any] | None:
        with self._reading() as session:
            row = session.scalar(query.order_by(JobRow.seq.desc()).limit(1))
            return measurements.joined(session, job_record(row, kind)) if row else None

    def _versions(self, query: Select[JobRow]) -> tuple[tuple[str, int], ...]:
        with self._reading() as session:
            rows = session.execute(query.with_only_columns(JobRow.id, JobRow.version).order_by(JobRow.seq.desc()))
            return tuple((row.id, row.version) for row in rows)


def _subject(session: Session, kind: JobKind[Q, Any], request: Q, decision_id: str) -> str:
    """What a request is about. Raises ``NotFoundError`` where that is a decision which isn't there."""
    return kind.subject(request) if kind.subject else decision_row(session, decision_id).id


def _of(kind: JobKind[Any, Any], subject: str | None) -> Select[JobRow]:
    query = select(JobRow).where(JobRow.kind == kind.name)
    if subject is None:
        return query
    # A decision's id is its job's subject too, but in this column one may look for whatever stands in an address bar.
    return query.where(JobRow.decision_id == subject if kind.of_decision else JobRow.subject == subject)


def _over(kind: JobKind[Any, Any], subject: str | None) -> Select[JobRow]:
    return _of(kind, subject).where(JobRow.result.is_not(None), JobRow.status.not_in(ACTIVE))


def _active(session: Session, kind: JobKind[Any, Any], subject: str) -> JobRow | None:
    """The one that stands where another one would."""
    query = _of(kind, subject if kind.each_subject else None).where(JobRow.status.in_(ACTIVE))
    return session.scalar(query.limit(1))


def _row(session: Session, job_id: str) -> JobRow:
    """Raises ``NotFoundError``."""
    row = session.scalar(select(JobRow).where(JobRow.id == job_id))
    if row is None:
        raise NotFoundError(f"there is no job {job_id!r}")
    return row
