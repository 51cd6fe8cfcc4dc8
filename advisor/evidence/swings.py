"""How much each line matters: the default from the answers, moved by what the team says itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from advisor.evidence.assessment import Assessment
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import CriterionSpec
from advisor.model import Answers
from advisor.scoring.weights import rank_order_centroid

#: A default swing is a guess at what the team means: it may be three times as much or a third.
FACTOR: Final = 3.0


@dataclass(frozen=True, slots=True)
class Swing:
    """A row's swing. ``factor`` is how far it may be off, 1 when the team said it; ``rank`` counts from 0."""

    default: float
    used: float
    factor: float
    because: tuple[str, ...]
    rank: int | None = None


def default_swing(spec: CriterionSpec, answers: Answers) -> tuple[float, tuple[str, ...]]:
    """Swing of a criterion from the answers, 0 to 100, and which rules moved it."""
    swing, because = spec.swing, []
    for rule in spec.rules:
        if rule.when.holds(answers):
            swing *= rule.factor
            because.append(f"because {rule.because}, ×{rule.factor:g}")
    return min(swing, 100.0), tuple(because)


def swings(rows: Sequence[Assessment], answers: Answers, knowledge: Knowledge) -> list[Swing]:
    """The swing of each row: said outright, from the ranking, or by default."""
    defaults = {spec.id: default_swing(spec, answers) for spec in knowledge.criteria}
    said, ranking = answers.priorities.swings, answers.priorities.ranking
    ranks = [_rank(row, ranking) for row in rows]
    centroid = rank_order_centroid(len(ranking) + sum(rank is None for rank in ranks)) if ranking else np.zeros(0)
    lowest = float(centroid[len(ranking) - 1] / centroid[0]) if ranking else 1.0
    found = []
    for row, rank in zip(rows, ranks, strict=True):
        default, because = defaults[row.family]
        default, because = default * row.share, (*because, *_share_words(row))
        if ranking and rank is None:  # below everything that was ranked, as the weights are
            default, because = default * lowest, (*because, "because you ranked others above it")
        elif rank is not None:
            default = 100 * float(centroid[rank] / centroid[0]) * _share_of_rank(row, rank, rows, ranks)
            because = (f"because you ranked it {rank + 1}",)
        used, factor = default, FACTOR
        if row.id in said:
            used, factor = said[row.id], 1.0
        elif row.family in said:
            used, factor = said[row.family] * row.share, 1.0
        found.append(Swing(default, used, factor, because, rank))
    return found


def _rank(row: Assessment, ranking: Sequence[str]) -> int | None:
    for name in (row.id, row.family):
        if name in ranking:
            return ranking.index(name)
    return None


def _share_of_rank(row: Assessment, rank: int, rows: Sequence[Assessment], ranks: Sequence[int | None]) -> float:
    """Rows of one rank (targets of one family) share its weight by their importance."""
    total = sum(other.share for other, place in zip(rows, ranks, strict=True) if place == rank)
    return row.share / total


def _share_words(row: Assessment) -> tuple[str, ...]:
    if row.target is None or row.share >= 1:
        return ()
    return (f"because this target has {row.share:.0%} of the importance of all targets".replace("%", " %"),)
