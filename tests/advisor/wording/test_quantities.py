"""Numbers with their units."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.wording.quantities import apart, percent

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
