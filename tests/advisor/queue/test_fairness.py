"""Whose turn it is: laws that hold for every queue."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import cast

from hypothesis import example, given
from hypothesis import strategies as st

from advisor.queue.fairness import RECENT, Turn, in_turn

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
NAMES = st.sampled_from("abcd")
MINUTES = st.integers(0, 40)


@dataclass(frozen=True)
class Item:
    owner: str
    address: str
    since: datetime = NOON


@dataclass(frozen=True)
class Arrival:
    """Somebody comes to wait so many minutes after the one before."""

    owner: str
    address: str
    after: int


ARRIVALS = st.lists(st.builds(Arrival, NAMES, NAMES, st.integers(0, 15)), max_size=14)
ITEMS = st.lists(st.builds(Item, NAMES, NAMES, st.builds(lambda m: NOON + timedelta(minutes=m), MINUTES)), max_size=12)
TURNS = st.lists(
    st.builds(Turn, NAMES, NAMES, st.none() | st.builds(lambda m: NOON - timedelta(minutes=m), MINUTES)), max_size=8
)


def served_before(newcomer: Item, others: list[Arrival], later: list[Arrival], minutes: list[int]) -> list[Item]:
    """Who is taken after the newcomer came and before its turn, while more come; each takes so many minutes."""
    now = newcomer.since
    waiting = [newcomer, *(Item(one.owner, one.address, now - timedelta(minutes=one.after)) for one in others)]
    had, taken, to_come = [], [], list(later)
    while (upcoming := in_turn(sorted(waiting, key=lambda item: item.since), had, now)[0]) is not newcomer:
        waiting.remove(upcoming)
        taken.append(upcoming)
        now += timedelta(minutes=minutes[len(taken) % len(minutes)])
        had.append(Turn(upcoming.owner, upcoming.address, now))
        if to_come:
            arrival = to_come.pop()
            waiting.append(Item(arrival.owner, arrival.address, now + timedelta(seconds=arrival.after)))
    return taken


@given(ARRIVALS, ARRIVALS, st.lists(MINUTES, min_size=1, max_size=4))
@example([Arrival("a", "b", 9), Arrival("c", "b", 8), Arrival("d", "a", 7)], [], [30])  # longer than RECENT between
def test_a_newcomer_waits_for_at_most_one_of_each_address(
    others: list[Arrival], later: list[Arrival], minutes: list[int]
) -> None:
    taken = served_before(Item("new", "new"), others, later, minutes)
    assert all(count == 1 for count in Counter(item.address for item in taken).values())


@given(ARRIVALS, ARRIVALS, st.lists(MINUTES, min_size=1, max_size=4))
def test_a_new_browser_waits_for_at_most_one_of_each_browser_of_its_address(
    others: list[Arrival], later: list[Arrival], minutes: list[int]
) -> None:
    taken = served_before(Item("new", "a"), others, later, minutes)
    assert all(count == 1 for count in Counter(item.owner for item in taken if item.address == "a").values())


@given(ITEMS, TURNS)
def test_everybody_gets_a_turn_and_each_browser_in_its_own_order(items: list[Item], had: list[Turn]) -> None:
    order = in_turn(items, had, NOON + timedelta(hours=1))
    assert Counter(map(id, order)) == Counter(map(id, items))
    for who in {(item.owner, item.address) for item in items}:
        mine = [item.since for item in order if (item.owner, item.address) == who]
        assert mine == sorted(mine)


@given(st.lists(st.tuples(NAMES, st.integers(0, 5)), max_size=12))
def test_round_robin_between_addresses(asked: list[tuple[str, int]]) -> None:
    """The k-th of an address comes after the first k − 1 of every other one that has so many."""
    items = [Item("same browser", address, NOON + timedelta(minutes=m)) for address, m in asked]
    order = [item.address for item in in_turn(items, [], NOON + timedelta(hours=1))]
    rounds = [order[:place].count(address) for place, address in enumerate(order)]
    assert rounds == sorted(rounds)
    in_queue = in_turn(items, [], NOON + timedelta(hours=1))
    for _, group in groupby(zip(rounds, in_queue, strict=True), key=lambda pair: pair[0]):
        moments = [item.since for _, item in group]
        assert moments == sorted(moments), "older first within a round"


def test_what_somebody_had_lately_counts_as_an_earlier_round() -> None:
    again, first = Item("ana", "office", NOON), Item("bob", "home", NOON + timedelta(minutes=1))
    now = NOON + timedelta(minutes=2)
    assert in_turn([again, first], [], now) == [again, first]
    assert in_turn([again, first], [Turn("ana", "office", None)], now) == [first, again]
    assert in_turn([again, first], [Turn("ana", "office", NOON - timedelta(minutes=1))], now) == [first, again]
    forgotten = Turn("ana", "office", now - RECENT - timedelta(seconds=1))
    assert in_turn([again, first], [forgotten], now) == [again, first]


def test_throwing_cookies_away_gains_nothing() -> None:
    crowd = [Item(f"cookie-{number}", "one machine", NOON) for number in range(5)]
    honest = Item("bob", "home", NOON + timedelta(minutes=1))
    assert in_turn([*crowd, honest], [], NOON + timedelta(minutes=2)).index(honest) == 1


def test_a_turn_is_looked_at_once_however_many_wait() -> None:
    """A thousand waited, each for a decision and address of its own, and every claim read a million pairs."""
    looks = 0

    class Counted:
        owner, ended = "ana", None

        @property
        def address(self) -> str:
            nonlocal looks
            looks += 1
            return "elsewhere"

    waiting = [Item("ana", f"address-{number}") for number in range(20)]
    in_turn(waiting, cast("list[Turn]", [Counted() for _ in range(20)]), NOON)
    assert looks == 20
