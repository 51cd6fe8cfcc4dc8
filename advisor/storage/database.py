"""The engine behind a URL."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from advisor.storage.migrations import StoreError, migrate

_WRITER: Final = 0x46756C63  # «Fulc»: the number of the lock that writers of a PostgreSQL database take
_PATIENCE: Final = 10.0  # seconds to wait for another process to finish its transaction


def open_database(url: str) -> Engine:
    """An engine with its tables in place. Raises ``StoreError``."""
    try:
        address = make_url(url)
        _refuse_unfit(address)
        engine = create_engine(address, pool_pre_ping=address.get_backend_name() != "sqlite")
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            event.listen(engine, "begin", _begin_postgresql)
        with _writing(engine).begin() as connection:
            migrate(connection)
    except (SQLAlchemyError, ImportError) as error:
        hidden = url.split("@")[-1]  # never show a password
        raise StoreError(f"FULCRUM_DATABASE_URL: the database {hidden} can't be opened: {_why(error)}") from error
    return engine


def _writing(engine: Engine) -> Engine:
    """The same database for transactions that will write: one at a time, so what they read first still holds."""
    return engine.execution_options(writing=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that writes: committed at the end, rolled back if anything goes wrong."""
    with Session(_writing(engine)) as session, session.begin():
        yield session


def _why(error: Exception) -> str:
    """One line: the driver's own words, without SQLAlchemy's frame around them."""
    if isinstance(error, ImportError):
        return f"its driver is missing; install it: pip install {error.name or 'DRIVER'}"
    words = str(error.orig if isinstance(error, DBAPIError) else error)
    return " ".join(line for line in words.splitlines() if not line.startswith("(Background on this error"))


def _refuse_unfit(address: URL) -> None:
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            f"FULCRUM_DATABASE_URL: {address.get_backend_name()} is not a database that Fulcrum knows; "
            "allowed: sqlite:///FILE, postgresql+psycopg://…"
        )
    in_memory = address.database in (None, "", ":memory:") or address.query.get("mode") == "memory"
    if address.get_backend_name() == "sqlite" and in_memory:
        raise StoreError(
            "FULCRUM_DATABASE_URL: a database in memory can't be shared with the process that measures; "
            "allowed: sqlite:///FILE, postgresql+psycopg://…"
        )


def _tune_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, see below
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={1000 * _PATIENCE:.0f}", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    _use_wal(cursor)
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Readers never wait for the writer: the executor, the server and the command line share the file.

    SQLite waits for nobody when it changes the mode of a new file (the busy timeout doesn't count there), and several
    processes may open it at once. There is no event to wait for, so ask again.
    """
    patient_until = time.monotonic() + _PATIENCE
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > patient_until:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes would fail at once if another one wrote in between;
    # one that announces its wish to write waits its turn (busy_timeout).
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _will_write(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if _will_write(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


def _will_write(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("writing", False))
