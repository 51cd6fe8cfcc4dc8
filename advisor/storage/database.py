"""The engine behind a URL, and the schema's version. A newer database is refused rather than damaged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
            event.listen(engine, "begin", _begin_sqlite)
        with writing(engine).begin() as connection:
            _migrate(connection)
    except (SQLAlchemyError, ImportError) as error:
        hidden = url.split("@")[-1]  # never show a password
        raise StoreError(f"FULCRUM_DATABASE_URL: the database {hidden} can't be opened: {error}") from error
    return engine


def writing(engine: Engine) -> Engine:
    """The same database for transactions that will write."""
    return engine.execution_options(writing=True)


def _tune_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, see below
    cursor = connection.cursor()
    # WAL: readers never wait for the writer. The executor, the server and the command line share the file.
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes would fail at once if another one wrote in between;
    # one that announces its wish to write waits its turn (busy_timeout).
    immediate = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


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
