"""A new database of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from advisor.storage import SqlStore
from tests import databases
from tests.fakes import FixedClock


@pytest.fixture(params=databases.SQL)
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Opens the database once more."""
    with databases.opened(request.param, tmp_path) as another:
        yield another


@pytest.fixture(params=databases.SQL)
def connect_bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """As ``connect``; whoever opens it first makes its tables."""
    with databases.opened(request.param, tmp_path, bare=True) as another:
        yield another


@dataclass
class Ticking:
    """A store, and the hands of its clock."""

    engine: Engine
    clock: FixedClock
    store: SqlStore

    def passes(self, **time: float) -> None:
        self.clock.time += timedelta(**time)


@pytest.fixture
def ticking(connect: Callable[[], Engine]) -> Ticking:
    engine, clock = connect(), FixedClock()
    return Ticking(engine, clock, SqlStore(engine, clock))


@pytest.fixture
def store(ticking: Ticking) -> SqlStore:
    return ticking.store
