"""What the types can't tell of priorities: that they name criteria, and don't contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Final

from advisor.answers import PairJudgement, Priorities
from advisor.questionnaire.errors import AnswersError, shown

_MOST_COMPARED: Final = 9  # with more nobody keeps the comparisons consistent (Saaty 1980)


def check(priorities: Priorities, ids: Collection[str], *, at: str = "priorities") -> None:
    """Raise AnswersError for the first thing that can't be meant. ``ids`` are the criteria that may be named; ``at``
    is where in the answers it stands."""
    for path, name in _named(priorities):
        if name not in ids:
            raise AnswersError(f"{at}.{path}", shown(name), ", ".join(ids))
    for i, name in enumerate(priorities.ranking):
        if name in priorities.ranking[:i]:
            path = f"{at}.ranking[{i}]"
            raise AnswersError(path, f"{shown(name)} named twice", "each criterion once", problem="")
    _check_ranges(priorities, f"{at}.ranges")
    _check_pairs(priorities.pairs, f"{at}.pairs")


def _named(priorities: Priorities) -> Iterator[tuple[str, str]]:
    for i, name in enumerate(priorities.ranking):
        yield f"ranking[{i}]", name
    for kind in ("swings", "ranges"):
        for name in getattr(priorities, kind):
            yield f"{kind}.{name}", name
    for i, pair in enumerate(priorities.pairs):
        yield f"pairs[{i}].first", pair.first
        yield f"pairs[{i}].second", pair.second


def _check_ranges(priorities: Priorities, at: str) -> None:
    lows = sum(bounds.low for bounds in priorities.ranges.values())
    if lows > 100 + 1e-9:
        raise AnswersError(at, f"the lower ends sum to {lows:g} %", "at most 100 %: lower some of them", problem="")
    for name in priorities.ranges:
        if name.partition(".")[0] != name and name.partition(".")[0] in priorities.ranges:
            whole = name.partition(".")[0]
            raise AnswersError(
                f"{at}.{name}", f"{whole} is named too, of which it is a part", "one of them", problem=""
            )


def _check_pairs(pairs: tuple[PairJudgement, ...], at: str) -> None:
    compared = tuple(dict.fromkeys(name for pair in pairs for name in (pair.first, pair.second)))
    if len(compared) > _MOST_COMPARED:
        raise AnswersError(at, f"{len(compared)} criteria", f"at most {_MOST_COMPARED} criteria", problem="")
    seen: set[frozenset[str]] = set()
    for i, pair in enumerate(pairs):
        names, path = frozenset((pair.first, pair.second)), f"{at}[{i}]"
        if len(names) == 1:
            raise AnswersError(path, f"{shown(pair.first)} with itself", "two different criteria", problem="")
        if names in seen:
            raise AnswersError(path, f"{pair.first} and {pair.second} compared twice", "each pair once", problem="")
        seen.add(names)
    for first, second in combinations(compared, 2):
        if frozenset((first, second)) not in seen:
            missing = f"{first} and {second} are not compared"
            raise AnswersError(at, missing, "every pair of the criteria named", problem="")
