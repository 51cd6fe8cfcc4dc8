"""The store over SQL. Every method is one transaction; every row has a version that grows with each change."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from advisor.answers import Answers
from advisor.conditions import Conditions
from advisor.model import ACTIVE, DecisionRecord, ExecutorStatus, RunRecord, RunStatus
from advisor.ports import Clock
from advisor.reuse import Known
from advisor.storage import measurements
from advisor.storage.database import transaction
from advisor.storage.rows import answers_json, decision_record, executor_status, run_record, run_row, utc
from advisor.storage.tables import DecisionRow, ExecutorRow, RoundRow, RunRow
from probes.schema import Round, RunRequest, RunResult, from_json, to_json

#: After so many attempts that ended with the executor's death a run is not started again by itself.
MOST_ATTEMPTS = 2
#: A decision's evidence is looked for in so many of its newest runs.
MOST_RUNS = 20
#: An executor that was not heard of for so long isn't there. It beats every few seconds.
ABSENT_AFTER = timedelta(seconds=20)
#: After so long its run is given to another machine; a computer may have slept meanwhile.
LOST_AFTER = timedelta(minutes=5)


class NotFoundError(LookupError):
    """There is no such decision or run."""


class SqlStore:
    """``advisor.ports.Store`` over one SQL database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    # ------------------------------------------------------------------------------------ decisions

    def create_decision(self, answers: Answers, *, owner: str = "") -> DecisionRecord:
        """A new decision with an unguessable id and edit key (144 random bits each)."""
        now = utc(self._clock.now())
        row = DecisionRow(
            id=secrets.token_urlsafe(18),
            edit_key=secrets.token_urlsafe(18),
            owner=owner,
            version=1,
            answers=answers_json(answers),
            created_at=now,
            updated_at=now,
        )
        with transaction(self._engine) as session:
            session.add(row)
            session.flush()
            return decision_record(row)

    def decision(self, decision_id: str) -> DecisionRecord | None:
        """The decision, or None."""
        if not decision_id.isprintable():  # from anybody's address bar; PostgreSQL raises at a NUL
            return None
        with Session(self._engine) as session:
            row = session.get(DecisionRow, decision_id)
            return decision_record(row) if row else None

    def decision_version(self, decision_id: str) -> int | None:
        """Its version, or None: a cheap look for pages that poll."""
        with self._engine.connect() as connection:
            return connection.scalar(select(DecisionRow.version).where(DecisionRow.id == decision_id))

    def save_answers(self, decision_id: str, answers: Answers) -> DecisionRecord:
        """Replace the answers. Raises ``NotFoundError``."""
        with transaction(self._engine) as session:
            row = session.get(DecisionRow, decision_id)
            if row is None:
                raise NotFoundError(f"there is no decision {decision_id!r}")
            row.answers, row.version, row.updated_at = answers_json(answers), row.version + 1, utc(self._clock.now())
            session.flush()
            return decision_record(row)

    # ------------------------------------------------------------------------------------ runs, from the pages

    def enqueue(self, decision_id: str, request: RunRequest) -> RunRecord:
        """Queue a run; the decision's active run is returned as it is, if there is one."""
        row = run_row(decision_id, request, utc(self._clock.now()))
        with transaction(self._engine) as session:
            if active := self._active_run(session, decision_id):
                return run_record(active)
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
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(RunRow.seq.desc()).limit(1)).one_or_none()
            return (found.id, found.version) if found else None

    def finished_runs(self, decision_id: str) -> tuple[tuple[str, int], ...]:
        """(id, version) of the runs that are over, newest first."""
        query = select(RunRow.id, RunRow.version).where(
            RunRow.decision_id == decision_id, RunRow.status.not_in(ACTIVE), RunRow.result.is_not(None)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(RunRow.seq.desc()).limit(MOST_RUNS))
            return tuple((row.id, row.version) for row in rows)

    def known(self, conditions: Conditions, *, decision_id: str) -> tuple[Known, ...]:
        """The newest finished measurement of each probe under ``conditions``, the decision's own and others'."""
        with self._engine.connect() as connection:
            return measurements.known(connection, conditions, decision_id=decision_id)

    def adopt(self, decision_id: str, result: RunResult) -> RunRecord:
        """A copy of a finished run with its rounds; the active run, or a copy made before, is returned as it is."""
        now = self._clock.now()
        row = run_row(
            decision_id,
            result.request,
            utc(now),
            status="done",
            message="",
            fraction=1.0,
            planned_rounds=result.planned_rounds,
            finished_rounds=len(result.rounds),
            result=to_json(result),
            taken_over=True,
        )
        with transaction(self._engine) as session:
            held = self._active_run(session, decision_id)
            if held := held or measurements.adopted(session, decision_id, result, stored_at=now):
                return run_record(held)
            session.add(row)
            session.flush()
            session.add_all(RoundRow(run_id=row.id, number=r.index, data=to_json(r)) for r in result.rounds)
            measurements.keep(session, row.id, result, stored_at=now)
            session.flush()
            return run_record(row)

    def request_cancel(self, run_id: str) -> None:
        """A queued run is cancelled at once, a running one as soon as its executor sees it."""
        with transaction(self._engine) as session:
            row = self._run_row(session, run_id)
            if row.status == "queued":
                self._change(row, status="cancelled", message="Cancelled before it started")
            elif row.status == "running":
                self._change(row, cancel_requested=True, message="Cancelling")

    def resume(self, run_id: str) -> RunRecord:
        """Queue an interrupted run again; its finished rounds stay. Other runs are returned as they are, and so is
        the decision's active run, if there is one."""
        with transaction(self._engine) as session:
            row = self._run_row(session, run_id)
            if active := self._active_run(session, row.decision_id):
                return run_record(active)
            if row.status == "interrupted":
                self._change(row, status="queued", reason="", message="Waiting to go on", attempts=0)
                row.cancel_requested = False
            session.flush()
            return run_record(row)

    def queue_position(self, run_id: str) -> int:
        """How many runs are ahead of it: older ones that wait, and one that runs."""
        with Session(self._engine) as session:
            row = self._run_row(session, run_id)
            if row.status != "queued":
                return 0
            ahead = or_(RunRow.status == "running", and_(RunRow.status == "queued", RunRow.seq < row.seq))
            return session.scalar(select(func.count()).select_from(RunRow).where(ahead)) or 0

    # ------------------------------------------------------------------------------------ runs, from the executor

    def claim(self, worker: str) -> RunRecord | None:
        """Take the oldest queued run unless this machine has one running: one statement, so no two take the same."""
        with self._engine.connect() as connection:  # most looks find nothing, and should keep no writer waiting
            if connection.scalar(select(RunRow.seq).where(RunRow.status == "queued").limit(1)) is None:
                return None
        other = aliased(RunRow)
        oldest = select(func.min(other.seq)).where(other.status == "queued").scalar_subquery()
        busy = aliased(RunRow)
        running = exists().where(busy.status == "running", busy.worker == worker)
        statement = (
            update(RunRow)
            .where(RunRow.seq == oldest, RunRow.status == "queued", ~running)
            .values(
                status="running",
                worker=worker,
                attempts=RunRow.attempts + 1,
                version=RunRow.version + 1,
                message="Starting",
                updated_at=utc(self._clock.now()),
            )
            .returning(RunRow.id)
            .execution_options(synchronize_session=False)
        )
        with transaction(self._engine) as session:
            claimed = session.execute(statement).scalar_one_or_none()
            return run_record(self._run_row(session, claimed)) if claimed else None

    def rounds(self, run_id: str) -> tuple[Round, ...]:
        """The finished rounds, oldest first."""
        query = select(RoundRow.data).where(RoundRow.run_id == run_id).order_by(RoundRow.number)
        with self._engine.connect() as connection:
            return tuple(from_json(Round, text) for text in connection.scalars(query))

    def save_round(self, run_id: str, round_: Round) -> None:
        """Keep a finished round; the same round twice is an error of the database."""
        with transaction(self._engine) as session:
            row = self._run_row(session, run_id)
            session.execute(insert(RoundRow).values(run_id=run_id, number=round_.index, data=to_json(round_)))
            self._change(row, finished_rounds=row.finished_rounds + 1)

    def save_progress(
        self, run_id: str, *, message: str, fraction: float, planned_rounds: int, result: RunResult | None
    ) -> None:
        """What the run is doing now; ``result`` is provisional, None keeps the one before."""
        with transaction(self._engine) as session:
            row = self._run_row(session, run_id)
            if row.status != "running":
                return
            values: dict[str, Any] = {"fraction": fraction, "planned_rounds": planned_rounds}
            if not row.cancel_requested:
                values["message"] = message
            if result is not None:
                values["result"] = to_json(result)
            self._change(row, **values)

    def cancel_requested(self, run_id: str) -> bool:
        """Whether somebody pressed Cancel."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(RunRow.cancel_requested).where(RunRow.id == run_id)))

    def finish(self, run_id: str, status: RunStatus, *, reason: str = "", result: RunResult | None = None) -> None:
        """The end of a run, or of an attempt (``interrupted``, ``queued``)."""
        with transaction(self._engine) as session:
            row = self._run_row(session, run_id)
            values: dict[str, Any] = {"status": status, "reason": reason, "message": ""}
            if status == "done":
                values["fraction"] = 1.0
            if result is not None:
                values |= {"result": to_json(result), "planned_rounds": result.planned_rounds}
                measurements.keep(session, run_id, result, stored_at=self._clock.now())
            self._change(row, **values)

    def recover(self, worker: str) -> None:
        """Put back what dead executors left running; after ``MOST_ATTEMPTS`` it waits for somebody to resume it."""
        horizon = utc(self._clock.now() - LOST_AFTER)
        heard_of = exists().where(ExecutorRow.worker == RunRow.worker, ExecutorRow.seen >= horizon)
        lost = or_(RunRow.worker == worker, and_(RunRow.updated_at < horizon, ~heard_of))
        with transaction(self._engine) as session:
            for row in session.scalars(select(RunRow).where(RunRow.status == "running", lost)):
                if row.cancel_requested:
                    self._change(row, status="cancelled", message="")
                elif row.attempts >= MOST_ATTEMPTS:
                    reason = f"the measuring process ended unexpectedly {row.attempts} times"
                    self._change(row, status="interrupted", reason=reason, message="")
                else:
                    self._change(row, status="queued", message="Waiting to go on after an interruption")

    def beat(self, worker: str, pid: int) -> None:
        """A sign of life. ``since`` starts anew with a new process."""
        now = utc(self._clock.now())
        with transaction(self._engine) as session:
            row = session.get(ExecutorRow, worker)
            if row is None:
                session.add(ExecutorRow(worker=worker, pid=pid, since=now, seen=now))
            else:
                row.since, row.pid, row.seen = row.since if row.pid == pid else now, pid, now

    def leave(self, worker: str) -> None:
        """This worker takes no more runs."""
        with transaction(self._engine) as session:
            session.execute(delete(ExecutorRow).where(ExecutorRow.worker == worker))

    def executor(self) -> ExecutorStatus:
        """The executor that was heard of last, on whatever machine."""
        with Session(self._engine) as session:
            row = session.scalar(select(ExecutorRow).order_by(ExecutorRow.seen.desc()).limit(1))
            return executor_status(row, alive_since=utc(self._clock.now() - ABSENT_AFTER))

    # ------------------------------------------------------------------------------------ what they share

    def _one(self, query: Any) -> RunRecord | None:
        with Session(self._engine) as session:
            row = session.scalar(query)
            return run_record(row) if row else None

    def _run_row(self, session: Session, run_id: str) -> RunRow:
        row = session.scalar(select(RunRow).where(RunRow.id == run_id))
        if row is None:
            raise NotFoundError(f"there is no run {run_id!r}")
        return row

    def _active_run(self, session: Session, decision_id: str) -> RunRow | None:
        """Raises ``NotFoundError``."""
        if session.get(DecisionRow, decision_id) is None:
            raise NotFoundError(f"there is no decision {decision_id!r}")
        query = select(RunRow).where(RunRow.decision_id == decision_id, RunRow.status.in_(ACTIVE))
        return session.scalar(query.limit(1))

    def _change(self, row: RunRow, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = utc(self._clock.now())
