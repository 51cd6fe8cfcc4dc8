"""The tables. Plain types only, so that SQLite and PostgreSQL hold the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, DateTime, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables."""


class SchemaRow(Base):
    """One row: which version of these tables the database holds."""

    __tablename__ = "fulcrum_schema"
    version: Mapped[int] = mapped_column(Integer, primary_key=True)


class DecisionRow(Base):
    """A decision: answers as JSON, who may edit."""

    __tablename__ = "decision"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    edit_key: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    answers: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime)
    updated_at: Mapped[datetime] = mapped_column(DateTime)


class RunRow(Base):
    """A run: what was asked, how far it is, and its result as JSON."""

    __tablename__ = "run"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    request: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    fraction: Mapped[float] = mapped_column(Float)
    planned_rounds: Mapped[int] = mapped_column(Integer)
    finished_rounds: Mapped[int] = mapped_column(Integer)
    cancel_requested: Mapped[bool] = mapped_column(Boolean)
    attempts: Mapped[int] = mapped_column(Integer)
    worker: Mapped[str] = mapped_column(String(128))
    result: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime)
    updated_at: Mapped[datetime] = mapped_column(DateTime)
    taken_over: Mapped[bool] = mapped_column(Boolean)
    __table_args__ = (Index("run_by_status", "status", "seq"),)


class MeasurementRow(Base):
    """A probe that a run measured to its end, and under which conditions: what runs are found by, no result read."""

    __tablename__ = "measurement"
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    probe: Mapped[str] = mapped_column(String(128), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(16))  # as it was asked for
    on_gpu: Mapped[bool] = mapped_column(Boolean)  # what that came to
    threads: Mapped[int] = mapped_column(Integer)
    sizes: Mapped[str] = mapped_column(Text)  # JSON with sorted keys
    measured_at: Mapped[datetime] = mapped_column(DateTime)
    __table_args__ = (Index("measurement_by_conditions", "fingerprint", "threads", "probe"),)


class RoundRow(Base):
    """A finished round of a run, as JSON: written once, never changed."""

    __tablename__ = "round"
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[str] = mapped_column(Text)


class JobRow(Base):
    """A job of any kind: what was asked, how far it is, and its result, both as JSON."""

    __tablename__ = "job"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    request: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    message: Mapped[str] = mapped_column(Text)
    fraction: Mapped[float] = mapped_column(Float)
    reason: Mapped[str] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    cancel_requested: Mapped[bool] = mapped_column(Boolean)
    worker: Mapped[str] = mapped_column(String(128))
    updated_at: Mapped[datetime] = mapped_column(DateTime)
    __table_args__ = (Index("job_by_status", "status", "seq"), Index("job_by_kind", "kind", "subject", "seq"))


class ExecutorRow(Base):
    """An executor that is there, or was until ``seen``."""

    __tablename__ = "executor"
    worker: Mapped[str] = mapped_column(String(128), primary_key=True)
    pid: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(DateTime)
    seen: Mapped[datetime] = mapped_column(DateTime)
