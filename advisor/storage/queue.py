"""What waits, and what is under way: how many there are, and whose turn it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from advisor.queue.fairness import RECENT, Turn, W, in_turn
from advisor.queue.quotas import Waiting, check_wait
from advisor.records import ACTIVE, QueueEntry, Requester
from advisor.storage.tables import JobRow

_SINCE: Final = func.coalesce(JobRow.begun_at, JobRow.queued_at)


class _InLine(NamedTuple):
    """Of what waits, what its turn is found by."""

    id: str
    owner: str
    address: str
    since: datetime


def admit(session: Session, by: Requester) -> None:
    """Raise ``QuotaError`` if one more may not wait."""
    own = func.count().filter(JobRow.owner == by.browser)
    near = func.count().filter(JobRow.address == by.address)
    row = session.execute(select(own, near, func.count()).where(JobRow.status == "queued")).one()
    check_wait(by, Waiting(*row))


def drop_earlier(session: Session, row: JobRow) -> None:
    """Delete what is over of the same kind and subject, and came before."""
    earlier = (JobRow.kind == row.kind, JobRow.subject == row.subject, JobRow.seq < row.seq)
    over = delete(JobRow).where(*earlier, JobRow.status.not_in(ACTIVE))
    session.execute(over.execution_options(synchronize_session=False))


def somebody_waits(session: Session) -> bool:
    """A cheap look: most find nothing."""
    return session.scalar(select(JobRow.seq).where(JobRow.status == "queued").limit(1)) is not None


def machines_waited_for(session: Session) -> frozenset[str]:
    """Those that something that waits may be taken by."""
    found = session.scalars(select(JobRow.places).where(JobRow.status == "queued").distinct())
    return frozenset(machine for places in found for machine in json.loads(places))


def waiting(session: Session, now: datetime) -> list[QueueEntry]:
    """What waits, in the order in which it will be taken. ``now`` is as it is stored."""
    return _in_order(session, _entries(session, "queued"), now)


def next_in_turn(session: Session, now: datetime, machine: str) -> str | None:
    """The id of what this machine takes next, in the order of ``waiting``. Of each that waits only that is read by
    which it is found: where a thousand wait, a thousand look."""
    since = _SINCE.label("since")
    asked = select(JobRow.id, JobRow.owner, JobRow.address, since, JobRow.places).where(JobRow.status == "queued")
    rows = session.execute(asked.order_by(since, JobRow.seq)).all()
    fits = {places: machine in json.loads(places) for places in {row.places for row in rows}}
    may = [_InLine(row.id, row.owner, row.address, row.since.replace(tzinfo=UTC)) for row in rows if fits[row.places]]
    return next((one.id for one in _in_order(session, may, now, machine)), None)


def _in_order(session: Session, entries: list[W], now: datetime, machine: str | None = None) -> list[W]:
    if len(entries) < 2:
        return entries
    horizon = min(now - RECENT, entries[0].since.replace(tzinfo=None))
    return in_turn(entries, _turns(session, horizon, machine), now.replace(tzinfo=UTC))


def under_way(session: Session) -> list[QueueEntry]:
    """What executors are at work on, the oldest first."""
    return _entries(session, "running")


def _entries(session: Session, status: Literal["queued", "running"]) -> list[QueueEntry]:
    since = _SINCE.label("since")
    columns = (
        *(JobRow.id, JobRow.kind, JobRow.subject, JobRow.owner, JobRow.address, since),
        *(JobRow.message, JobRow.fraction, JobRow.worker, JobRow.places, JobRow.machine),
    )
    rows = session.execute(select(*columns).where(JobRow.status == status).order_by(since, JobRow.seq))
    return [_entry(dict(row._mapping), status) for row in rows]


def _entry(row: dict[str, Any], status: Literal["queued", "running"]) -> QueueEntry:
    since, machine, places = row.pop("since"), row.pop("machine"), tuple(json.loads(row.pop("places")))
    if status == "running" and machine is not None:
        places = (machine,)
    return QueueEntry(**row, since=since.replace(tzinfo=UTC), places=places, status=status)


def _turns(session: Session, horizon: datetime, machine: str | None) -> list[Turn]:
    """What is under way on a machine, or ended at ``horizon`` or later. What was cancelled before its turn was none."""
    had = [JobRow.status != "queued", JobRow.attempts > 0]
    if machine is not None:
        had.append(JobRow.machine == machine)
    lately = or_(JobRow.status == "running", JobRow.updated_at >= horizon)
    rows = session.execute(select(JobRow.owner, JobRow.address, JobRow.status, JobRow.updated_at).where(*had, lately))
    return [
        Turn(row.owner, row.address, None if row.status == "running" else row.updated_at.replace(tzinfo=UTC))
        for row in rows
    ]
