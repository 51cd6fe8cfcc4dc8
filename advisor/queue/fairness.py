"""Whose turn it is: round robin between network addresses, and at each address between the browsers there.

Addresses come first because browsers cost nothing: whoever throws cookies away gets no more turns by that. What
somebody had lately counts as earlier rounds, so that coming again at once gains nothing either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

#: For so long what ended counts as a round that its owner had.
RECENT: Final = timedelta(minutes=10)


class Asked(Protocol):
    """Work that waits."""

    @property
    def owner(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def since(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Turn:
    """Work that is under way (``ended`` None) or is over."""

    owner: str
    address: str
    ended: datetime | None


W = TypeVar("W", bound=Asked)


def in_turn(waiting: Sequence[W], had: Iterable[Turn], now: datetime) -> list[W]:
    """``waiting`` (oldest first where moments are equal) in the order in which it should be taken.

    The first of an address that had nothing lately waits for at most one of each other address, and so does the first
    of a browser among those of its address, however many the others wait with: what others were given while it waited
    counts for them, however long ago that was. ``had`` needs nothing that ended both before ``now - RECENT`` and
    before the oldest came to wait.
    """
    turns: dict[str, list[Turn]] = defaultdict(list)  # looked through once: a thousand wait where operators ask
    for turn in had:
        turns[turn.address].append(turn)

    def rounds_had(oldest: W, same: Iterable[Turn]) -> int:
        horizon = min(now - RECENT, oldest.since)
        return sum(turn.ended is None or turn.ended >= horizon for turn in same)

    addresses: dict[str, list[W]] = defaultdict(list)
    for item in sorted(waiting, key=lambda one: one.since):
        addresses[item.address].append(item)
    ranked: list[tuple[int, datetime, W]] = []
    for address, items in addresses.items():
        here = turns[address]
        owners: dict[str, list[Turn]] = defaultdict(list)
        for turn in here:
            owners[turn.owner].append(turn)
        next_round: dict[str, int] = {}
        in_rounds = []
        for item in items:
            if item.owner not in next_round:
                next_round[item.owner] = rounds_had(item, owners[item.owner])
            in_rounds.append((next_round[item.owner], item))
            next_round[item.owner] += 1
        first = rounds_had(items[0], here)
        for place, (_, item) in enumerate(sorted(in_rounds, key=lambda one: one[0]), start=first):
            ranked.append((place, item.since, item))
    return [item for _, _, item in sorted(ranked, key=lambda one: one[:2])]
