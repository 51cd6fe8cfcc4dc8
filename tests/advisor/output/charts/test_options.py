"""The ways that are open, drawn: every option has its bar, and bars of ranks fill the whole width."""

from __future__ import annotations

import pytest

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.explain import ways
from advisor.knowledge import load
from advisor.output.charts import options
from advisor.output.charts.palette import PALETTES, Theme

KERAS = {"schema": 2, "stage": "maintenance", "code": {"framework": "keras2", "lines": 3000}}
DECISION = decide(Answers.model_validate(KERAS), load(), samples=400)
OPEN = [option for option in DECISION.options if not option.closed]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_ranks_of_an_option_fill_its_bar(theme: Theme) -> None:
    figure = options.ranks(OPEN, theme)
    reached = dict.fromkeys(range(len(OPEN)), 0.0)
    for bar in figure.data:
        for x, y in zip(bar.x, bar.y, strict=True):
            reached[-int(y)] += x
    assert list(reached.values()) == pytest.approx([1.0] * len(OPEN))
    words = [note.text for note in figure.layout.annotations]
    for option in OPEN:
        assert option.title.split(" (")[0] in words
    frameworks = PALETTES[theme].framework
    first = dict(zip((option.id for option in OPEN), figure.data[0].marker.color, strict=True))
    assert len(set(first.values())) == 3, "each framework has its colour, all other ways the neutral one"
    assert first["pytorch"] != first["tensorflow"] != frameworks["pytorch"]


def test_the_two_that_lead_stand_on_either_side() -> None:
    differences = ways.compared(DECISION)
    figure = options.compared(differences, OPEN[0], OPEN[1], "light")
    assert [bar.x[0] for bar in figure.data] == [row.points for row in differences]
    words = " ".join(note.text for note in figure.layout.annotations)
    assert all(row.title in words for row in differences)


def test_what_stands_at_the_ends_fits_beside_each_other_on_a_phone() -> None:
    figure = options.compared(ways.compared(DECISION), OPEN[0], OPEN[1], "light")
    ends = [note.text for note in figure.layout.annotations if "◂" in note.text or "▸" in note.text]
    assert len(ends) == 2
    assert sum(map(len, ends)) <= 52  # 374 pixels at 13: some 7 pixels a letter
