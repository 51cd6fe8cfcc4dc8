"""The tables. Plain types only, so that SQLite and PostgreSQL hold the same."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Boolean, DateTime, Dialect, Float, ForeignKey, Index, Integer, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_ID: Final = re.compile(r"[!-~]{1,64}")


class Id(TypeDecorator[str]):
    """An unguessable name, or whatever somebody put into the address bar instead.

    What no id looks like (NUL, which PostgreSQL refuses; half of a surrogate pair, which can't be encoded) is looked
    for as "", which is nobody's.
    """

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """As it is looked for or stored."""
        del dialect
        return value if value is None or _ID.fullmatch(value) else ""


class Base(DeclarativeBase):
    """All tables."""


class Versioned:
    """A row whose version and date grow with each change."""

    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(DateTime)

    def change(self, now: datetime, **values: Any) -> None:
        """Set columns. ``now`` is as it is stored."""
        for name, value in values.items():
            setattr(self, name, value)
        self.version += 1
        self.updated_at = now


class SchemaRow(Base):
    """One row, 7: a Fulcrum of before Alembic looks here for the version of the tables, and refuses what it is."""

    __tablename__ = "fulcrum_schema"
    version: Mapped[int] = mapped_column(Integer, primary_key=True)


class DecisionRow(Versioned, Base):
    """A decision: answers as JSON, who may edit."""

    __tablename__ = "decision"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    edit_key: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(64))
    answers: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime)
    address: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Index("decision_by_address", "address", "created_at"),)


class EditorRow(Base):
    """A browser that once showed a decision's edit key."""

    __tablename__ = "editor"
    decision_id: Mapped[str] = mapped_column(Id, ForeignKey("decision.id", ondelete="CASCADE"), primary_key=True)
    browser: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime)


class JobRow(Versioned, Base):
    """A job of any kind: what was asked, how far it is, and its result, both as JSON.

    A run's result is kept without its rounds: those are rows of their own.
    """

    __tablename__ = "job"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    decision_id: Mapped[str | None] = mapped_column(Id, ForeignKey("decision.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    request: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    fraction: Mapped[float] = mapped_column(Float)
    reason: Mapped[str] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    cancel_requested: Mapped[bool] = mapped_column(Boolean)
    worker: Mapped[str] = mapped_column(String(128))
    equals: Mapped[str] = mapped_column(Text)  # the machines that it is for, as a JSON list; "" is the executor's own
    places: Mapped[str] = mapped_column(Text)  # those of them that may take it now: one that was gone may not
    machine: Mapped[str | None] = mapped_column(String(128))  # which of them has it, or had it
    sweep: Mapped[str | None] = mapped_column(Id, index=True)  # what it was asked for with
    part: Mapped[int] = mapped_column(Integer)  # its number in that
    attempts: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(DateTime)
    queued_at: Mapped[datetime] = mapped_column(DateTime)  # when it came to wait, anew if it was resumed
    begun_at: Mapped[datetime | None] = mapped_column(DateTime)
    planned_rounds: Mapped[int] = mapped_column(Integer)
    finished_rounds: Mapped[int] = mapped_column(Integer)  # whole ones; any row with a larger number was cut off
    taken_over: Mapped[bool] = mapped_column(Boolean)

    def wait_again(self, now: datetime, message: str, **values: Any) -> None:
        """Queue it once more. Where a round of it is finished, only the machine that measured that goes on with it."""
        if self.finished_rounds and self.machine is not None:
            values["places"] = as_places([self.machine])
        self.change(now, status="queued", message=message, worker="", begun_at=None, **values)

    def cancel(self, now: datetime) -> None:
        """What waits is cancelled at once; what is under way is told that somebody wishes it; what is over stays so."""
        if self.status == "queued":
            self.change(now, status="cancelled", message="")
        elif self.status == "running":
            self.change(now, cancel_requested=True, message="Cancelling")

    __table_args__ = (
        Index("job_by_status", "status", "seq"),
        Index("job_by_kind", "kind", "subject", "seq"),
        Index("job_by_change", "updated_at"),
    )


def as_places(machines: Sequence[str]) -> str:
    """Machines as ``JobRow`` has them."""
    return json.dumps(list(machines))


class MeasurementRow(Base):
    """A probe that a run measured to its end, and under which conditions: what runs are found by, no result read."""

    __tablename__ = "measurement"
    job_id: Mapped[str] = mapped_column(Id, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    probe: Mapped[str] = mapped_column(String(128), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(16))  # as it was asked for
    on_gpu: Mapped[bool] = mapped_column(Boolean)  # what that came to
    threads: Mapped[int] = mapped_column(Integer)
    sizes: Mapped[str] = mapped_column(Text)  # JSON with sorted keys
    measured_at: Mapped[datetime] = mapped_column(DateTime)
    __table_args__ = (Index("measurement_by_conditions", "fingerprint", "threads", "probe"),)


class RoundRow(Base):
    """A round of a run, as JSON. A whole one is written once and never changed."""

    __tablename__ = "round"
    job_id: Mapped[str] = mapped_column(Id, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[str] = mapped_column(Text)


class VisitRow(Versioned, Base):
    """A browser that measures for a decision: its plan and how far it is, both as JSON. Tokens are kept as hashes."""

    __tablename__ = "visit"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True)
    decision_id: Mapped[str] = mapped_column(Id, ForeignKey("decision.id", ondelete="CASCADE"), index=True)
    link: Mapped[str] = mapped_column(String(64), unique=True)  # of the token that the link holds
    key: Mapped[str | None] = mapped_column(String(64), unique=True)  # of what the browser that opened it writes with
    state: Mapped[str] = mapped_column(String(16))
    plan: Mapped[str] = mapped_column(Text)
    progress: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime)
    expires_at: Mapped[datetime] = mapped_column(DateTime)


class VisitCellRow(Base):
    """What a browser measured of one cell, as JSON."""

    __tablename__ = "visit_cell"
    visit_id: Mapped[str] = mapped_column(Id, ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True)
    cell: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[str] = mapped_column(Text)


class ExecutorRow(Base):
    """An executor that is there, or was until ``seen``."""

    __tablename__ = "executor"
    worker: Mapped[str] = mapped_column(String(128), primary_key=True)
    pid: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(DateTime)
    seen: Mapped[datetime] = mapped_column(DateTime)
