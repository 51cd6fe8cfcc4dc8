"""What every part of the store works with: the database, its clock, and what it has claimed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from advisor.ports import Clock
from advisor.storage.database import reading, writing
from advisor.storage.fair_lock import FairLock
from advisor.storage.rows import utc

_NOW: Final = {
    "sqlite": text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"),  # one machine: everybody's clock is this one
    "postgresql": text("SELECT CAST(clock_timestamp() AT TIME ZONE 'UTC' AS TEXT)"),
}


class Desk:
    """One database, and what was claimed in it through this very object.

    ``clock`` None: the database's own. Machines that share a database must not judge each other by clocks of their own.
    """

    def __init__(self, engine: Engine, clock: Clock | None = None) -> None:
        self._engine, self._clock = engine, clock
        self._line = FairLock()  # of this process's writers
        self._held: dict[str, tuple[str, int]] = {}  # job -> worker and attempt: what its writes must still fit

    def _reading(self) -> AbstractContextManager[Session]:
        return reading(self._engine)

    def _writing(self) -> AbstractContextManager[Session]:
        return writing(self._engine, self._line)

    def _now(self, session: Session) -> datetime:
        """As it is stored: UTC without a zone."""
        if self._clock is not None:
            return utc(self._clock.now())
        return datetime.fromisoformat(session.scalar(_NOW[self._engine.dialect.name]))
