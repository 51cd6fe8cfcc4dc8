"""Ages in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ui.kit import relative_time

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(days=70), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_an_age_is_told_in_the_unit_one_would_use(age: timedelta, said: str) -> None:
    assert relative_time.ago(NOW - age, NOW) == said


def test_several_ages_are_told_as_a_span() -> None:
    assert relative_time.span([], NOW) == ""
    assert relative_time.span([NOW - timedelta(days=3)], NOW) == "3 days ago"
    assert relative_time.span([NOW - timedelta(days=3), NOW - timedelta(hours=2)], NOW) == "2 hours to 3 days ago"


def test_a_day_is_written_out() -> None:
    assert relative_time.day(NOW) == "23 November 2026"
