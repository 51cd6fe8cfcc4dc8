"""The first tables of a release; a database of schema 6, which knew runs beside jobs, is carried over.

Nothing here is taken from ``tables``: that goes on changing, an old database doesn't.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "7"
down_revision = None

RENAMED = {"run": "old_run", "job": "old_job", "round": "old_round", "measurement": "old_measurement"}


def upgrade() -> None:
    """There is no way back: a backup is."""
    connection = op.get_bind()
    if not sa.inspect(connection).has_table("fulcrum_schema"):
        op.create_table("fulcrum_schema", sa.Column("version", sa.Integer, primary_key=True))
        op.execute("INSERT INTO fulcrum_schema VALUES (7)")
        _decisions_and_executors()
        _jobs()
        return
    for old, new in RENAMED.items():
        for index in sa.inspect(connection).get_indexes(old):
            if not index.get("duplicates_constraint"):
                op.drop_index(str(index["name"]), old)
        op.rename_table(old, new)
    _jobs()
    _carry_over(connection)
    for table in ("old_measurement", "old_round", "old_run", "old_job"):  # what refers to others goes first
        op.drop_table(table)
    op.execute("UPDATE fulcrum_schema SET version = 7")  # a Fulcrum of before Alembic looks here, and refuses


def _decisions_and_executors() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("edit_key", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_index("decision_by_address", "decision", ["address", "created_at"])
    op.create_table(
        "editor",
        _of("decision", primary_key=True),
        sa.Column("browser", sa.String(64), primary_key=True),
        sa.Column("since", sa.DateTime, nullable=False),
    )
    op.create_table(
        "executor",
        sa.Column("worker", sa.String(128), primary_key=True),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("seen", sa.DateTime, nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        _of("decision", nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("fraction", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("worker", sa.String(128), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("queued_at", sa.DateTime, nullable=False),
        sa.Column("begun_at", sa.DateTime),
        sa.Column("planned_rounds", sa.Integer, nullable=False),
        sa.Column("finished_rounds", sa.Integer, nullable=False),
        sa.Column("taken_over", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_job_decision_id", "job", ["decision_id"])
    op.create_index("job_by_status", "job", ["status", "seq"])
    op.create_index("job_by_kind", "job", ["kind", "subject", "seq"])
    op.create_index("job_by_change", "job", ["updated_at"])
    op.create_table(
        "round",
        _of("job", primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_table(
        "measurement",
        _of("job", primary_key=True),
        sa.Column("probe", sa.String(128), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("device", sa.String(16), nullable=False),
        sa.Column("on_gpu", sa.Boolean, nullable=False),
        sa.Column("threads", sa.Integer, nullable=False),
        sa.Column("sizes", sa.Text, nullable=False),
        sa.Column("measured_at", sa.DateTime, nullable=False),
    )
    op.create_index("measurement_by_conditions", "measurement", ["fingerprint", "threads", "probe"])


def _of(table: str, **rules: Any) -> sa.Column[Any]:
    return sa.Column(f"{table}_id", sa.String(64), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), **rules)


def _carry_over(connection: sa.Connection) -> None:
    """Runs become jobs of the kind "run" whose subject is their decision; they stand before what were jobs already."""
    kept = (
        "id, status, request, message, fraction, reason, result, cancel_requested, worker, attempts, owner, address, "
        "queued_at, begun_at, version, updated_at"
    )
    new = "kind, subject, decision_id, created_at, planned_rounds, finished_rounds, taken_over"
    runs = "'run', decision_id, decision_id, created_at, planned_rounds, finished_rounds, taken_over"
    jobs = "kind, subject, NULL, queued_at, 0, 0, FALSE"
    for statement in (
        f"INSERT INTO job ({kept}, {new}) SELECT {kept}, {runs} FROM old_run ORDER BY seq",  # noqa: S608
        f"INSERT INTO job ({kept}, {new}) SELECT {kept}, {jobs} FROM old_job ORDER BY seq",  # noqa: S608
        "INSERT INTO round (job_id, number, data) SELECT run_id, number, data FROM old_round",
        "INSERT INTO measurement (job_id, probe, fingerprint, device, on_gpu, threads, sizes, measured_at) "
        "SELECT run_id, probe, fingerprint, device, on_gpu, threads, sizes, measured_at FROM old_measurement",
    ):
        connection.execute(text(statement))
    measured = connection.scalars(text("SELECT id FROM job WHERE kind = 'run' AND result IS NOT NULL")).all()
    for job_id in measured:  # one result at a time: each may hold megabytes
        _rounds_once(connection, job_id)


def _rounds_once(connection: sa.Connection, job_id: str) -> None:
    """Rounds were kept as rows and in the result; that of a round which was cut off only there."""
    own = {"id": job_id}
    result = json.loads(connection.execute(text("SELECT result FROM job WHERE id = :id"), own).scalar_one())
    rows = set(connection.scalars(text("SELECT number FROM round WHERE job_id = :id"), own))
    for kept in result["rounds"]:
        if kept["index"] not in rows:
            row = {**own, "number": kept["index"], "data": json.dumps(kept, ensure_ascii=False)}
            connection.execute(text("INSERT INTO round (job_id, number, data) VALUES (:id, :number, :data)"), row)
    estimates = json.dumps({**result, "rounds": []}, ensure_ascii=False)
    connection.execute(text("UPDATE job SET result = :result WHERE id = :id"), {**own, "result": estimates})
