"""Points in time as records keep them."""

from __future__ import annotations

from datetime import UTC, date, datetime


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
