"""The version of the tables, and the way from an older one to this one. A newer database is refused, not damaged."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, inspect, select, text, update

from advisor.storage.tables import Base, SchemaRow


class StoreError(Exception):
    """The database can't be used. The text says why and what to do."""


def _executors(connection: Connection) -> None:
    """1 to 2: who is there to take runs."""
    connection.execute(
        text(
            "CREATE TABLE executor (worker VARCHAR(128) NOT NULL PRIMARY KEY, pid INTEGER NOT NULL, "
            "since TIMESTAMP NOT NULL, seen TIMESTAMP NOT NULL)"
        )
    )


#: Each brings a database from version n (its index + 1) to the next. Written in SQL that both SQLite and PostgreSQL
#: know, and never changed afterwards: the classes in ``tables`` go on changing, an old database doesn't.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_executors,)
VERSION = len(MIGRATIONS) + 1


def migrate(connection: Connection) -> None:
    """Make the tables, or bring old ones up to date, in the caller's transaction. Raises ``StoreError``."""
    if not inspect(connection).has_table(SchemaRow.__tablename__):
        Base.metadata.create_all(connection)
        connection.execute(insert(SchemaRow).values(version=VERSION))
        return
    found = connection.execute(select(SchemaRow.version)).scalar_one()
    if found > VERSION:
        raise StoreError(f"the database has schema {found}, this Fulcrum knows {VERSION}: install a newer Fulcrum")
    for step in MIGRATIONS[found - 1 :]:
        step(connection)
    if found < VERSION:
        connection.execute(update(SchemaRow).values(version=VERSION))
