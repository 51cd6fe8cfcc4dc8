"""What would turn the answer: a weight, or the value that a measurement would have to reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from advisor.decision.evidence.assessment import Assessment
from advisor.decision.evidence.values import CostRatio
from advisor.decision.explain.words import other, share
from advisor.decision.scoring.sensitivity import flip_weights, value_to_flip
from advisor.decision.scoring.value_functions import Array, ratio_at
from advisor.model.decision import Flip
from advisor.wording.quantities import apart
from probes.schema import TITLES, Framework

#: A weight that would have to be so many times as large or as small as it is now is nobody's answer.
REACH: Final = 8.0


def flips(rows: Sequence[Assessment], weights: Array, differences: Array) -> tuple[Flip, ...]:
    """For each row the weight at which the totals tie, nearest first by the factor that it is away.

    Rows come last where no weight turns the answer, or none within a factor of ``REACH``, and what isn't known: no
    weight on it means anything yet.
    """
    turning = np.where([row.status == "unknown" for row in rows], np.nan, flip_weights(weights, differences))
    at = np.array([_near(*pair) for pair in zip(weights, turning, strict=True)])
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
    return tuple(sorted(found, key=lambda flip: distance(flip.weight, flip.flips_at)))


def _near(weight: float, at: float) -> float:
    return at if distance(weight, None if math.isnan(at) else at) <= math.log(REACH) else math.nan


def distance(weight: float, at: float | None) -> float:
    """How far a weight has to move, as the logarithm of a factor ≥ 1; infinite where nothing turns the answer."""
    if at is None or min(weight, at) <= 0:
        return math.inf
    return abs(math.log(at) - math.log(weight))


def _sentence(row: Assessment, weight: float, at: float, needed: float, ahead: Framework) -> str:
    title = row.criterion.title
    if row.status == "unknown":
        return f"«{title}» isn't known yet, so no weight on it changes the answer."
    if math.isnan(at):
        return f"No weight on «{title}» near yours changes the answer."
    more = "more" if at > weight else "less"
    turn, now = apart(share, at, weight)
    text = f"If «{title}» made up {more} than {turn} of the decision instead of {now}"
    return f"{text}, {TITLES[other(ahead)]} would lead.{_value_words(row, needed)}"


def _value_words(row: Assessment, needed: float) -> str:
    if not isinstance(row.values, CostRatio) or math.isnan(needed):
        return ""
    ratio, now = apart(
        lambda factor, more: f"{factor:.{2 + more}f}",
        ratio_at((1 + needed) / 2, row.values.swing),
        math.exp(row.values.log),
    )
    return f" The same would follow if TensorFlow cost {ratio} times as much as PyTorch there, instead of {now} times."
