"""Answers that the code shows: proposed with where they were seen, and gone once they are what the brief says."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest

from advisor.answers import Answers
from advisor.effort.proposals import proposals
from advisor.scan.report import Dependency, ScanReport
from tests import team_code
from tests.stores import the

REPORT = replace(
    the(team_code.scan().report),
    dependencies=(
        Dependency("python", ">=3.10,<3.12", "pyproject.toml", 4),
        Dependency("tensorflowjs", "", "requirements.txt", 3),
        Dependency("pyspark", "", "requirements.txt", 9),
    ),
)


def proposed(answers: dict[str, Any], report: ScanReport = REPORT) -> dict[str, Any]:
    return {one.key: one.value for one in proposals(report, Answers.model_validate(answers))}


def test_framework_lines_python_and_targets_are_proposed_with_their_places() -> None:
    found = {one.key: one for one in proposals(REPORT, Answers())}
    assert found["code-framework"].value == "tensorflow1"
    assert found["code-lines"].value == 14
    assert found["constraints-python-3.11"].where == "pyproject.toml, line 4, asks for >=3.10,<3.12"
    assert found["targets-browser"].where == "requirements.txt, line 3, asks for tensorflowjs"
    assert "targets-spark" in found
    assert "requirements.txt" in found["code-framework"].where


def test_what_is_taken_over_is_no_longer_proposed() -> None:
    taken = reduce(lambda answers, one: one.taken(answers), proposals(REPORT, Answers()), Answers())
    assert proposals(REPORT, taken) == ()
    assert (taken.code.framework, taken.code.lines, taken.constraints.python) == ("tensorflow1", 14, ("3.11",))
    assert {target.id for target in taken.targets} == {"browser", "spark"}


def test_another_answer_is_never_written_over_by_itself() -> None:
    answers = Answers.model_validate({"code": {"framework": "pytorch", "lines": 100}})
    (framework, lines, *_) = proposals(REPORT, answers)
    assert (framework.said, lines.said) == ("pytorch", 100)
    assert answers.code.framework == "pytorch"


@pytest.mark.parametrize(("lines", "again"), [(13, False), (14, False), (15, False), (16, True), (1, True)])
def test_lines_that_are_about_right_are_right(lines: int, again: bool) -> None:
    assert ("code-lines" in proposed({"code": {"lines": lines}})) is again
