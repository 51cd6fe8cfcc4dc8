"""A copy of a database that is in use."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

from sqlalchemy import Engine

from advisor.storage.address import file_of, shown
from advisor.storage.failures import StoreError


def back_up(engine: Engine, target: Path) -> int:
    """Write the state of one moment to ``target``, its owner's alone, while others go on reading and writing.

    Returns its size in bytes. Nothing is overwritten, and a copy is there whole or not at all. Raises ``StoreError``.
    """
    if file_of(engine.url) is None:
        raise StoreError(
            f"{shown(engine.url)}: only SQLite's files are copied here; allowed for a server: pg_dump, for example "
            "pg_dump --format=custom --file=fulcrum.dump, with the same host, user and database"
        )
    if os.path.lexists(target):
        raise StoreError(f"{target}: exists already; allowed: the name of a file that doesn't, which is made")
    name = ""
    try:
        made, name = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.")  # 0600
        os.close(made)
        _copy(engine, name)
        os.link(name, target)
        return target.stat().st_size
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{target}: can't be written: {error}") from error
    finally:
        if name:
            os.unlink(name)


def _copy(engine: Engine, name: str) -> None:
    copy = sqlite3.connect(name)
    source = engine.raw_connection()
    try:
        source.driver_connection.backup(copy)  # type: ignore[union-attr]
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise StoreError(f"the database is damaged, and so would be its copy: {found}")
    finally:
        source.close()
        copy.close()
