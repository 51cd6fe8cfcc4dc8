"""Reasons that a manager can read aloud: what speaks for the answer, and what against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from advisor.decision.evidence.assessment import Assessment
from advisor.decision.explain.words import other
from advisor.decision.scoring.value_functions import Array
from advisor.model.decision import Reason, Veto
from advisor.model.evidence import CriterionRow, Evidence
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.system.sentences import listed, lower_first, sentence

FOR: Final = 3
AGAINST: Final = 2
_WORTH_SAYING: Final = 0.002  # contributions below a fifth of a point of 100 are no reason
_AHEAD: Final = 0.01  # difference of values below which nobody is ahead on a criterion
_LIFTED: Final = 0.0005  # of a weight, below which chance alone lifts it


def reasons(rows: Sequence[CriterionRow], side: Framework) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Up to three reasons for ``side`` and two against it, strongest first. Rows without evidence are none."""
    known = [row for row in rows if row.status != "unknown" and abs(row.contribution) >= _WORTH_SAYING]
    sign = 1 if side == "pytorch" else -1
    ranked = sorted(known, key=lambda row: -sign * row.contribution)
    good = [_reason(row, side) for row in ranked if sign * row.contribution > 0]
    bad = [_reason(row, other(side)) for row in reversed(ranked) if sign * row.contribution < 0]
    return tuple(good[:FOR]), tuple(bad[:AGAINST])


def _reason(row: CriterionRow, side: Framework) -> Reason:
    text = f"On «{row.criterion.title}», {TITLES[side]} is ahead: {lower_first(sentence(row.summary))}"
    return Reason(text + _seen(row), row.criterion.id, side, row.contribution, _strongest_first(row.evidence))


def _seen(row: CriterionRow) -> str:
    """When and where it was seen: the machine and day of a probe, the newest date of the facts."""
    probe = next((item for item in row.evidence if item.kind == "probe"), None)
    if probe is not None:
        day = f" on {probe.date}" if probe.date else ""
        return f" Measured on {probe.machine}{day}."
    if row.status == "answered":
        scanned = any(item.kind == "scan" for item in row.evidence)
        return " From your code." if scanned else " From your answers."
    dates = [item.date for item in row.evidence if item.kind in ("fact", "route") and item.date]
    return f" Facts as of {max(dates)}." if dates else ""


def _strongest_first(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    order = {"probe": 0, "scan": 0, "answer": 1, "team": 1, "route": 2, "fact": 3, "judgement": 4}
    sure = {"high": 0, "medium": 1, "low": 2, None: 0}
    return tuple(sorted(evidence, key=lambda item: (order[item.kind], sure[item.confidence])))


def veto_reasons(vetoes: Sequence[Veto], winner: Framework) -> tuple[Reason, ...]:
    """The requirements that the other side fails."""
    return tuple(
        Reason(
            f"«{veto.requirement}» is a hard requirement: {lower_first(sentence(veto.text))}",
            veto.id,
            winner,
            0.0,
            veto.evidence,
        )
        for veto in vetoes
        if veto.status == "fail" and veto.framework != winner
    )


def central_sentences(rows: Sequence[Assessment], central: Array, mean: Array) -> Mapping[Framework, str]:
    """«X suits those who care more about …»: where its central weights exceed the mean ones.

    Only criteria on which X is ahead as far as anybody knows: on the others its central weights are higher because it
    won where their values happened to be in its favour, and nobody chooses X for caring about what the other does
    better, or for what nobody has measured. ``central`` shape (2, n), ``mean`` weights shape (n,).
    """
    differences = np.array([np.subtract(*row.values.mean()) if row.status != "unknown" else 0.0 for row in rows])
    said: dict[Framework, str] = {}
    for i, side in enumerate(FRAMEWORKS):
        if np.isnan(central[i]).any():
            said[side] = f"No weights that you may mean make {TITLES[side]} the choice."
            continue
        towards = differences * (1 if side == "pytorch" else -1)
        lift = np.where(towards > _AHEAD, central[i] - mean, 0.0)
        names = [f"«{rows[k].criterion.title}»" for k in np.argsort(-lift)[:3] if lift[k] > _LIFTED]
        if names:
            said[side] = f"{TITLES[side]} suits those who care more about {listed(names)}."
        elif float(mean @ towards) > 0:
            said[side] = f"{TITLES[side]} is the choice at the weights as they stand."
        else:
            said[side] = f"{TITLES[side]} comes out ahead only if what is uncertain turns out in its favour."
    return said
