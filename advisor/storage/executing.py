"""Runs as the executor sees them: claimed, written to, given up; and the executors themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from advisor.model import RUN, ExecutorStatus, RunRecord, RunStatus
from advisor.ports import LostError
from advisor.storage import measurements, queue
from advisor.storage.desk import Desk
from advisor.storage.rows import executor_status, run_record
from advisor.storage.tables import ExecutorRow, JobRow, RoundRow, RunRow
from probes.schema import Round, RunResult, from_json, to_json

#: After so many attempts that ended with the executor's death a run is not started again by itself.
MOST_ATTEMPTS = 2
#: An executor that was not heard of for so long isn't there. It beats every few seconds.
ABSENT_AFTER = timedelta(seconds=20)
#: After so long its run is given to another machine; a computer may have slept meanwhile.
LOST_AFTER = timedelta(minutes=5)
#: After so long nobody asks for it any more: a container without a disk of its own has a new name at each start.
FORGOTTEN_AFTER = timedelta(days=1)


class Executing(Desk):
    """The part of ``advisor.ports.Store`` that belongs to the executor."""

    def claim(self, worker: str) -> RunRecord | None:
        """Take the run whose turn it is unless this worker has one running."""
        with self._reading() as session:  # most looks find nothing, and should keep no writer waiting
            if session.scalar(select(RunRow.seq).where(RunRow.status == "queued").limit(1)) is None:
                return None
        with self._writing() as session:
            busy = select(RunRow.seq).where(RunRow.status == "running", RunRow.worker == worker).limit(1)
            now = self._now(session)
            runs = (entry.id for entry in queue.waiting(session, now) if entry.work == RUN)
            if session.scalar(busy) is not None or (run_id := next(runs, None)) is None:
                return None
            row = session.scalars(select(RunRow).where(RunRow.id == run_id)).one()
            row.change(
                now, status="running", worker=worker, attempts=row.attempts + 1, message="Starting", begun_at=now
            )
            session.flush()
            self._held[row.id] = (worker, row.attempts)
            return run_record(row)

    def rounds(self, run_id: str) -> tuple[Round, ...]:
        """The finished rounds, oldest first."""
        query = select(RoundRow.data).where(RoundRow.run_id == run_id).order_by(RoundRow.number)
        with self._reading() as session:
            return tuple(from_json(Round, text) for text in session.scalars(query))

    def save_round(self, run_id: str, round_: Round) -> None:
        """Keep a finished round; the same round twice is an error of the database."""
        with self._writing() as session:
            row = self._mine(session, run_id)
            session.execute(insert(RoundRow).values(run_id=run_id, number=round_.index, data=to_json(round_)))
            row.change(self._now(session), finished_rounds=row.finished_rounds + 1)

    def save_progress(
        self, run_id: str, *, message: str, fraction: float, planned_rounds: int, result: RunResult | None
    ) -> None:
        """What the run is doing now; ``result`` is provisional, None keeps the one before."""
        with self._writing() as session:
            row = self._mine(session, run_id)
            values: dict[str, Any] = {"fraction": fraction, "planned_rounds": planned_rounds}
            if not row.cancel_requested:
                values["message"] = message
            if result is not None:
                values["result"] = to_json(result)
            row.change(self._now(session), **values)

    def cancel_requested(self, run_id: str) -> bool:
        """Whether somebody pressed Cancel."""
        with self._reading() as session:
            query = select(RunRow.cancel_requested).where(RunRow.id == run_id)
            if run_id not in self._held:
                return bool(session.scalar(query))
            found = session.scalar(query.where(*self._held_here(RunRow, run_id)))  # without the result: it may be large
            if found is None:
                raise LostError(_lost(run_id))
            return found

    def finish(self, run_id: str, status: RunStatus, *, reason: str = "", result: RunResult | None = None) -> None:
        """The end of a run, or of an attempt (``interrupted``, ``queued``)."""
        with self._writing() as session:
            row, now = self._mine(session, run_id), self._now(session)
            values: dict[str, Any] = {"status": status, "reason": reason, "message": ""}
            if status == "done":
                values["fraction"] = 1.0
            if result is not None:
                values |= {"result": to_json(result), "planned_rounds": result.planned_rounds}
                measurements.keep(session, run_id, result, stored_at=now)
            row.change(now, **values)
        self._held.pop(run_id, None)

    def recover(self, worker: str) -> None:
        """Put back what dead executors left running; after ``MOST_ATTEMPTS`` it waits for somebody to resume it."""
        with self._writing() as session:
            now = self._now(session)
            left = select(RunRow).where(RunRow.status == "running", left_by_the_dead(RunRow, worker, now))
            for row in session.scalars(left):
                if row.cancel_requested:
                    row.change(now, status="cancelled", message="")
                elif row.attempts >= MOST_ATTEMPTS:
                    reason = f"the measuring process ended unexpectedly {row.attempts} times"
                    row.change(now, status="interrupted", reason=reason, message="")
                else:
                    message = "Waiting to go on after an interruption"
                    row.change(now, status="queued", message=message, worker="", begun_at=None)
            session.execute(delete(ExecutorRow).where(ExecutorRow.seen < now - FORGOTTEN_AFTER))

    def beat(self, worker: str, pid: int) -> None:
        """A sign of life. ``since`` starts anew with a new process."""
        with self._writing() as session:
            row, now = session.get(ExecutorRow, worker), self._now(session)
            if row is None:
                session.add(ExecutorRow(worker=worker, pid=pid, since=now, seen=now))
            else:
                row.since, row.pid, row.seen = row.since if row.pid == pid else now, pid, now

    def leave(self, worker: str) -> None:
        """This worker takes no more runs."""
        with self._writing() as session:
            session.execute(delete(ExecutorRow).where(ExecutorRow.worker == worker))

    def executor(self) -> ExecutorStatus:
        """The executor that was heard of last, on whatever machine."""
        with self._reading() as session:
            row = session.scalar(select(ExecutorRow).order_by(ExecutorRow.seen.desc()).limit(1))
            return executor_status(row, alive_since=self._now(session) - ABSENT_AFTER)

    def _mine(self, session: Session, run_id: str) -> RunRow:
        """Raises ``LostError`` unless the run is still the attempt that was claimed here."""
        row = session.scalar(select(RunRow).where(RunRow.id == run_id, *self._held_here(RunRow, run_id)))
        if row is None:
            raise LostError(_lost(run_id))
        return row


def _lost(run_id: str) -> str:
    return f"run {run_id!r} isn't this executor's: it was ended, taken over or deleted"


def left_by_the_dead(table: type[RunRow] | type[JobRow], worker: str, now: datetime) -> ColumnElement[bool]:
    """What ``worker`` itself left, which is idle, or another one that was not heard of for ``LOST_AFTER``."""
    horizon = now - LOST_AFTER
    heard_of = exists().where(ExecutorRow.worker == table.worker, ExecutorRow.seen >= horizon)
    return or_(table.worker == worker, and_(table.updated_at < horizon, ~heard_of))
