"""Runs as the pages see them: asked for, waiting, over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from advisor.measured.conditions import Conditions, KnownResult
from advisor.model import ACTIVE, NOBODY, RUN, QueueEntry, Requester, RunRecord
from advisor.ports import NotFoundError
from advisor.queue.quotas import check_budget
from advisor.storage import measurements, queue
from advisor.storage.decisions import decision_row
from advisor.storage.desk import Desk
from advisor.storage.rows import run_record, run_row
from advisor.storage.tables import RoundRow, RunRow
from probes.schema import RunRequest, RunResult, to_json

#: A decision's evidence is looked for in so many of its newest runs.
MOST_RUNS = 20


class Runs(Desk):
    """The part of ``advisor.ports.Store`` that pages ask about runs."""

    def enqueue(self, decision_id: str, request: RunRequest, by: Requester = NOBODY) -> RunRecord:
        """Queue a run; the decision's active run is returned as it is, if there is one. Raises ``QuotaError``."""
        with self._writing() as session:
            if active := _active_run(session, decision_id):
                return run_record(active)
            check_budget(by, request)
            queue.admit(session, by)
            row = run_row(decision_id, request, by, self._now(session))
            session.add(row)
            session.flush()
            return run_record(row)

    def run(self, run_id: str) -> RunRecord | None:
        """The run, or None."""
        return self._one(select(RunRow).where(RunRow.id == run_id))

    def latest_run(self, decision_id: str) -> RunRecord | None:
        """The decision's newest run, or None."""
        return self._one(select(RunRow).where(RunRow.decision_id == decision_id).order_by(RunRow.seq.desc()).limit(1))

    def run_version(self, decision_id: str) -> tuple[str, int] | None:
        """(id, version) of the decision's newest run."""
        query = select(RunRow.id, RunRow.version).where(RunRow.decision_id == decision_id)
        with self._reading() as session:
            found = session.execute(query.order_by(RunRow.seq.desc()).limit(1)).one_or_none()
            return (found.id, found.version) if found else None

    def finished_runs(self, decision_id: str) -> tuple[tuple[str, int], ...]:
        """(id, version) of the runs that are over, newest first."""
        query = select(RunRow.id, RunRow.version).where(
            RunRow.decision_id == decision_id, RunRow.status.not_in(ACTIVE), RunRow.result.is_not(None)
        )
        with self._reading() as session:
            rows = session.execute(query.order_by(RunRow.seq.desc()).limit(MOST_RUNS))
            return tuple((row.id, row.version) for row in rows)

    def known(self, conditions: Conditions, *, decision_id: str) -> tuple[KnownResult, ...]:
        """The newest finished measurement of each probe under ``conditions``, the decision's own and others'."""
        with self._reading() as session:
            return measurements.known(session, conditions, decision_id=decision_id)

    def adopt(self, decision_id: str, result: RunResult) -> RunRecord:
        """A copy of a finished run with its rounds; the active run, or a copy made before, is returned as it is."""
        with self._writing() as session:
            now = self._now(session)
            held = _active_run(session, decision_id)
            if held := held or measurements.adopted(session, decision_id, result, stored_at=now):
                return run_record(held)
            row = run_row(
                decision_id,
                result.request,
                NOBODY,
                now,
                status="done",
                message="",
                fraction=1.0,
                planned_rounds=result.planned_rounds,
                finished_rounds=len(result.rounds),
                result=to_json(result),
                taken_over=True,
            )
            session.add(row)
            session.flush()
            session.add_all(RoundRow(run_id=row.id, number=r.index, data=to_json(r)) for r in result.rounds)
            measurements.keep(session, row.id, result, stored_at=now)
            session.flush()
            return run_record(row)

    def request_cancel(self, run_id: str) -> None:
        """A queued run is cancelled at once, a running one as soon as its executor sees it."""
        with self._writing() as session:
            row = _run_row(session, run_id)
            if row.status == "queued":
                row.change(self._now(session), status="cancelled", message="Cancelled before it started")
            elif row.status == "running":
                row.change(self._now(session), cancel_requested=True, message="Cancelling")

    def resume(self, run_id: str, by: Requester = NOBODY) -> RunRecord:
        """Queue an interrupted run again; its finished rounds stay. Other runs are returned as they are, and so is
        the decision's active run, if there is one. Raises ``QuotaError``."""
        with self._writing() as session:
            row = _run_row(session, run_id)
            if active := _active_run(session, row.decision_id):
                return run_record(active)
            if row.status == "interrupted":
                queue.admit(session, by)
                now = self._now(session)
                asked: dict[str, Any] = {"owner": by.browser, "address": by.address, "queued_at": now, "begun_at": None}
                row.change(now, status="queued", reason="", message="Waiting to go on", attempts=0, **asked)
                row.cancel_requested = False
            session.flush()
            return run_record(row)

    def queue(self) -> tuple[QueueEntry, ...]:
        """What is under way, then what waits, in the order in which it will be taken."""
        with self._reading() as session:
            waiting = queue.waiting(session, self._now(session)) if queue.somebody_waits(session) else []
            return (*queue.under_way(session), *waiting)

    def queue_position(self, run_id: str) -> int:
        """How many waiting runs and jobs, and runs under way, are ahead of it."""
        with self._reading() as session:
            if _run_row(session, run_id).status != "queued":
                return 0
            running = sum(entry.work == RUN for entry in queue.under_way(session))
            waiting = [entry.id for entry in queue.waiting(session, self._now(session))]
            return running + waiting.index(run_id)

    def _one(self, query: Any) -> RunRecord | None:
        with self._reading() as session:
            row = session.scalar(query)
            return run_record(row) if row else None


def _run_row(session: Session, run_id: str) -> RunRow:
    row = session.scalar(select(RunRow).where(RunRow.id == run_id))
    if row is None:
        raise NotFoundError(f"there is no run {run_id!r}")
    return row


def _active_run(session: Session, decision_id: str) -> RunRow | None:
    """Raises ``NotFoundError``."""
    decision_row(session, decision_id)
    query = select(RunRow).where(RunRow.decision_id == decision_id, RunRow.status.in_(ACTIVE))
    return session.scalar(query.limit(1))
