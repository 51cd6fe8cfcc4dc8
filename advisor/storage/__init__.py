"""Decisions, jobs and rounds in an SQL database. The only importer of SQLAlchemy."""

from advisor.storage.backup import back_up
from advisor.storage.database import open_database
from advisor.storage.failures import StoreError
from advisor.storage.store import SqlStore

__all__ = ["SqlStore", "StoreError", "back_up", "open_database"]
