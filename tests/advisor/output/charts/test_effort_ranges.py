"""Person-days of each way, as ranges."""

from __future__ import annotations

import pytest

from advisor.effort.estimate import estimate
from advisor.effort.report import OptionEffort
from advisor.output.charts.effort_ranges import effort_ranges, effort_words
from tests import team_code
from tests.stores import the


@pytest.fixture(scope="module")
def options() -> tuple[OptionEffort, ...]:
    return estimate(the(team_code.scan().report)).options


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_a_line_from_p10_to_p90_and_a_mark_between(options: tuple[OptionEffort, ...], shade: str) -> None:
    figure = effort_ranges(options, shade)  # type: ignore[arg-type]
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    moving = [one for one in options if one.moves]
    assert len(lines) == len(marks) == len(moving) < len(options)
    for line, mark, one in zip(lines, marks, moving, strict=True):
        assert line.x[0] <= mark.x[0] <= line.x[1]
        assert line.x[1] == pytest.approx(one.days.p90)


def test_what_moves_nothing_has_words_alone(options: tuple[OptionEffort, ...]) -> None:
    assert "nothing is moved" in effort_words(options)
    assert any("nothing is moved" in note.text for note in effort_ranges(options, "light").layout.annotations)
