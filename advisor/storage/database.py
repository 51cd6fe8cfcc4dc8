"""The engine behind a URL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from advisor.storage.migrations import StoreError, migrate


def open_database(url: str) -> Engine:
    """An engine with its tables in place. Raises ``StoreError``."""
    try:
        address = make_url(url)
        _refuse_memory(address)
        engine = create_engine(address, pool_pre_ping=address.get_backend_name() != "sqlite")
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        with writing(engine).begin() as connection:
            migrate(connection)
    except (SQLAlchemyError, ImportError) as error:
        hidden = url.split("@")[-1]  # never show a password
        raise StoreError(f"FULCRUM_DATABASE_URL: the database {hidden} can't be opened: {_why(error)}") from error
    return engine


def writing(engine: Engine) -> Engine:
    """The same database for transactions that will write."""
    return engine.execution_options(writing=True)


def _why(error: Exception) -> str:
    """One line: the driver's own words, without SQLAlchemy's frame around them."""
    if isinstance(error, ImportError):
        return f"its driver is missing; install it: pip install {error.name or 'DRIVER'}"
    words = str(error.orig if isinstance(error, DBAPIError) else error)
    return " ".join(line for line in words.splitlines() if not line.startswith("(Background on this error"))


def _refuse_memory(address: URL) -> None:
    in_memory = address.database in (None, "", ":memory:") or address.query.get("mode") == "memory"
    if address.get_backend_name() == "sqlite" and in_memory:
        raise StoreError(
            "FULCRUM_DATABASE_URL: a database in memory can't be shared with the process that measures; "
            "allowed: sqlite:///FILE, postgresql+psycopg://…"
        )


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
