"""Points in time as records keep them."""

from __future__ import annotations

from datetime import date

import pytest

from advisor.wording.moments import last_day


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-02", date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 31)),
        ("2026", date(2026, 12, 31)),
    ],
)
def test_the_last_day_of_what_is_known_of_a_date(as_of: str, day: date) -> None:
    assert last_day(as_of) == day
