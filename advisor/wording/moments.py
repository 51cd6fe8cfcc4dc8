"""Points in time as records keep them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def moment(text: str) -> datetime | None:
    """ISO 8601 as a record has it, in UTC; None if that isn't known."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def day_of(as_of: str) -> date:
    """The day of ``2026-11-22``; of ``2026-11`` or ``2026`` the middle, which errs least. Raises ValueError."""
    return date.fromisoformat({4: f"{as_of}-07-01", 7: f"{as_of}-15"}.get(len(as_of), as_of))


def first_day(as_of: str) -> date:
    """The first day of ``2026-11-22``, ``2026-11`` or ``2026``. Raises ValueError."""
    return date.fromisoformat({4: f"{as_of}-01-01", 7: f"{as_of}-01"}.get(len(as_of), as_of))


def last_day(as_of: str) -> date:
    """The last day of ``2026-11-22``, ``2026-11`` or ``2026``. Raises ValueError."""
    first = first_day(as_of)
    if len(as_of) > len("2026-11"):
        return first
    following = date(first.year + 1, 1, 1) if len(as_of) == len("2026") else (first + timedelta(days=31)).replace(day=1)
    return following - timedelta(days=1)


def month_words(as_of: str) -> str:
    """«October 2027» of ``2027-10`` and of a day in it; a year alone stays one."""
    return f"{_MONTHS[day_of(as_of).month - 1]} {as_of[:4]}" if len(as_of) > len("2027") else as_of
