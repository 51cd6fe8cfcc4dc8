"""Several verdicts that are read together: which of them stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from probes.schema import Outcome, ProbeResult, Verdict

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

    Ratios and intervals stay each probe's own. Results of a format before p-values are left as they are.
    """
    family = [i for i, r in enumerate(results) if r.outcome is Outcome.OK and r.p is not None and not r.provisional]
    stands = dict(zip(family, holm([results[i].p or 0.0 for i in family]), strict=True))
    return tuple(
        result if stands.get(i, True) or result.verdict is Verdict.UNDECIDED else _doubted(result, len(family))
        for i, result in enumerate(results)
    )


def _doubted(result: ProbeResult, number: int) -> ProbeResult:
    note = (
        f"{_CLAIMS[result.verdict]} by itself (p = {result.p:.2g}), undecided among {number} comparisons that are "
        "read together (Holm's correction)"
    )
    return replace(result, verdict=Verdict.UNDECIDED, notes=(*result.notes, note))
