"""What the types can't tell of priorities: that they name criteria, and don't contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Final

from advisor.answers import Pair, Priorities
from advisor.questionnaire.errors import AnswersError, shown

_MOST_COMPARED: Final = 9  # with more nobody keeps the comparisons consistent (Saaty 1980)


def check(priorities: Priorities, ids: Collection[str]) -> None:
    """Raise AnswersError for the first thing that can't be meant. ``ids`` are the criteria that may be named."""
    for path, name in _named(priorities):
        if name not in ids:
            raise AnswersError(path, shown(name), ", ".join(ids))
    for i, name in enumerate(priorities.ranking):
        if name in priorities.ranking[:i]:
            path = f"priorities.ranking[{i}]"
            raise AnswersError(path, f"{shown(name)} named twice", "each criterion once", problem="")
    _check_ranges(priorities)
    _check_pairs(priorities.pairs)


def _named(priorities: Priorities) -> Iterator[tuple[str, str]]:
    for i, name in enumerate(priorities.ranking):
        yield f"priorities.ranking[{i}]", name
    for kind in ("swings", "ranges"):
        for name in getattr(priorities, kind):
            yield f"priorities.{kind}.{name}", name
    for i, pair in enumerate(priorities.pairs):
        yield f"priorities.pairs[{i}].first", pair.first
        yield f"priorities.pairs[{i}].second", pair.second


def _check_ranges(priorities: Priorities) -> None:
    lows = sum(bounds.low for bounds in priorities.ranges.values())
    if lows > 100 + 1e-9:
        raise AnswersError(
            "priorities.ranges", f"the lower ends sum to {lows:g} %", "at most 100 %: lower some of them", problem=""
        )
    for name in priorities.ranges:
        if name.partition(".")[0] != name and name.partition(".")[0] in priorities.ranges:
            whole = name.partition(".")[0]
            raise AnswersError(
                f"priorities.ranges.{name}", f"{whole} is named too, of which it is a part", "one of them", problem=""
            )


def _check_pairs(pairs: tuple[Pair, ...]) -> None:
    compared = tuple(dict.fromkeys(name for pair in pairs for name in (pair.first, pair.second)))
    if len(compared) > _MOST_COMPARED:
        raise AnswersError(
            "priorities.pairs", f"{len(compared)} criteria", f"at most {_MOST_COMPARED} criteria", problem=""
        )
    seen: set[frozenset[str]] = set()
    for i, pair in enumerate(pairs):
        names, path = frozenset((pair.first, pair.second)), f"priorities.pairs[{i}]"
        if len(names) == 1:
            raise AnswersError(path, f"{shown(pair.first)} with itself", "two different criteria", problem="")
        if names in seen:
            raise AnswersError(path, f"{pair.first} and {pair.second} compared twice", "each pair once", problem="")
        seen.add(names)
    for first, second in combinations(compared, 2):
        if frozenset((first, second)) not in seen:
            missing = f"{first} and {second} are not compared"
            raise AnswersError("priorities.pairs", missing, "every pair of the criteria named", problem="")
