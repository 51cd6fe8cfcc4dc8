"""The engine behind a URL."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final

import filelock
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from advisor.ports import StoreUnavailableError
from advisor.storage.address import file_of, parse, shown, without_secrets
from advisor.storage.failures import StoreError, stated
from advisor.storage.fair_lock import FairLock
from advisor.storage.migrations import HEAD, migrate, schema_of
from probes.system import file_modes

_WRITER: Final = 0x46756C63  # «Fulc»: the first number of the lock that writers of a PostgreSQL database take
UPGRADE_PATIENCE: Final = 120.0  # seconds for another process to bring a large database up to date
PATIENCE: float = 10.0  # seconds to wait for another process to finish its transaction, or for a server to answer


def open_database(url: str) -> Engine:
    """An engine with its tables in place. Raises ``StoreError``."""
    address = parse(url)
    try:
        engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgresql(address)
        with engine.connect() as connection:  # whoever starts while another one writes need not wait for it
            ready = schema_of(connection) == HEAD
        if not ready:
            _migrate(engine, file_of(address))
        if file := file_of(address):
            _watch(engine, file)
            _keep_private(file)
    except (SQLAlchemyError, ImportError, OSError, ValueError) as error:  # the last: rows that make no sense
        why = without_secrets(_why(error), address)
        raise StoreError(f"FULCRUM_DATABASE_URL: the database {shown(address)} can't be opened: {why}") from error
    return engine


def _migrate(engine: Engine, file: Path | None) -> None:
    """One process at a time: PostgreSQL has a lock for writers, SQLite a file beside its own.

    SQLite changes a table by making another one in its place, and what refers to it would go with the old one; so
    references are looked at once, at the end. They can't be switched off within a transaction.
    """
    beside = file.with_name(f"{file.name}-lock") if file else None
    lock = filelock.FileLock(beside, UPGRADE_PATIENCE, file_modes.FILE) if beside else nullcontext()
    with lock, _writing(engine).connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            migrate(connection)
            if sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                raise StoreError(f"the database could not be brought up to date: {lost[0]} refers to what isn't there")
        connection.detach()  # whoever comes next gets one that looks at references


def _sqlite(address: URL) -> Engine:
    if file := file_of(address):
        _keep_private(file)
    engine = create_engine(address)
    event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    if damage := _damage(engine):
        raise StoreError(
            f"FULCRUM_DATABASE_URL: the database {shown(address)} is damaged ({damage}). "
            "Put a backup in its place (python -m advisor backup makes them), or move it away to begin anew"
        )
    return engine


def _postgresql(address: URL) -> Engine:
    patient = not address.get_driver_name().startswith("psycopg") or "connect_timeout" in address.query
    limits = {} if patient else {"connect_timeout": round(PATIENCE)}  # a host that doesn't answer takes minutes else
    engine = create_engine(address, pool_pre_ping=True, connect_args=limits)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _writing(engine: Engine) -> Engine:
    """The same database for transactions that will write: one at a time, so what they read first still holds."""
    return engine.execution_options(writing=True)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only looks, and keeps nobody waiting. Raises ``StoreUnavailableError``."""
    with stated(), Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine, line: FairLock) -> Iterator[Session]:
    """A session that writes: committed at the end, rolled back if anything goes wrong. One at a time: writers of this
    process as ``line`` has it, those of others as the database does.

    Raises ``StoreUnavailableError``.
    """
    with line.held(PATIENCE), stated(), Session(_writing(engine)) as session, session.begin():
        yield session


def _why(error: Exception) -> str:
    """One line: the driver's own words, without SQLAlchemy's frame around them."""
    if isinstance(error, ImportError):
        return f"its driver is missing; install it: pip install {error.name or 'DRIVER'}"
    words = str(error.orig if isinstance(error, DBAPIError) else error)
    return " ".join(line for line in words.splitlines() if not line.startswith("(Background on this error"))


# ------------------------------------------------------------------------------------ SQLite's file


def _keep_private(file: Path) -> None:
    """The database and what SQLite keeps beside it. A new one is made here, as SQLite would make it for everybody.

    An existing one is never opened here: by POSIX, closing a file drops all locks that the process holds on it, and
    those are SQLite's. So a new one gets its name only after it was closed.
    """
    if not file.exists():
        with suppress(OSError):  # SQLite says why, when it can't make one either
            made, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")  # 0600
            os.close(made)
            try:
                os.link(name, file)  # unless somebody else was quicker
            finally:
                os.unlink(name)
    for suffix in ("", "-wal", "-shm", "-journal", "-lock"):
        file_modes.tighten(file.with_name(file.name + suffix))


def _damage(engine: Engine) -> str:
    """What SQLite finds wrong with its file, "" if nothing."""
    try:
        with engine.connect() as connection:
            damage = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        damage = str(error.orig)
    return "" if damage == "ok" else " ".join(str(damage).split())


def _watch(engine: Engine, file: Path) -> None:
    """Refuse to write once the file is no longer the one that was opened: what goes into a deleted file is lost."""

    def identity() -> tuple[int, int] | None:
        try:
            found = os.stat(file)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    opened = identity()

    def check() -> None:
        now = identity()
        if now != opened:
            what = "deleted or can't be reached" if now is None else "replaced"
            raise StoreUnavailableError(f"the database's file was {what} while Fulcrum ran; it has to be restarted")

    def before_writing(connection: Connection) -> None:
        if _will_write(connection):
            check()

    event.listen(engine, "begin", before_writing)
    event.listen(engine, "do_connect", lambda *_: check())  # SQLite would make a new one


def _tune_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, see below
    cursor = connection.cursor()
    # What is deleted is overwritten: answers and people's names are to be gone from the file too.
    pragmas = (f"busy_timeout={1000 * PATIENCE:.0f}", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON")
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    _use_wal(cursor)
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Readers never wait for the writer: the executor, the server and the command line share the file.

    SQLite waits for nobody when it changes the mode of a new file (the busy timeout doesn't count there), and several
    processes may open it at once. There is no event to wait for, so ask again.
    """
    patient_until = time.monotonic() + PATIENCE
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > patient_until:
                raise
            time.sleep(0.01)


# ------------------------------------------------------------------------------------ transactions


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes would fail at once if another one wrote in between;
    # one that announces its wish to write waits its turn (busy_timeout).
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _will_write(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if _will_write(connection):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {1000 * PATIENCE:.0f}")  # else a hung writer stops all
        # A schema has a lock of its own: two Fulcrums in one database don't wait for each other.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER}, hashtext(current_schema()))")


def _will_write(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("writing", False))
