"""The databases on which the storage keeps its contracts: SQLite always, PostgreSQL where a server is named."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, create_engine, create_mock_engine, make_url
from sqlalchemy.schema import ExecutableDDLElement

from advisor.storage import open_database
from advisor.storage.migrations import HEAD
from advisor.storage.tables import Base
from tests import stores

#: A database that the tests may fill, as an SQLAlchemy URL. ``.ci/run`` starts a server for it.
POSTGRESQL: Final = os.environ.get("FULCRUM_TEST_POSTGRESQL", "")
SQL: Final = ("sqlite", "postgresql") if POSTGRESQL else ("sqlite",)


@contextmanager
def opened(kind: str, folder: Path, *, bare: bool = False) -> Iterator[Callable[[], Engine]]:
    """What opens one new database, as often as it is called: each engine is another process, so to speak.

    It has its tables already, unless it is to be ``bare``: another test holds that opening makes the same ones, step by
    step, which takes longer than what most tests do with them.
    """
    engines: list[Engine] = []
    with new(kind, folder, bare=bare) as url:

        def connect() -> Engine:
            engines.append(open_database(url))
            return engines[-1]

        try:
            yield connect
        finally:
            for engine in engines:
                engine.dispose()


@cache
def _script() -> str:
    """All tables of PostgreSQL in one text: a question and an answer for each of them, in each test, take longer."""
    statements: list[str] = []

    def keep(statement: ExecutableDDLElement, *_: object, **__: object) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine(POSTGRESQL, keep)  # type: ignore[arg-type]
    Base.metadata.create_all(engine, checkfirst=False)
    statements.append("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    statements.append(f"INSERT INTO alembic_version VALUES ('{HEAD}')")  # noqa: S608 - the house's own constant
    return ";\n".join(statements)


@cache
def _server() -> Engine:
    """One connection for a session's tests: opening one takes longer than making a schema."""
    return create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)


def _tell_server(statements: str) -> None:
    with _server().connect() as server:
        server.exec_driver_sql(statements)


@contextmanager
def new(kind: str, folder: Path, *, bare: bool = True) -> Iterator[str]:
    """The URL of an empty database: a file in ``folder``, or a schema of its own on the server."""
    name = f"test_{secrets.token_hex(8)}"
    if kind == "sqlite":
        file = folder / f"{name}.db"
        if not bare:
            file.write_bytes(stores.empty())
        yield f"sqlite:///{file}"
        return
    tables = "" if bare else f"SET search_path TO {name};\n{_script()};\nRESET search_path"
    _tell_server(f"CREATE SCHEMA {name};\n{tables}")
    try:
        # No test cuts the server's power, so no commit waits for its disk.
        own = make_url(POSTGRESQL).update_query_dict({"options": f"-csearch_path={name} -csynchronous_commit=off"})
        yield own.render_as_string(hide_password=False)
    finally:
        _tell_server(f"DROP SCHEMA {name} CASCADE")
