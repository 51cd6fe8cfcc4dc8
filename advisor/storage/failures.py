"""What databases say when they can't be used, as sentences for people who only wanted to save an answer.

A driver's own words stay in the log: they name hosts and users.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    TimeoutError,
)

from advisor.ports import StoreUnavailableError

LOCKED: Final = "the database is locked by another process"
FULL: Final = "the disk is full"
READ_ONLY: Final = "the database may not be written to"
DAMAGED: Final = "the database is damaged"
AWAY: Final = "the database server can't be reached"
NO_TABLES: Final = "the database has lost its tables"
BUSY: Final = "too many ask the database at once"
UNREADABLE: Final = "the disk refuses to read or write the database"
UNKNOWN: Final = "the database refuses to work"

_SQLITE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_IOERR: UNREADABLE,
    sqlite3.SQLITE_CANTOPEN: UNREADABLE,
}
#: PostgreSQL's codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: Final[Mapping[str, str]] = {
    "55P03": LOCKED,  # lock_not_available
    "53100": FULL,  # disk_full
    "25006": READ_ONLY,  # read_only_sql_transaction
    "42501": READ_ONLY,  # insufficient_privilege
    "42P01": NO_TABLES,  # undefined_table
    "3D000": NO_TABLES,  # invalid_catalog_name: the whole database is gone
    "53300": BUSY,  # too_many_connections
    "XX001": DAMAGED,  # data_corrupted
    "XX002": DAMAGED,  # index_corrupted
    "28000": AWAY,  # invalid_authorization_specification
    "28P01": AWAY,  # invalid_password
}
_POSTGRESQL_CLASSES: Final[Mapping[str, str]] = {"08": AWAY, "57": AWAY}  # connection, operator_intervention


class StoreError(Exception):
    """The database can't be opened as it is. The text says why and what to do."""


@contextmanager
def stated() -> Iterator[None]:
    """Errors of the database itself become ``StoreUnavailableError``; mistakes of ours stay what they are."""
    try:
        yield
    except TimeoutError as error:
        raise StoreUnavailableError(BUSY) from error
    except (IntegrityError, DataError):
        raise
    except (DatabaseError, InterfaceError) as error:
        reason = _reason(error)
        if reason == UNKNOWN and isinstance(error, ProgrammingError):
            raise
        raise StoreUnavailableError(reason) from error


def _reason(error: DBAPIError) -> str:
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest says where it happened
        return NO_TABLES if "no such table" in str(error.orig) else _SQLITE.get(code, UNKNOWN)
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if code is None:  # nobody was there to say one
        return UNKNOWN if isinstance(error, ProgrammingError) else AWAY
    return _POSTGRESQL.get(code) or _POSTGRESQL_CLASSES.get(code[:2], UNKNOWN)
