"""The URL of the database: which ones are allowed, and how one is named without its secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from advisor.storage.failures import StoreError

ALLOWED: Final = "allowed: sqlite:///FILE, postgresql+psycopg://…"
_SECRET: Final = re.compile(r"(?i)pass|secret|token|key")


def parse(url: str) -> URL:
    """Raises ``StoreError``, which never quotes what can't be read: that may be a password with an «@» in it."""
    try:
        address = make_url(url)
    except (SQLAlchemyError, ValueError) as error:
        raise StoreError(f"FULCRUM_DATABASE_URL: not a URL that can be read; {ALLOWED}") from error
    backend = address.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(f"FULCRUM_DATABASE_URL: {backend} is not a database that Fulcrum knows; {ALLOWED}")
    in_memory = address.database in (None, "", ":memory:") or address.query.get("mode") == "memory"
    if backend == "sqlite" and in_memory:
        raise StoreError(
            "FULCRUM_DATABASE_URL: a database in memory can't be shared with the process that measures; " + ALLOWED
        )
    return address


def shown(address: URL) -> str:
    """Without a password, and without the query, where drivers take passwords too."""
    return address.set(query={}).render_as_string(hide_password=True)


def without_secrets(words: str, address: URL) -> str:
    """A driver's own words, in case it quotes what it was given."""
    values = [str(value) for name, value in address.query.items() if _SECRET.search(name)]
    for secret in (address.password, *values):
        words = words.replace(str(secret), "***") if secret else words
    return words


def file_of(address: URL) -> Path | None:
    """SQLite's file; None for a server, and for SQLite's own kind of URI."""
    if address.get_backend_name() != "sqlite" or not address.database or address.database.startswith("file:"):
        return None
    return Path(address.database)
