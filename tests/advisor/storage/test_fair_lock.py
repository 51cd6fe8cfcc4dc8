"""A lock that is given in the order in which it was asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from advisor.ports import StoreUnavailableError
from advisor.storage.fair_lock import FairLock
from tests.processes import wait_until

PATIENCE = 60.0


def test_whoever_waited_longest_is_next_and_nobody_goes_before() -> None:
    lock, order = FairLock(), list[str]()

    def writes(name: str) -> None:
        with lock.held(PATIENCE):
            order.append(name)

    with ThreadPoolExecutor(5) as pool:
        with lock.held(PATIENCE):
            for number, name in enumerate("abcde", start=1):
                pool.submit(writes, name)
                wait_until(lambda number=number: len(lock._waiting) == number, "one more that waits")  # type: ignore[misc]
        writes("whoever had it")  # and comes again at once
    assert order == [*"abcde", "whoever had it"]


def test_each_has_it_alone_and_all_have_it() -> None:
    lock, inside, most, turns = FairLock(), 0, 0, 0

    def writes(_: int) -> None:
        nonlocal inside, most, turns
        for _ in range(50):
            with lock.held(PATIENCE):
                inside += 1
                most, turns = max(most, inside), turns + 1
                inside -= 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(writes, range(16)))
    assert (most, turns) == (1, 800)


def test_who_gives_up_is_not_waited_for() -> None:
    lock = FairLock()
    with (
        lock.held(PATIENCE),
        pytest.raises(StoreUnavailableError, match="too many ask the database at once"),
        lock.held(0.01),
    ):
        pytest.fail("two had it")
    with lock.held(0.01):
        pass


def test_what_fails_gives_it_back() -> None:
    lock = FairLock()
    with pytest.raises(ValueError, match="no"), lock.held(PATIENCE):
        raise ValueError("no")
    with lock.held(0.01):
        pass
