"""What would turn the answer: a weight, or the value that a measurement would have to reach."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from advisor.decision.evidence.assessment import Assessment
from advisor.decision.evidence.values import CostRatio
from advisor.decision.explain.words import share
from advisor.decision.scoring.sensitivity import flip_weights, value_to_flip
from advisor.decision.scoring.value_functions import Array, ratio_at
from advisor.model import Flip
from advisor.wording.quantities import apart
from probes.schema import TITLES, Framework


def flips(rows: Sequence[Assessment], weights: Array, differences: Array) -> tuple[Flip, ...]:
    """For each row the weight at which the totals tie, nearest first; rows that no weight turns come last."""
    at = flip_weights(weights, differences)
    needed = value_to_flip(weights, differences)
    ahead: Framework = "pytorch" if float(weights @ differences) >= 0 else "tensorflow"
    found = [
        Flip(
            criterion=row.id,
            title=row.criterion.title,
            weight=float(weights[i]),
            flips_at=None if np.isnan(at[i]) else float(at[i]),
            sentence=_sentence(row, float(weights[i]), float(at[i]), float(needed[i]), ahead),
        )
        for i, row in enumerate(rows)
    ]
    return tuple(sorted(found, key=_distance))


def _distance(flip: Flip) -> float:
    """How far a weight has to move, in log odds: from 2 % to 20 % is further than from 12 % to 3 %."""
    if flip.flips_at is None:
        return math.inf
    ends = [min(max(weight, 1e-9), 1 - 1e-9) for weight in (flip.flips_at, flip.weight)]
    return abs(math.log(ends[0] / (1 - ends[0])) - math.log(ends[1] / (1 - ends[1])))


def _sentence(row: Assessment, weight: float, at: float, needed: float, ahead: Framework) -> str:
    title = row.criterion.title
    if math.isnan(at):
        return f"No weight on «{title}» near yours changes the answer."
    behind = TITLES["tensorflow" if ahead == "pytorch" else "pytorch"]
    more = "more" if at > weight else "less"
    turn, now = apart(share, at, weight)
    text = f"If «{title}» made up {more} than {turn} of the decision instead of {now}"
    return f"{text}, {behind} would lead.{_value_words(row, needed)}"


def _value_words(row: Assessment, needed: float) -> str:
    if not isinstance(row.values, CostRatio) or math.isnan(needed):
        return ""
    ratio, now = apart(
        lambda factor, more: f"{factor:.{2 + more}f}",
        ratio_at((1 + needed) / 2, row.values.swing),
        math.exp(row.values.log),
    )
    return f" The same would follow if TensorFlow cost {ratio} times as much as PyTorch there, instead of {now} times."
