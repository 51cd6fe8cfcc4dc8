"""The real store for tests of pages and of the executor: a database file in the test's own folder."""

from __future__ import annotations

import os
import secrets
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, select

from advisor.answers import Answers
from advisor.ports import Clock, Store
from advisor.queue.kinds import MEASURE
from advisor.records import NOBODY, Job, Requester
from advisor.storage import SqlStore, measurements, open_database
from advisor.storage.tables import JobRow
from probes.results import RunResult
from probes.schema import RunRequest

T = TypeVar("T")
Run = Job[RunRequest, RunResult]


class OpenStore(SqlStore):
    """``SqlStore`` whose jobs can be put into any state."""

    @property
    def engine(self) -> Engine:
        """For another store over the same database."""
        return self._engine

    def change(self, job_id: str, **values: Any) -> Job[Any, Any]:
        """Set columns of a run; a result brings its rounds."""
        with self._writing() as session:
            row, now = session.scalars(select(JobRow).where(JobRow.id == job_id)).one(), self._now(session)
            if result := values.pop("result", None):
                measurements.keep(session, row, result, stored_at=now)
            row.change(now, **values)
        return the(self.job(job_id))


def engine() -> Engine:
    """A new database in the data directory that ``tests.conftest`` gives each test."""
    folder = Path(os.environ["FULCRUM_DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{secrets.token_hex(8)}.db"
    file.write_bytes(empty())
    return open_database(f"sqlite:///{file}")


@cache
def empty() -> bytes:
    """A database without rows: making its tables takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        open_database(f"sqlite:///{file}").dispose()
        return file.read_bytes()


def new(clock: Clock) -> OpenStore:
    """Over a database of its own."""
    return OpenStore(engine(), clock)


def the(found: T | None) -> T:
    """What must be there."""
    assert found is not None
    return found


def measure(store: Store, request: RunRequest | None = None, by: Requester = NOBODY, *, for_: str = "") -> Run:
    """A run that waits, for a decision of its own unless one is named."""
    decision_id = for_ or store.create_decision(Answers()).id
    return store.enqueue(MEASURE, request or RunRequest(), by, decision_id=decision_id)
