"""How much each line matters: the starting point from the answers, moved by what the team says itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from advisor.answers import Answers, Priorities
from advisor.decision.evidence.assessment import Assessment
from advisor.decision.evidence.starting_points import MOST, parts_of_causes, starting_points
from advisor.decision.scoring.ahp import compare, matrix
from advisor.decision.scoring.weights import rank_order_centroid, ranked_above
from advisor.knowledge import Knowledge

#: A starting point is a guess at what the team means: it may be three times as much or a third.
FACTOR: Final = 3.0
_MOST_RANGED: Final = 0.95  # of everything, at the middles of the ranges; the others keep the rest


@dataclass(frozen=True, slots=True)
class CriterionSwing:
    """A row's swing. ``factor`` is how far it may be off, 1 when the team said it; ``rank`` counts from 0.

    Swings of one ``cause`` err together. ``share`` bounds the weight of all rows of the same ``name`` together, in
    [0, 1].
    """

    row: str
    family: str
    cause: str
    default: float
    used: float
    factor: float
    because: tuple[str, ...]
    rank: int | None = None
    name: str = ""
    share: tuple[float, float] | None = None


def said(priorities: Priorities, defaults: Mapping[str, float]) -> dict[str, float]:
    """What the team's words come to as swings, 0 to 100, where they name a criterion; a ranking is another matter.

    ``defaults`` are the swings of everything that can be named. Criteria that were compared in pairs share what they
    weigh together by default. The middle of a range is a share of everything, of which the others keep the rest.
    """
    if priorities.pairs:
        names = [name for name in priorities.compared if name in defaults]
        ratios = {(pair.first, pair.second): pair.ratio for pair in priorities.pairs}
        total = sum(defaults[name] for name in names)
        weights = compare(matrix(names, ratios)).weights if len(names) > 1 else np.ones(len(names))
        return {name: float(weight) * total for name, weight in zip(names, weights, strict=True)}
    if priorities.ranges:
        ranged = {name: bounds for name, bounds in priorities.ranges.items() if name in defaults}
        middles = {name: (bounds.low + bounds.high) / 200 for name, bounds in ranged.items()}
        taken = min(sum(middles.values()), _MOST_RANGED)
        others = sum(swing for name, swing in defaults.items() if name not in middles and "." not in name) or 1.0
        return {name: share * others / (1 - taken) for name, share in middles.items()}
    return dict(priorities.swings)


def swings(rows: Sequence[Assessment], answers: Answers, knowledge: Knowledge) -> list[CriterionSwing]:
    """The swing of each row: said by the team, from its ranking, or as a starting point."""
    priorities = answers.priorities.counted
    starts, parts = starting_points(answers, knowledge), parts_of_causes(knowledge)
    defaults = [starts[row.family].swing * row.share for row in rows]
    shares, families = defaultdict[str, float](float), defaultdict[str, float](float)
    for row, default in zip(rows, defaults, strict=True):
        shares[row.family] += row.share
        families[row.family] += default
    of_rows = {row.id: default for row, default in zip(rows, defaults, strict=True) if row.id != row.family}
    of_team = said(priorities, dict(families) | of_rows)
    by_row = []
    for row, default in zip(rows, defaults, strict=True):
        because = (*starts[row.family].because, *_importance(row, answers))
        used, factor, name = default, FACTOR, row.id if row.id in of_team else row.family
        if name in of_team:
            part = row.share / shares[row.family] if name == row.family else 1.0
            used, factor = of_team[name] * part, 1.0
            because = _own_words(priorities, name) or because
        bounds = priorities.ranges.get(name)
        share = (bounds.low / 100, bounds.high / 100) if bounds else None
        ranking = priorities.ranking
        rank = next((ranking.index(named) for named in (row.id, row.family) if named in ranking), None)
        cause = parts[row.family].cause.id if row.family in parts else row.family
        by_row.append(CriterionSwing(row.id, row.family, cause, default, used, factor, because, rank, name, share))
    return _ranked(by_row) if any(swing.rank is not None for swing in by_row) else by_row


def _importance(row: Assessment, answers: Answers) -> tuple[str, ...]:
    if row.id == row.family:
        return ()
    target = next(target for target in answers.targets if target.id == row.target)
    return (f"because its importance is {target.importance} of 5",)


def _own_words(priorities: Priorities, name: str) -> tuple[str, ...]:
    if priorities.pairs:
        return ("because of how you compared it with others",)
    if bounds := priorities.ranges.get(name):
        return (f"because you gave it {bounds.low:g} to {bounds.high:g} % of the decision",)
    return ()


def _ranked(moved: Sequence[CriterionSwing]) -> list[CriterionSwing]:
    """What a ranking comes to as swings, the first rank's being 100; draws are made from the ranking itself."""
    ranks = by_rank(moved)
    below = highest_below(moved, np.array([[swing.default] for swing in moved]))
    own = np.array([[sum(moved[i].default for i in rows)] for rows in ranks])
    centroid = rank_order_centroid(len(ranks) + (below is not None))[:, None]
    lifted = ranked_above(own, below, centroid)
    scale = MOST / lifted[0, 0]
    place = {i: (number, rows) for number, rows in enumerate(ranks) for i in rows}
    found = []
    for i, swing in enumerate(moved):
        used, because = swing.default * scale, (*swing.because, "because you ranked others above it")
        if i in place:
            number, rows = place[i]
            used = float(lifted[number, 0]) * scale * part_of(moved, rows)[rows.index(i)]
            because = (f"because you ranked it {(swing.rank or 0) + 1}",)
        found.append(swing if swing.factor == 1 else replace(swing, used=used, because=because))
    return found


def by_rank(moved: Sequence[CriterionSwing]) -> list[list[int]]:
    """Rows of each rank, the first rank first: rows of one rank are targets of one family."""
    ranks: dict[int, list[int]] = defaultdict(list)
    for i, swing in enumerate(moved):
        if swing.rank is not None:
            ranks[swing.rank].append(i)
    return [ranks[rank] for rank in sorted(ranks)]


def highest_below(moved: Sequence[CriterionSwing], drawn: np.ndarray) -> np.ndarray | None:
    """The largest swing of what wasn't ranked, (samples,), the targets of a family together; None if all was."""
    families: dict[str, list[int]] = defaultdict(list)
    for i, swing in enumerate(moved):
        if swing.rank is None:
            families[swing.family].append(i)
    return np.max([drawn[rows].sum(axis=0) for rows in families.values()], axis=0) if families else None


def part_of(moved: Sequence[CriterionSwing], rows: Sequence[int]) -> list[float]:
    """How rows that have one weight together share it: by their starting points, or alike where all are 0."""
    own = [moved[i].default for i in rows]
    return [swing / sum(own) for swing in own] if sum(own) > 0 else [1 / len(rows)] * len(rows)


def or_starting_points(moved: Sequence[CriterionSwing]) -> tuple[list[CriterionSwing], bool]:
    """The swings, or where all of them are 0, which says nothing of what matters, the starting points instead.

    The flag says that it is so.
    """
    if any(swing.used > 0 for swing in moved):
        return list(moved), False
    return [replace(swing, used=swing.default, factor=FACTOR, share=None) for swing in moved], True
