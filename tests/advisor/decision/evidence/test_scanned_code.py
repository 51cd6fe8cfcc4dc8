"""A scan's estimate takes the place of guessed person-days, for the criterion and for every option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence import assess
from advisor.decision.evidence.scanned_code import with_effort
from advisor.effort.estimate import estimate
from advisor.effort.report import EffortReport
from advisor.knowledge import load
from advisor.model.decision import Decision, OptionResult
from tests.advisor.trees import scanned

LAYER = """import tensorflow as tf
class L(tf.keras.layers.Layer):
    def call(self, x):
        return tf.nn.relu(tf.reshape(x, (1, 2)))
"""
FILES: dict[str, str | bytes] = {f"m{i}.py": LAYER * 25 for i in range(6)}


@pytest.fixture(scope="module")
def effort(tmp_path_factory: pytest.TempPathFactory) -> EffortReport:
    return estimate(scanned(tmp_path_factory.mktemp("tree"), FILES))


def told(**given: Any) -> Answers:
    return Answers.model_validate({"schema": 2, **given})


def decided(effort: EffortReport, **given: Any) -> Decision:
    return decide(told(**given), with_effort(load(), effort), samples=1_000)


def test_the_criterion_takes_its_days_from_the_scan(effort: EffortReport) -> None:
    answers = told(code={"framework": "tensorflow2", "lines": 99_000})
    (row,) = [one for one in assess(answers, with_effort(load(), effort)) if one.family == "migration"]
    pytorch = effort.of("pytorch")
    assert pytorch is not None
    assert row.status == "answered"
    begins = "By a scan of the code (600 lines in files that name a framework), a move to PyTorch takes about "
    assert row.summary.startswith(begins)
    assert "bringing it to today's TensorFlow takes about" in row.summary
    assert "99,000" not in row.summary
    assert [one.kind for one in row.evidence] == ["scan"]
    assert pytorch.record.sentence in row.evidence[0].text
    assert row.evidence[0].source is not None
    assert row.evidence[0].source.note == "data/migrations.yaml"
    assert row.open_questions == ()
    cell = row.values.cells()["pytorch"]
    assert cell.likely == pytest.approx(1 - pytorch.days.p50 / 120)  # full of the criterion


def test_it_says_something_where_nobody_answered_which_code_there_is(effort: EffortReport) -> None:
    (row,) = [one for one in assess(told(), with_effort(load(), effort)) if one.family == "migration"]
    assert row.status == "answered"
    (guessed,) = [one for one in assess(told(), load()) if one.family == "migration"]
    assert guessed.status == "unknown"


def test_every_option_has_the_days_of_its_own_estimate(effort: EffortReport) -> None:
    decision = decided(effort, code={"framework": "tensorflow2", "lines": 99_000, "use": "inference"})
    options = {one.id: one for one in decision.options}
    assert {"pytorch", "tensorflow", "keras-pytorch", "keras-jax", "jax", "stay", "runtime"} <= set(options)
    for found in effort.options:
        if found.option in options:
            assert options[found.option].days == (found.days.p10, found.days.p50, found.days.p90)
    assert "by a scan of it" in options["pytorch"].cost
    assert options["stay"].days == (0.0, 0.0, 0.0)


def test_who_says_that_there_is_no_code_is_believed(effort: EffortReport) -> None:
    decision = decided(effort, code={"framework": "none"})
    assert "migration" not in {row.criterion.id for row in decision.criteria}
    assert {one.cost for one in decision.options if one.id == "pytorch"} == {"There is no code to move."}


@pytest.mark.parametrize("framework", ["tensorflow1", "tensorflow2", None])
def test_code_that_is_kept_costs_what_today_s_versions_ask_of_it(effort: EffortReport, framework: str | None) -> None:
    """«TensorFlow, kept current» cost nothing in the recommendation, and days on the page of the scan."""
    code = {"plan": "keep"} | ({"framework": framework} if framework else {})
    days = {one.id: one.days for one in decided(effort, code=code).options}
    found = effort.of("tensorflow")
    assert found is not None
    assert days["tensorflow"] == (found.days.p10, found.days.p50, found.days.p90)
    assert days["pytorch"] != (0.0, 0.0, 0.0)


def test_code_can_stay_as_long_as_what_a_scan_saw_of_it(tmp_path: Path) -> None:
    """The clock said «it can't» of code full of Sessions, and the recommendation «until October 2027»."""
    session = "import tensorflow as tf\nwith tf.Session() as s:\n    s.run(tf.placeholder(tf.float32))\n"
    old = estimate(scanned(tmp_path, {"old.py": session}))
    assert old.seen.framework == "tensorflow1"
    said = {"code": {"framework": "tensorflow2"}}

    def stay(**more: Any) -> OptionResult:
        return next(one for one in decided(old, **said, **more).options if one.id == "stay")

    assert "TensorFlow 1 runs on Python 3.7 at most" in stay(constraints={"python": ["3.11"]}).closed
    assert stay().until.startswith("Until June 2023")


def test_skills_count_as_the_answers_have_them(effort: EffortReport) -> None:
    days = [
        next(one.days for one in decided(effort, team={"skills": {"pytorch": level}}).options if one.id == "pytorch")
        for level in (0, 5)
    ]
    assert days[0] is not None
    assert days[1] is not None
    assert days[0][1] > 1.5 * days[1][1]


def test_without_a_scan_nothing_changes() -> None:
    assert with_effort(load(), None) is load()


def test_an_old_framework_is_dearer_to_leave_the_more_code_there_is(tmp_path: Path) -> None:
    small, large = (estimate(scanned(tmp_path / str(n), {f"{i}.py": LAYER for i in range(n)})) for n in (2, 60))
    shares = [decided(one, code={"framework": "tensorflow2"}).verdict.probability["pytorch"] for one in (small, large)]
    assert shares[1] < shares[0]
