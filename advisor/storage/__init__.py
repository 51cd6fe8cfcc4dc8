"""Decisions, runs, rounds and jobs in an SQL database. The only importer of SQLAlchemy."""

from advisor.storage.backup import back_up
from advisor.storage.database import open_database
from advisor.storage.jobs import SqlJobs
from advisor.storage.migrations import StoreError
from advisor.storage.store import SqlStore

__all__ = ["SqlJobs", "SqlStore", "StoreError", "back_up", "open_database"]
