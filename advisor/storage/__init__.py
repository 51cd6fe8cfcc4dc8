"""Decisions, runs, rounds and self-checks in an SQL database. The only importer of SQLAlchemy."""

from advisor.storage.checks import SqlChecks
from advisor.storage.database import open_database
from advisor.storage.migrations import StoreError
from advisor.storage.store import NotFoundError, SqlStore

__all__ = ["NotFoundError", "SqlChecks", "SqlStore", "StoreError", "open_database"]
