"""Browsers that measure for a decision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8"
down_revision = "7"


def upgrade() -> None:
    """Two tables more; nothing that was there changes."""
    op.create_table(
        "visit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("decision_id", sa.String(64), sa.ForeignKey("decision.id", ondelete="CASCADE"), nullable=False),
        sa.Column("link", sa.String(64), nullable=False, unique=True),
        sa.Column("key", sa.String(64), nullable=True, unique=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_visit_decision_id", "visit", ["decision_id"])
    op.create_table(
        "visit_cell",
        sa.Column("visit_id", sa.String(64), sa.ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("cell", sa.String(64), primary_key=True),
        sa.Column("data", sa.Text, nullable=False),
    )
