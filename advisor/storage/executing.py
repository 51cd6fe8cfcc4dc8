"""Jobs as the executor sees them: claimed, written to, given up; and the executors themselves."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from advisor.ports import LostError
from advisor.queue.kinds import KINDS
from advisor.records import ExecutorStatus, Job, JobStatus
from advisor.storage import measurements, queue
from advisor.storage.desk import Desk
from advisor.storage.rows import executor_status, job_record, result_json
from advisor.storage.tables import ExecutorRow, JobRow
from probes.json_form import from_json, to_json
from probes.results import Round, RunResult

#: After so many attempts that ended with the executor's death a job is not started again by itself.
MOST_ATTEMPTS: Final = 2
#: An executor that was not heard of for so long isn't there. It beats every few seconds.
ABSENT_AFTER: Final = timedelta(seconds=20)
#: After so long its job is given to another machine; a computer may have slept meanwhile.
LOST_AFTER: Final = timedelta(minutes=5)
#: After so long nobody asks for it any more: a container without a disk of its own has a new name at each start.
FORGOTTEN_AFTER: Final = timedelta(days=1)
#: Why a job has failed that its executor left and that can't be gone on with.
LEFT: Final = "the process that did this ended unexpectedly; start it again"


class Executing(Desk):
    """The part of ``advisor.ports.Store`` that belongs to the executor, described there."""

    def waited_for(self) -> frozenset[str]:
        with self._reading() as session:
            return queue.machines_waited_for(session)

    def claim(self, worker: str, machine: str = "") -> Job[Any, Any] | None:
        if machine not in self.waited_for():  # most looks find nothing, and should keep no writer waiting
            return None
        while chosen := self._whose_turn(worker, machine):
            if taken := self._taken(chosen, worker, machine):
                return taken
        return None

    def _whose_turn(self, worker: str, machine: str) -> str | None:
        """The job that comes next there, if the machine is free. Only a look: the whole line is read for it, and no
        writer should wait for that."""
        with self._reading() as session:
            if session.scalar(_under_way(worker, machine)) is not None:
                return None
            line = queue.waiting(session, self._now(session), machine)
            return line[0].id if line else None

    def _taken(self, job_id: str, worker: str, machine: str) -> Job[Any, Any] | None:
        """The job, claimed; None where it is gone from the line since the look, or the machine has one by now."""
        with self._writing() as session:
            now = self._now(session)
            if session.scalar(_under_way(worker, machine)) is not None:
                return None
            row = session.scalar(select(JobRow).where(JobRow.id == job_id, JobRow.status == "queued"))
            if row is None or machine not in json.loads(row.places):
                return None
            if row.sweep is not None:  # only now is it known where
                row.request = to_json(replace(from_json(KINDS[row.kind].request, row.request), machine=machine))
            attempts = row.attempts + 1
            row.change(now, status="running", worker=worker, attempts=attempts, message="Starting", begun_at=now)
            row.machine = machine
            session.flush()
            self._held[row.id] = (worker, row.attempts)
            return job_record(row)

    def cancel_requested(self, job_id: str) -> bool:
        with self._reading() as session:
            query = select(JobRow.cancel_requested).where(JobRow.id == job_id)
            if job_id not in self._held:
                return bool(session.scalar(query))
            found = session.scalar(query.where(*self._held_here(job_id)))  # without the result: it may be large
            if found is None:
                raise LostError(_lost(job_id))
            return found

    def tell(self, job_id: str, message: str, fraction: float, *, result: Any = None, planned_rounds: int = 0) -> None:
        """What it is doing now, and what there is so far. Nobody's wish to cancel is written over."""
        so_far = None if result is None else result_json(result)  # before anybody waits for this write
        with self._writing() as session:
            row = self._mine(session, job_id)
            values: dict[str, Any] = {} if row.cancel_requested else {"message": message, "fraction": fraction}
            if so_far is not None:
                values["result"] = so_far
            if planned_rounds:
                values["planned_rounds"] = planned_rounds
            if values:
                row.change(self._now(session), **values)

    def finish(self, job_id: str, status: JobStatus, *, reason: str = "", result: Any = None) -> None:
        with self._writing() as session:
            row, now = self._mine(session, job_id), self._now(session)
            row.change(now, status=status, reason=reason, message="")
            if status == "done":
                row.fraction = 1.0
                if KINDS[row.kind].replaces:
                    queue.drop_earlier(session, row)
            if isinstance(result, RunResult):
                measurements.keep(session, row, result, stored_at=now)
            elif result is not None:
                row.result = result_json(result)
        self._held.pop(job_id, None)

    def rounds(self, job_id: str) -> tuple[Round, ...]:
        with self._reading() as session:
            whole = session.scalar(select(JobRow.finished_rounds).where(JobRow.id == job_id)) or 0
            return measurements.rounds(session, job_id)[:whole]

    def keep_round(self, job_id: str, round_: Round) -> None:
        """Keep a whole round in the place of one that was cut off; the same twice is an error of the database."""
        kept = measurements.round_row(job_id, round_)  # before anybody waits for this write
        with self._writing() as session:
            row = self._mine(session, job_id)
            measurements.drop_cut_off(session, row)
            session.add(kept)
            row.change(self._now(session), finished_rounds=row.finished_rounds + 1)

    def recover(self, worker: str, at_work: Collection[str] = ()) -> None:
        with self._writing() as session:
            now = self._now(session)
            # What this worker left, or another one that was not heard of for so long.
            horizon = now - LOST_AFTER
            heard_of = exists().where(ExecutorRow.worker == JobRow.worker, ExecutorRow.seen >= horizon)
            own = and_(JobRow.worker == worker, JobRow.id.not_in(at_work))
            left = select(JobRow).where(
                JobRow.status == "running", or_(own, and_(JobRow.updated_at < horizon, ~heard_of))
            )
            for row in session.scalars(left):
                if row.cancel_requested:
                    row.change(now, status="cancelled", message="")
                elif not (row.kind in KINDS and KINDS[row.kind].resumable):
                    row.change(now, status="failed", reason=LEFT, message="")
                elif row.attempts >= MOST_ATTEMPTS:
                    reason = f"the measuring process ended unexpectedly {row.attempts} times"
                    row.change(now, status="interrupted", reason=reason, message="")
                else:
                    row.wait_again(now, "Waiting to go on after an interruption")
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
        with self._writing() as session:
            session.execute(delete(ExecutorRow).where(ExecutorRow.worker == worker))

    def executor(self) -> ExecutorStatus:
        """The executor that was heard of last, on whatever machine."""
        with self._reading() as session:
            row = session.scalar(select(ExecutorRow).order_by(ExecutorRow.seen.desc()).limit(1))
            return executor_status(row, alive_since=self._now(session) - ABSENT_AFTER)

    def _held_here(self, job_id: str) -> tuple[ColumnElement[bool], ...]:
        """What a row must still say for this object to write to it: nobody's is the worker without a name."""
        worker, attempts = self._held.get(job_id, ("", 0))
        return JobRow.worker == worker, JobRow.attempts == attempts, JobRow.status == "running"

    def _mine(self, session: Session, job_id: str) -> JobRow:
        """Raises ``LostError`` unless the job is still the attempt that was claimed here."""
        row = session.scalar(select(JobRow).where(JobRow.id == job_id, *self._held_here(job_id)))
        if row is None:
            raise LostError(_lost(job_id))
        return row


def _under_way(worker: str, machine: str) -> Select[int]:
    """What that machine is at work on: each executor's own, "", is another one; a named one is the same whoever sends
    work there."""
    own = () if machine else (JobRow.worker == worker,)
    return select(JobRow.seq).where(JobRow.status == "running", JobRow.machine == machine, *own).limit(1)


def _lost(job_id: str) -> str:
    return f"job {job_id!r} isn't this executor's: it was ended, taken over or deleted"
