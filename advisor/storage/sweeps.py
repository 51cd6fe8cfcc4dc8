"""Sweeps: many runs that were asked for at once, each a job of the queue; together one progress."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any, cast

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from advisor.ports import NotFoundError
from advisor.queue.kinds import MEASURE, SWEPT
from advisor.queue.quotas import check_request
from advisor.records import ACTIVE, NOBODY, JobStatus, PartStatus, Requester, SweepPart, SweepStatus
from advisor.storage import measurements, queue
from advisor.storage.decisions import decision_row
from advisor.storage.executing import Executing
from advisor.storage.rows import job_row, token
from advisor.storage.tables import JobRow, as_places
from probes.json_form import from_json
from probes.results import RunResult
from probes.schema import RunRequest

_COLUMNS = (
    *(JobRow.seq, JobRow.id, JobRow.version, JobRow.request, JobRow.places, JobRow.machine, JobRow.status),
    *(JobRow.message, JobRow.fraction, JobRow.reason, JobRow.planned_rounds, JobRow.finished_rounds),
    *(JobRow.part, JobRow.created_at),
)


class Sweeps(Executing):
    """The part of ``advisor.ports.Store`` that is about sweeps, described there."""

    def begin_sweep(self, decision_id: str, parts: Sequence[SweepPart], by: Requester = NOBODY) -> SweepStatus:
        if not parts:
            raise ValueError("parts: none; allowed: one or more")
        with self._writing() as session:
            decision = decision_row(session, decision_id).id
            if active := _newest(session, decision, active=True):
                return _sweep(session, decision, active)
            now, name = self._now(session), token(12)
            for number, part in enumerate(parts):
                check_request(by, SWEPT, part.request)
                row = job_row(SWEPT, decision, part.request, by, now, part.places)
                row.sweep, row.part = name, number
                session.add(row)
            session.flush()
            return _sweep(session, decision, name)

    def sweep(self, decision_id: str) -> SweepStatus | None:
        with self._reading() as session:
            newest = _newest(session, decision_id)
            return _sweep(session, decision_id, newest) if newest else None

    def cancel_sweep(self, sweep_id: str) -> None:
        with self._writing() as session:
            now = self._now(session)
            for row in _rows(session, sweep_id):
                row.cancel(now)

    def resume_sweep(self, sweep_id: str, by: Requester = NOBODY) -> None:
        with self._writing() as session:
            now = self._now(session)
            newest = {row.part: row for row in _rows(session, sweep_id)}
            for row in newest.values():
                if row.status in ACTIVE or row.status == "done":
                    continue
                check_request(by, SWEPT, from_json(RunRequest, row.request))
                queue.admit(session, by)
                asked = {"owner": by.browser, "address": by.address, "queued_at": now, "places": row.equals}
                row.wait_again(now, "Waiting to go on", **asked, reason="", attempts=0)
                row.cancel_requested = False

    def pass_on(self, job_id: str, reason: str, result: RunResult | None) -> bool:
        with self._writing() as session:
            row, now = self._mine(session, job_id), self._now(session)
            if row.sweep is None or row.cancel_requested:
                return False
            # One that went on from finished rounds waited for their machine alone.
            may = json.loads(row.equals if row.finished_rounds else row.places)
            had = {one.machine for one in _rows(session, row.sweep) if one.part == row.part}
            others = [place for place in may if place not in had]
            if not others:
                return False
            if row.finished_rounds:
                by, request = Requester(row.owner, row.address), from_json(RunRequest, row.request)
                new = job_row(SWEPT, row.subject, request, by, now, others)
                new.equals, new.sweep, new.part = row.equals, row.sweep, row.part
                new.message = f"Begins anew on an equal machine: {reason}"
                session.add(new)
                row.change(now, status="interrupted", reason=reason, message="")
                if result is not None:
                    measurements.keep(session, row, result, stored_at=now)
            else:
                message = f"Waits for an equal machine: {reason}"
                row.wait_again(now, message, places=as_places(others), attempts=0)
        self._held.pop(job_id, None)
        return True

    def runs(self, decision_id: str) -> tuple[tuple[str, int], ...]:
        newest = func.row_number().over(partition_by=JobRow.kind, order_by=JobRow.seq.desc()).label("rank")
        ranked = (
            select(JobRow.id, JobRow.version, JobRow.seq, JobRow.kind, newest)
            .where(JobRow.decision_id == decision_id, JobRow.kind.in_((MEASURE.name, SWEPT.name)))
            .where(JobRow.result.is_not(None), JobRow.status.not_in(ACTIVE))
            .subquery()
        )
        kept = case({kind.name: kind.kept for kind in (MEASURE, SWEPT)}, value=ranked.c.kind)
        query = select(ranked.c.id, ranked.c.version).where(ranked.c.rank <= kept).order_by(ranked.c.seq.desc())
        with self._reading() as session:
            return tuple((row.id, row.version) for row in session.execute(query))


def _newest(session: Session, decision_id: str, *, active: bool = False) -> str | None:
    query = select(JobRow.sweep).where(JobRow.decision_id == decision_id, JobRow.sweep.is_not(None))
    if active:
        query = query.where(JobRow.status.in_(ACTIVE))
    found: str | None = session.scalar(query.order_by(JobRow.seq.desc()).limit(1))
    return found


def _rows(session: Session, sweep_id: str) -> list[JobRow]:
    """All its jobs, in the order in which they were made. Raises ``NotFoundError``."""
    found = list(session.scalars(select(JobRow).where(JobRow.sweep == sweep_id).order_by(JobRow.seq)))
    if not found:
        raise NotFoundError(f"there is no sweep {sweep_id!r}")
    return found


def _sweep(session: Session, decision_id: str, sweep_id: str) -> SweepStatus:
    rows = session.execute(select(*_COLUMNS).where(JobRow.sweep == sweep_id).order_by(JobRow.seq)).all()
    newest = {row.part: row for row in rows}  # one that another machine began anew has two
    parts = tuple(_part(newest[number]) for number in sorted(newest))
    return SweepStatus(sweep_id, decision_id, rows[0].created_at.replace(tzinfo=UTC), parts)


def _part(row: Any) -> PartStatus:
    return PartStatus(
        job_id=row.id,
        version=row.version,
        request=from_json(RunRequest, row.request),
        places=tuple(json.loads(row.places)),
        machine=row.machine,
        status=cast(JobStatus, row.status),
        message=row.message,
        fraction=row.fraction,
        reason=row.reason,
        planned_rounds=row.planned_rounds,
        finished_rounds=row.finished_rounds,
    )
