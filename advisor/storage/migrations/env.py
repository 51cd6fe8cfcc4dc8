"""What Alembic runs: in a transaction of ours, or for a command on a database that ``FULCRUM_DATABASE_URL`` names."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection, create_engine

from advisor.storage.tables import Base


def _run(connection: Connection) -> None:
    # SQLite changes a table by making another one: «batch mode».
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with create_engine(os.environ["FULCRUM_DATABASE_URL"]).connect() as opened:
        _run(opened)
