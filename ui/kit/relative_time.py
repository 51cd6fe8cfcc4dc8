"""How long ago something was, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from advisor.wording.quantities import counted

_MINUTE: Final = 60.0
_DAY: Final = 86_400.0
#: From so many seconds on (days for the later ones) an age is told in this unit.
_UNITS: Final = (
    ("year", 365 * _DAY, 365 * _DAY),
    ("month", 60 * _DAY, 30.4 * _DAY),
    ("week", 14 * _DAY, 7 * _DAY),
    ("day", _DAY, _DAY),
    ("hour", 60 * _MINUTE, 60 * _MINUTE),
    ("minute", _MINUTE, _MINUTE),
)


def ago(then: datetime, now: datetime) -> str:
    """``3 days ago``; whatever is under a minute old, or ahead by another machine's clock, is ``just now``."""
    seconds = (now - then).total_seconds()
    for unit, least, length in _UNITS:
        if seconds >= least:
            return f"{counted(int(seconds / length), unit)} ago"
    return "just now"


def span(moments: Iterable[datetime], now: datetime) -> str:
    """``3 days ago``, or ``2 hours to 3 days ago`` where they are of different ages; "" if there are none."""
    ordered = sorted(moments, reverse=True)
    if not ordered:
        return ""
    newest, oldest = ago(ordered[0], now), ago(ordered[-1], now)
    return newest if newest == oldest else f"{newest.removesuffix(' ago')} to {oldest}"


def day(moment: date) -> str:
    """``20 November 2026``."""
    return f"{moment.day} {moment:%B %Y}"
