"""Opening a database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from advisor.answers import Answers
from advisor.storage import SqlStore, StoreError, open_database
from tests.fakes import FixedClock


@pytest.mark.parametrize("again", range(5))
def test_many_may_open_a_new_database_at_once(connect_bare: Callable[[], Engine], again: int) -> None:
    """Changing a new file to WAL fails at once where another process has it open: about one time in a hundred."""
    del again  # a database of its own
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: SqlStore(connect_bare(), FixedClock()), range(6)))
    made = stores[0].create_decision(Answers())
    assert all(store.decision(made.id) == made for store in stores)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////proc/nowhere/x.db",
        "nosuchdialect://x/y",
        "mysql+pymysql://me@127.0.0.1/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
    ],
)
def test_a_database_that_cannot_be_opened_is_one_clear_error(url: str) -> None:
    with pytest.raises(StoreError, match="FULCRUM_DATABASE_URL") as caught:
        open_database(url)
    assert "\n" not in str(caught.value)
