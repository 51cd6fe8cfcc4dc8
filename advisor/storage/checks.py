"""Self-checks over SQL."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session, aliased

from advisor.checking import CheckRecord, CheckStatus, PageForm
from advisor.ports import Clock
from advisor.storage.database import transaction
from advisor.storage.rows import check_record, utc
from advisor.storage.tables import CheckRow
from probes.check.schema import Check
from probes.schema import to_json

ACTIVE = ("queued", "running")


class SqlChecks:
    """``advisor.checking.CheckStore`` over one SQL database."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def enqueue(self, form: PageForm = "quick") -> CheckRecord:
        """Queue a check; an active one is returned as it is."""
        with transaction(self._engine) as session:
            active = session.scalar(select(CheckRow).where(CheckRow.status.in_(ACTIVE)).limit(1))
            if active is not None:
                return check_record(active)
            row = CheckRow(
                id=secrets.token_urlsafe(12),
                form=form,
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
            return check_record(row)

    def latest(self) -> CheckRecord | None:
        """The newest one."""
        return self._one(select(CheckRow).order_by(CheckRow.seq.desc()).limit(1))

    def version(self) -> tuple[str, int] | None:
        """(id, version) of the newest one."""
        query = select(CheckRow.id, CheckRow.version).order_by(CheckRow.seq.desc()).limit(1)
        with self._engine.connect() as connection:
            found = connection.execute(query).one_or_none()
            return (found.id, found.version) if found else None

    def done(self, form: PageForm | None = None) -> CheckRecord | None:
        """The newest one that has a result, of any form or of this one."""
        query = select(CheckRow).where(CheckRow.result.is_not(None)).order_by(CheckRow.seq.desc()).limit(1)
        return self._one(query.where(CheckRow.form == form) if form else query)

    def request_cancel(self, check_id: str) -> None:
        """A queued check is cancelled at once, a running one as soon as its executor sees it."""
        with transaction(self._engine) as session:
            row = self._row(session, check_id)
            if row.status == "queued":
                self._change(row, status="cancelled", message="")
            elif row.status == "running":
                self._change(row, cancel_requested=True, message="Cancelling")

    def cancel_requested(self, check_id: str) -> bool:
        """Whether somebody pressed Cancel."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(CheckRow.cancel_requested).where(CheckRow.id == check_id)))

    def claim(self, worker: str) -> CheckRecord | None:
        """Take the oldest queued check, in one statement."""
        with self._engine.connect() as connection:  # most looks find nothing, and should keep no writer waiting
            if connection.scalar(select(CheckRow.seq).where(CheckRow.status == "queued").limit(1)) is None:
                return None
        other = aliased(CheckRow)
        oldest = select(func.min(other.seq)).where(other.status == "queued").scalar_subquery()
        statement = (
            update(CheckRow)
            .where(CheckRow.seq == oldest, CheckRow.status == "queued")
            .values(
                status="running",
                worker=worker,
                version=CheckRow.version + 1,
                message="Starting",
                updated_at=utc(self._clock.now()),
            )
            .returning(CheckRow.id)
            .execution_options(synchronize_session=False)
        )
        with transaction(self._engine) as session:
            claimed = session.execute(statement).scalar_one_or_none()
            return check_record(self._row(session, claimed)) if claimed else None

    def tell(self, check_id: str, message: str, fraction: float) -> None:
        """What it is doing now."""
        with transaction(self._engine) as session:
            row = self._row(session, check_id)
            if row.status == "running" and not row.cancel_requested:
                self._change(row, message=message, fraction=fraction)

    def finish(self, check_id: str, status: CheckStatus, *, reason: str = "", result: Check | None = None) -> None:
        """The end of it."""
        with transaction(self._engine) as session:
            row = self._row(session, check_id)
            text = to_json(result) if result else row.result
            self._change(row, status=status, reason=reason, message="", result=text, fraction=1.0)

    def recover(self, worker: str) -> None:
        """What this worker left running has failed."""
        query = select(CheckRow).where(CheckRow.status == "running", CheckRow.worker == worker)
        with transaction(self._engine) as session:
            for row in session.scalars(query):
                self._change(row, status="failed", reason="the measuring process ended unexpectedly", message="")

    def _one(self, query: Any) -> CheckRecord | None:
        with Session(self._engine) as session:
            row = session.scalar(query)
            return check_record(row) if row else None

    def _row(self, session: Session, check_id: str) -> CheckRow:
        row = session.scalar(select(CheckRow).where(CheckRow.id == check_id))
        if row is None:
            raise LookupError(f"there is no self-check {check_id!r}")
        return row

    def _change(self, row: CheckRow, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = utc(self._clock.now())
