"""The engine behind a URL, and the schema's version. A newer database is refused rather than damaged."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError

from advisor.storage.tables import Base, SchemaRow

#: Each entry brings a database from version n (its index + 1) to the next one.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = ()
VERSION = len(MIGRATIONS) + 1


class StoreError(Exception):
    """The database can't be used. The text says why and what to do."""


def open_database(url: str) -> Engine:
    """An engine with its tables in place. Raises ``StoreError``."""
    try:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        with engine.begin() as connection:
            _migrate(connection)
    except (SQLAlchemyError, ImportError) as error:
        hidden = url.split("@")[-1]  # never show a password
        raise StoreError(f"FULCRUM_DATABASE_URL: the database {hidden} can't be opened: {error}") from error
    return engine


def _tune_sqlite(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    # WAL: readers never wait for the writer. The executor, the server and the command line share the file.
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(connection: Connection) -> None:
    if not inspect(connection).has_table(SchemaRow.__tablename__):
        Base.metadata.create_all(connection)
        connection.execute(insert(SchemaRow).values(version=VERSION))
        return
    found = connection.execute(select(SchemaRow.version)).scalar_one()
    if found > VERSION:
        raise StoreError(f"the database has schema {found}, this Fulcrum knows {VERSION}: install a newer Fulcrum")
    for step in MIGRATIONS[found - 1 :]:
        step(connection)
    connection.execute(update(SchemaRow).values(version=VERSION))
