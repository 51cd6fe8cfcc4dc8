"""Chances in words, with the figure behind."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.wording.chances import chances, figure

NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "seven": 7,
    "nine": 9,
    "ten": 10,
    "nineteen": 19,
    "twenty": 20,
}


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "less than 1 in 100 (less than 1 %)"),
        (0.02, "less than one in twenty (2 %)"),
        (0.05, "about one in twenty (5 %)"),
        (0.10, "about one in ten (10 %)"),
        (0.19, "about one in five (19 %)"),
        (0.25, "about one in four (25 %)"),
        (0.30, "about three in ten (30 %)"),
        (0.34, "about one in three (34 %)"),
        (0.41, "about two in five (41 %)"),
        (0.50, "about one in two (50 %)"),
        (0.58, "about three in five (58 %)"),
        (0.66, "about two in three (66 %)"),
        (0.70, "about seven in ten (70 %)"),
        (0.75, "about three in four (75 %)"),
        (0.81, "about four in five (81 %)"),
        (0.88, "about nine in ten (88 %)"),
        (0.95, "about nineteen in twenty (95 %)"),
        (0.98, "more than nineteen in twenty (98 %)"),
        (1.0, "more than 99 in 100 (more than 99 %)"),
    ],
)
def test_words_first_and_the_figure_behind(probability: float, words: str) -> None:
    assert chances(probability) == words


def said(probability: float) -> Fraction:
    """What the words alone come to."""
    one, other = re.search(r"(\w+) in (\w+)", chances(probability)).groups()  # type: ignore[union-attr]
    return Fraction(NUMBERS.get(one) or int(one), NUMBERS.get(other) or int(other))


@given(st.floats(0, 1))
def test_the_words_are_within_five_points_of_the_figure(probability: float) -> None:
    assert float(said(probability)) == pytest.approx(probability, abs=0.05 + 1e-9)


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_is_likelier_is_never_said_to_be_less_likely(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert said(low) <= said(high)


@given(st.floats(0, 1))
def test_the_figure_is_never_certain(probability: float) -> None:
    assert figure(probability) not in ("0 %", "100 %")
