"""Which machine a job is for, and what it was asked for with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "9"
down_revision = "8"


def upgrade() -> None:
    """Until now the executor's own machine did everything, but for runs that name another one."""
    with op.batch_alter_table("job") as job:
        job.add_column(sa.Column("equals", sa.Text, nullable=False, server_default='[""]'))
        job.add_column(sa.Column("places", sa.Text, nullable=False, server_default='[""]'))
        job.add_column(sa.Column("machine", sa.String(128), nullable=True))
        job.add_column(sa.Column("sweep", sa.String(64), nullable=True))
        job.add_column(sa.Column("part", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("job") as job:
        job.alter_column("equals", server_default=None)
        job.alter_column("places", server_default=None)
        job.alter_column("part", server_default=None)
        job.create_index("ix_job_sweep", ["sweep"])
