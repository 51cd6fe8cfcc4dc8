"""Runs and jobs that wait, as one queue: how many there are, and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from advisor.model import RUN, QueueEntry, Requester
from advisor.queue.fairness import RECENT, Turn, in_turn
from advisor.queue.quotas import Waiting, check_wait
from advisor.storage.tables import JobRow, RunRow


def admit(session: Session, by: Requester) -> None:
    """Raise ``QuotaError`` if one more may not wait."""
    browser = address = everybody = 0
    for table in (RunRow, JobRow):
        own = func.count().filter(table.owner == by.browser)
        near = func.count().filter(table.address == by.address)
        row = session.execute(select(own, near, func.count()).where(table.status == "queued")).one()
        browser, address, everybody = browser + row[0], address + row[1], everybody + row[2]
    check_wait(by, Waiting(browser, address, everybody))


def somebody_waits(session: Session) -> bool:
    """A cheap look: most find nothing."""
    return any(
        session.scalar(select(table.seq).where(table.status == "queued").limit(1)) is not None
        for table in (RunRow, JobRow)
    )


def waiting(session: Session, now: datetime) -> list[QueueEntry]:
    """What waits, in the order in which it will be taken. ``now`` is as it is stored."""
    entries = _entries(session, "queued")
    if len(entries) < 2:
        return entries
    horizon = min(now - RECENT, entries[0].since.replace(tzinfo=None))
    turns = [turn for table in (RunRow, JobRow) for turn in _turns(session, table, horizon)]
    return in_turn(entries, turns, now.replace(tzinfo=UTC))


def under_way(session: Session) -> list[QueueEntry]:
    """What executors are at work on, the oldest first."""
    return _entries(session, "running")


def _entries(session: Session, status: Literal["queued", "running"]) -> list[QueueEntry]:
    runs, jobs = (_columns(table, what).where(table.status == status) for table, what in _KINDS)
    both = union_all(runs, jobs).subquery()
    # A run and a job of the same moment can't be told apart by their numbers: runs go first.
    rows = session.execute(select(both).order_by(both.c.since, both.c.work != RUN, both.c.seq))
    return [
        QueueEntry(
            id=row.id,
            work=row.work,
            status=status,
            subject=row.subject,
            owner=row.owner,
            address=row.address,
            since=row.since.replace(tzinfo=UTC),
            message=row.message,
            fraction=row.fraction,
            worker=row.worker,
        )
        for row in rows
    ]


_KINDS: Final[Sequence[tuple[type[RunRow] | type[JobRow], tuple[ColumnElement[str], ColumnElement[str]]]]] = (
    (RunRow, (literal(RUN), cast(Any, RunRow.decision_id))),
    (JobRow, (cast(Any, JobRow.kind), cast(Any, JobRow.subject))),
)


def _columns(table: type[RunRow] | type[JobRow], what: tuple[ColumnElement[str], ColumnElement[str]]) -> Select[Any]:
    work, subject = what
    columns: Any = (
        table.seq,
        table.id,
        work.label("work"),
        subject.label("subject"),
        table.owner,
        table.address,
        func.coalesce(table.begun_at, table.queued_at).label("since"),
        table.message,
        table.fraction,
        table.worker,
    )
    return select(*columns)


def _turns(session: Session, table: type[RunRow] | type[JobRow], horizon: datetime) -> list[Turn]:
    """What is under way, or ended at ``horizon`` or later. What was cancelled before its turn was none."""
    had = (table.status != "queued", table.attempts > 0, or_(table.status == "running", table.updated_at >= horizon))
    rows = session.execute(select(table.owner, table.address, table.status, table.updated_at).where(*had))
    return [
        Turn(row.owner, row.address, None if row.status == "running" else row.updated_at.replace(tzinfo=UTC))
        for row in rows
    ]
