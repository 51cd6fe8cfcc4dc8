"""Several verdicts that are read together: which of them stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from probes.results import ProbeResult
from probes.schema import Outcome, Verdict

ALPHA = 0.05  # family error
_CLAIMS = {Verdict.PYTORCH: "PyTorch better", Verdict.TENSORFLOW: "TensorFlow better", Verdict.EQUAL: "equal"}


def holm(p_values: Sequence[float], alpha: float = ALPHA) -> tuple[bool, ...]:
    """Which claims stand when all are made together: family error at most ``alpha``, whatever their dependence.

    Holm 1979, Scand. J. Statist. 6:65. In the order given.
    """
    stands, held = [False] * len(p_values), True
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        held = held and p_values[index] <= alpha / (len(p_values) - rank)
        stands[index] = held
    return tuple(stands)


def together(results: Sequence[ProbeResult]) -> tuple[ProbeResult, ...]:
    """The same results, read as one family: a verdict that doesn't stand among so many becomes «undecided».

    Each probe has two hypotheses, of which a verdict may reject one: that there is no difference, and that the sides
    are not equal. They are two families: at most 5 % of families have a false winner, and at most 5 % a false «equal».
    Ratios and intervals stay each probe's own. Results of a format before p-values are left as they are.
    """
    family = [i for i, r in enumerate(results) if r.outcome is Outcome.OK and r.p is not None and not r.provisional]
    stands = set(range(len(results))).difference(family)
    for equal in (False, True):
        made = [
            results[i].verdict is not Verdict.UNDECIDED and equal == (results[i].verdict is Verdict.EQUAL)
            for i in family
        ]
        # What isn't claimed has no say: p = 1 makes the others' test no easier.
        p_values = [results[i].p or 0.0 if claimed else 1.0 for i, claimed in zip(family, made, strict=True)]
        stands.update(i for i, holds in zip(family, holm(p_values), strict=True) if holds)
    return tuple(
        result if i in stands or result.verdict is Verdict.UNDECIDED else _doubted(result, len(family))
        for i, result in enumerate(results)
    )


def _doubted(result: ProbeResult, number: int) -> ProbeResult:
    note = (
        f"{_CLAIMS[result.verdict]} by itself (p = {result.p:.2g}), undecided among {number} comparisons that are "
        "read together (Holm's correction)"
    )
    return replace(result, verdict=Verdict.UNDECIDED, notes=(*result.notes, note))
