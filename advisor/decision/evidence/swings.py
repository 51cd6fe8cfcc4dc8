"""How much each line matters: the default from the answers, moved by what the team says itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from advisor.answers import Answers, Priorities
from advisor.decision.evidence.assessment import Assessment
from advisor.decision.scoring.ahp import compare, matrix
from advisor.decision.scoring.weights import rank_order_centroid
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import CriterionSpec
from advisor.wording.quantities import percent

#: A default swing is a guess at what the team means: it may be three times as much or a third.
FACTOR: Final = 3.0
_MOST_RANGED: Final = 0.95  # of everything, at the middles of the ranges; the others keep the rest


@dataclass(frozen=True, slots=True)
class CriterionSwing:
    """A row's swing. ``factor`` is how far it may be off, 1 when the team said it; ``rank`` counts from 0.

    ``share`` bounds the weight of all rows of the same ``name`` together, in [0, 1].
    """

    default: float
    used: float
    factor: float
    because: tuple[str, ...]
    rank: int | None = None
    name: str = ""
    share: tuple[float, float] | None = None


def default_swing(spec: CriterionSpec, answers: Answers) -> tuple[float, tuple[str, ...]]:
    """Swing of a criterion from the answers, 0 to 100, and which rules moved it."""
    swing, because = spec.swing, []
    for rule in spec.rules:
        if rule.when.holds(answers):
            swing *= rule.factor
            because.append(f"because {rule.because}, ×{rule.factor:g}")
    return min(swing, 100.0), tuple(because)


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
    """The swing of each row: said by the team, from its ranking, or by default."""
    priorities = answers.priorities.counted
    specs = {spec.id: default_swing(spec, answers) for spec in knowledge.criteria}
    families = {row.family for row in rows}
    defaults = {name: swing for name, (swing, _) in specs.items() if name in families}
    of_team = said(priorities, defaults | {row.id: specs[row.family][0] * row.share for row in rows if row.target})
    ranking = priorities.ranking
    ranks = [next((ranking.index(name) for name in (row.id, row.family) if name in ranking), None) for row in rows]
    centroid = rank_order_centroid(len(ranking) + sum(rank is None for rank in ranks)) if ranking else np.zeros(0)
    lowest = float(centroid[len(ranking) - 1] / centroid[0]) if ranking else 1.0
    by_row = []
    for row, rank in zip(rows, ranks, strict=True):
        default, because = specs[row.family]
        default *= row.share
        if row.target is not None and row.share < 1:
            because = (*because, f"because this target has {percent(row.share)} of the importance of all targets")
        if ranking and rank is None:  # below everything that was ranked, as the weights are
            default, because = default * lowest, (*because, "because you ranked others above it")
        elif rank is not None:
            default = 100 * float(centroid[rank] / centroid[0]) * _share_of_rank(row, rank, rows, ranks)
            because = (f"because you ranked it {rank + 1}",)
        used, factor, name = default, FACTOR, row.id if row.id in of_team else row.family
        if name in of_team:
            used, factor = of_team[name] * (row.share if name == row.family else 1.0), 1.0
            because = _own_words(priorities, name) or because
        bounds = priorities.ranges.get(name)
        share = (bounds.low / 100, bounds.high / 100) if bounds else None
        by_row.append(CriterionSwing(default, used, factor, because, rank, name, share))
    return by_row


def _own_words(priorities: Priorities, name: str) -> tuple[str, ...]:
    if priorities.pairs:
        return ("because of how you compared it with others",)
    if bounds := priorities.ranges.get(name):
        return (f"because you gave it {bounds.low:g} to {bounds.high:g} % of the decision",)
    return ()


def _share_of_rank(row: Assessment, rank: int, rows: Sequence[Assessment], ranks: Sequence[int | None]) -> float:
    """Rows of one rank (targets of one family) share its weight by their importance."""
    total = sum(other.share for other, place in zip(rows, ranks, strict=True) if place == rank)
    return row.share / total
