"""The real store for tests of pages and of the executor: a database file in the test's own folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from advisor.model import RunRecord
from advisor.ports import Clock
from advisor.storage import SqlJobs, SqlStore, open_database
from advisor.storage.tables import RunRow
from probes.schema import to_json


class OpenStore(SqlStore):
    """``SqlStore`` whose runs can be put into any state."""

    @property
    def engine(self) -> Engine:
        """For jobs in the same database."""
        return self._engine

    def change(self, run_id: str, **values: Any) -> RunRecord:
        """Set columns of a run."""
        with self._writing() as session:
            row = session.scalars(select(RunRow).where(RunRow.id == run_id)).one()
            texts = {name: to_json(value) for name, value in values.items() if name in ("request", "result") and value}
            row.change(self._now(session), **(values | texts))
        changed = self.run(run_id)
        assert changed is not None
        return changed


def engine() -> Engine:
    """A new database in the data directory that ``tests.conftest`` gives each test."""
    folder = Path(os.environ["FULCRUM_DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    return open_database(f"sqlite:///{folder / secrets.token_hex(8)}.db")


def both(clock: Clock) -> tuple[OpenStore, SqlJobs]:
    """Over one database."""
    shared = engine()
    return OpenStore(shared, clock), SqlJobs(shared, clock)
