"""Skills member by member: the CSV file, the medians, the widening, and the time to learn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.answers import Answers, Team
from advisor.decision.decide import decide
from advisor.decision.evidence.team import WEEKS_A_LEVEL, ramp_up
from advisor.knowledge import load
from advisor.model.decision import Decision
from advisor.questionnaire import AnswersError, dump, members, parse

GOOD = "name,pytorch,tensorflow\nAda,4,2\nGrace,1,5\nEdsger,,3\n"


def told(**team: Any) -> Answers:
    return Answers.model_validate({"schema": 1, "team": team})


def skills_row(answers: Answers) -> Any:
    decision: Decision = decide(answers, load(), samples=500)
    return next(row for row in decision.criteria if row.criterion.id == "skills")


def test_a_file_becomes_members_and_the_team_their_medians() -> None:
    found = members.read(GOOD)
    assert [(m.name, m.pytorch, m.tensorflow) for m in found] == [("Ada", 4, 2), ("Grace", 1, 5), ("Edsger", None, 3)]
    team = members.applied(Team.model_validate({"skills": {"jax": 2}}), found)
    assert (team.size, dict(team.skills)) == (3, {"jax": 2, "pytorch": 1, "tensorflow": 3})


def test_columns_may_come_in_any_order_with_semicolons_and_a_byte_order_mark() -> None:
    assert members.read("\ufeffTensorFlow; Name; PyTorch\r\n5;Ada;0\r\n\r\n") == members.read(
        "name,pytorch,tensorflow\nAda,0,5"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: '' ; allowed: the columns name, pytorch, tensorflow".replace(" ;", ";")),
        ("name,pytorch\nAda,3\n", "the columns name, pytorch, tensorflow"),
        ("name,pytorch,tensorflow,jax\nAda,1,2,3\n", "the columns name, pytorch, tensorflow"),
        ("name,pytorch,tensorflow\n", "0 members"),
        ("name,pytorch,tensorflow\nAda,9,2\n", "line 2, column pytorch: '9' is not allowed; allowed: whole numbers"),
        ("name,pytorch,tensorflow\nAda,1,2\nBo,2,x\n", "line 3, column tensorflow: 'x' is not allowed"),
        ("name,pytorch,tensorflow\n,1,2\n", "line 2, column name"),
        ("name,pytorch,tensorflow\nAda,1\n", "line 2: 2 values; allowed: 3 values"),
        ("name,pytorch,tensorflow\nAda,1,2,3\n", "line 2: 4 values; allowed: 3 values"),
        ("name,pytorch,tensorflow\nAda,1,2\nAda,3,4\n", "'Ada' named twice"),
        ("name,pytorch,tensorflow\nA\x00da,1,2\n", "line 2"),
        ("name,pytorch,tensorflow\n" + "x" * 150_000 + ",1,2\n", "line 2"),
        ("x" * 300_000, "300,000 characters"),
    ],
)
def test_a_bad_line_is_one_clear_error(text: str, said: str) -> None:
    with pytest.raises(AnswersError) as caught:
        members.read(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lines_may_end_as_they_like() -> None:
    assert members.read(GOOD.replace("\n", "\r")) == members.read(GOOD.replace("\n", "\r\n")) == members.read(GOOD)


def test_of_an_even_number_the_lower_middle_level_counts() -> None:
    found = members.read("name,pytorch,tensorflow\nAda,1,\nBo,4,\n")
    assert members.applied(Team(), found).skills == {"pytorch": 1}


def test_members_of_an_answers_file_say_what_else_nobody_said() -> None:
    written = "schema: 1\nteam: {members: [{name: Ada, pytorch: 4, tensorflow: 1}], skills: {tensorflow: 3}}"
    team = parse(written).team
    assert (dict(team.skills), team.size) == ({"pytorch": 4, "tensorflow": 3}, 1)


def test_members_travel_in_the_answers_file() -> None:
    answers = Answers(team=members.applied(Team(), members.read(GOOD)))
    assert parse(dump(answers)) == answers
    with pytest.raises(AnswersError, match=r"team\.members\[0\]\.pytorch"):
        parse("schema: 1\nteam: {members: [{name: Ada, pytorch: 7}]}")


def test_a_team_that_differs_is_known_less_well_than_one_that_doesnt() -> None:
    def people(*levels: int) -> list[dict[str, Any]]:
        return [{"name": f"p{i}", "pytorch": level, "tensorflow": 3} for i, level in enumerate(levels)]

    skills = {"pytorch": 3, "tensorflow": 3}
    alike, apart = (skills_row(told(skills=skills, members=people(*levels))) for levels in ((3, 3, 3), (0, 3, 5)))
    plain = skills_row(told(skills=skills))
    assert alike.cells == plain.cells
    assert apart.cells["pytorch"].low < plain.cells["pytorch"].low
    assert apart.cells["pytorch"].high > plain.cells["pytorch"].high
    assert apart.cells["tensorflow"] == plain.cells["tensorflow"]


def test_the_time_to_learn_is_told_with_its_range_and_source() -> None:
    said = skills_row(told(skills={"pytorch": 1, "tensorflow": 4})).summary
    assert "It takes about 6 weeks each (2 to 12, our own estimate) until they work on their own with PyTorch." in said
    assert "on their own with TensorFlow" not in said


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 5), st.floats(0, 5))
def test_who_knows_more_is_never_slower(one: float, other: float) -> None:
    less, more = sorted((one, other))
    slow, quick = ramp_up(less), ramp_up(more)
    if slow is None:
        assert quick is None
    elif quick is not None:
        assert all(q <= s for q, s in zip(quick, slow, strict=True))
        assert quick[0] <= quick[1] <= quick[2]
    assert list(WEEKS_A_LEVEL) == sorted(WEEKS_A_LEVEL)
