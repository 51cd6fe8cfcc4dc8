"""Numbers with their units."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.wording.quantities import apart, percent, person_days, signed

ROOT = Path(__file__).parents[3]
SHARES = st.floats(0, 1)


@given(SHARES, SHARES)
def test_two_numbers_beside_each_other_differ(one: float, other: float) -> None:
    assume(abs(one - other) > 1e-10)
    first, second = apart(percent, one, other)
    assert first != second
    assert (float(first[:-2]) > float(second[:-2])) == (one > other)


@given(SHARES)
def test_one_number_twice_is_said_with_no_more_digits(share: float) -> None:
    assert apart(percent, share, share) == (percent(share), percent(share))


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [(0.12, 0.15, ("12 %", "15 %")), (0.149, 0.151, ("14.9 %", "15.1 %")), (0.15, 0.15002, ("15.000 %", "15.002 %"))],
)
def test_only_what_reads_alike_gets_more_digits(one: float, other: float, words: tuple[str, str]) -> None:
    assert apart(percent, one, other) == words


@pytest.mark.parametrize(
    ("value", "digits", "words"), [(1.25, 1, "+1.2"), (-1.25, 2, "−1.25"), (0.04, 1, "0.0"), (-0.04, 1, "0.0")]
)
def test_a_difference_has_a_sign_unless_it_rounds_to_nothing(value: float, digits: int, words: str) -> None:
    assert signed(value, digits) == words


def test_a_number_stands_apart_from_its_percent_sign() -> None:
    rooms = ("advisor", "ui", "probes")
    texts = [*(ROOT / "data").glob("*.yaml"), *(file for room in rooms for file in (ROOT / room).rglob("*.py"))]
    # CSS has its own form, and records name this metric.
    style = re.compile(r"style=|f\"left:|linear-gradient|validation accuracy")
    tight = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in texts
        for line in file.read_text(encoding="utf-8").splitlines()
        if not style.search(line) and re.search(r"(?<![%\w])\d+%(?!\w)|\{[^{}]*:\.?\d*%\}", line)
    ]
    assert not tight


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((0, 0.2, 0.4), "less than one person-day"),
        ((0, 0.4, 3), "less than one person-day (under 1 to 3)"),
        ((0, 1, 3), "about 1 person-day (under 1 to 3)"),
        ((30, 80, 204), "about 80 person-days (30 to 200)"),
        ((1_234, 15_678, 99_500), "about 16,000 person-days (1,200 to 100,000)"),
        ((5, 5, 5), "about 5 person-days"),
    ],
)
def test_person_days_have_two_digits(days: tuple[float, float, float], words: str) -> None:
    assert person_days(*days) == words
