"""The databases on which the storage keeps its contracts: SQLite always, PostgreSQL where a server is named."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, NullPool, create_engine, make_url, text

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
    with new(kind, folder) as url:
        if not bare:
            _make_tables(url)

        def connect() -> Engine:
            engines.append(open_database(url))
            return engines[-1]

        try:
            yield connect
        finally:
            for engine in engines:
                engine.dispose()


def _make_tables(url: str) -> None:
    if file := make_url(url).database if url.startswith("sqlite") else None:
        Path(file).write_bytes(stores.empty())
        return
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


@contextmanager
def new(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database: a file in ``folder``, or a schema of its own on the server."""
    name = f"test_{secrets.token_hex(8)}"
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    with create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as server:
        server.execute(text(f"CREATE SCHEMA {name}"))
        try:
            # No test cuts the server's power, so no commit waits for its disk.
            own = make_url(POSTGRESQL).update_query_dict({"options": f"-csearch_path={name} -csynchronous_commit=off"})
            yield own.render_as_string(hide_password=False)
        finally:
            server.execute(text(f"DROP SCHEMA {name} CASCADE"))
