"""What people know and what code there is to move, as values."""

from __future__ import annotations

import pytest

from advisor.decision.evidence import assess
from advisor.model.evidence import Cell
from tests.advisor.decision.evidence.rows import KNOWLEDGE, row, told


def test_skills_are_levels_of_five_with_a_doubt() -> None:
    cells = row("skills", told(team={"skills": {"pytorch": 0, "tensorflow": 4}})).values.cells()
    assert (cells["pytorch"].low, cells["pytorch"].likely) == (0, 0)
    assert cells["tensorflow"] == Cell(pytest.approx(0.65), 0.8, pytest.approx(0.95))  # type: ignore[arg-type]


def test_a_skill_that_was_not_named_is_unknown_not_none() -> None:
    found = row("skills", told(team={"skills": {"pytorch": 4}}))
    assert found.values.cells()["tensorflow"].high == 1
    assert found.values.mean()[1] == 0.5
    assert found.open_questions == ("team.skills.tensorflow",)


def test_no_code_is_nothing_to_move() -> None:
    assert "migration" not in {found.id for found in assess(told(code={"framework": "none"}), KNOWLEDGE)}


@pytest.mark.parametrize(("plan", "likely"), [(None, 0.6 * 4 / 5), ("rewrite", 0.6 * 4 / 5), ("keep", 4 / 5)])
def test_knowing_tensorflow_1_is_not_knowing_tensorflow_2(plan: str | None, likely: float) -> None:
    """Unless the code is kept: TensorFlow 2 runs graphs of TensorFlow 1 on."""
    code = {"framework": "tensorflow1"} | ({"plan": plan} if plan else {})
    found = row("skills", told(code=code, team={"skills": {"pytorch": 4, "tensorflow": 4}}))
    cells = found.values.cells()
    assert cells["tensorflow"].likely == pytest.approx(likely)
    assert cells["pytorch"].likely == pytest.approx(4 / 5)
    assert ("60 % counts here" in found.summary) == (plan != "keep")
    assert any(item.kind == "judgement" for item in found.evidence) == (plan != "keep")


def test_person_days_follow_from_lines() -> None:
    """12 000 lines at 150 a day are 80 days of 120: a third is left; at 60 a day they are 200: nothing."""
    found = row("migration", told(code={"framework": "tensorflow2", "lines": 12_000}))
    cell = found.values.cells()["pytorch"]
    assert (cell.low, cell.likely, cell.high) == pytest.approx((0, 1 / 3, 0.75))
    assert found.values.cells()["tensorflow"].low == 1
    assert "a move to PyTorch takes about 80 person-days (30 to 200)" in found.summary


def test_unknown_lines_are_a_wide_range() -> None:
    found = row("migration", told(code={"framework": "tensorflow2"}))
    cell = found.values.cells()["pytorch"]
    assert cell.high - cell.low > 0.9
    assert found.open_questions == ("code.lines",)
