"""What rehearsals changed in an estimate, each in a sentence."""

from __future__ import annotations

from typing import Final

from advisor.effort.rehearsals import RehearsedTry
from advisor.effort.report import RehearsalEffect
from advisor.scan.report import AreaFate
from advisor.wording.quantities import counted, percent
from probes.rehearsal.words import OUTCOMES

_LITTLE: Final = 0.05  # person-days that are said as less than a tenth


def effect(
    tried: RehearsedTry, option: str, title: str, *, uses: float, of: float, days: float, fate: AreaFate
) -> RehearsalEffect:
    """``uses``: of the ``of`` uses in models that the option moves, those that ran. ``days``: by how much its median
    moved. ``fate``: what becomes of models."""
    file, way = tried.rehearsal.file.name, tried.way
    said = f"Rehearsed: {file}, {way.title}: {_outcome(tried)}"
    if tried.passed is None:
        after = ", so nothing changes"
    elif fate != "keep":
        after = (
            f"; models are {'given up' if fate == 'drop' else 'brought along in another design'}, so nothing changes"
        )
    elif not uses:
        after = f"; no use in models that «{title}» moves ran with it, so nothing changes"
    elif tried.passed:
        after = (
            f", so {uses:,.0f} of {counted(round(of), 'use')} in models ({percent(uses / of)}) count as run there: "
            f"{_days(days)} for «{title}»"
        )
    elif tried.counted:
        after = f"; the scan had counted that line already, so nothing changes for «{title}»"
    else:
        after = (
            f", so that counts as something to design anew: {_days(days)} for «{title}». What lies behind it stays a "
            "guess"
        )
    return RehearsalEffect(
        option, file, way.id, way.outcome, tried.passed, round(uses), round(of), days, f"{said}{after}."
    )  # fmt: skip


def _outcome(tried: RehearsedTry) -> str:
    """What came of the way, with the place that is named."""
    way = tried.way
    if tried.passed:
        return OUTCOMES["same"] if way.outcome == "same" else "what it is exported to answers alike"
    if tried.passed is None:
        return f"{OUTCOMES[way.outcome]} ({way.reason.rstrip('.')})" if way.reason else OUTCOMES[way.outcome]
    if (failure := way.failure) is not None:
        at = f" at {failure.file}, line {failure.line}" if failure.file else ""
        return f"{OUTCOMES[way.outcome]}{at}{f', calling {failure.call}' if failure.call else ''}"
    if way.parting is not None and way.parting.layer:
        return f"{OUTCOMES[way.outcome]} from {way.parting.layer} on"
    if way.learning is not None and way.learning.kept < way.learning.weights:
        lost = way.learning.weights - way.learning.kept
        return f"{OUTCOMES[way.outcome]}, for {lost} of its {way.learning.weights} weights can't be trained there"
    if way.learning is not None and way.learning.worst:
        return f"{OUTCOMES[way.outcome]}, for the gradient of {way.learning.worst} differs"
    return OUTCOMES[way.outcome]


def _days(days: float) -> str:
    more = "fewer" if days < 0 else "more"
    if abs(days) < _LITTLE:
        return f"less than a tenth of a person-day {more}"
    return f"about {abs(days):,.1f} person-days {more}"
