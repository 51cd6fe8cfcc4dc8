"""A published model that a side has no implementation of, and what it is judged by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from advisor.answers import Answers, Override, Project
from advisor.decision.evidence import Assessment, rows_of
from advisor.knowledge import load
from probes.results import RunResult
from probes.schema import Framework
from probes.team_files import Lack, ModelFile
from tests.advisor import runs

KNOWLEDGE = load()
ECOSYSTEM = next(spec for spec in KNOWLEDGE.criteria if spec.id == "ecosystem")
NONE = Lack("no implementation", "KerasHub", "0.32.0", "modernbert as encoder", "2026-11-29")


def measured(**lacks: Lack) -> RunResult:
    file = ModelFile("config.json", "a" * 64, "Our encoder", ("pytorch",), trains=True, lacks=lacks)  # type: ignore[arg-type]
    run = runs.run(runs.result("train_step", None))
    return replace(run, request=replace(run.request, model_file=file))


VISION = Answers(project=Project(domain="vision"))


def row(run: RunResult | None, answers: Answers = VISION) -> Assessment:
    (found,) = rows_of(ECOSYSTEM, answers, KNOWLEDGE, run)
    return found


def likely(found: Assessment, side: Framework) -> float:
    """The level, 1 to 5."""
    return 1 + 4 * found.values.cells()[side].likely


def test_the_side_that_lacks_it_is_worth_less_and_says_why() -> None:
    before, after = row(None), row(measured(tensorflow=NONE))
    assert likely(before, "tensorflow") == 3.0
    assert likely(after, "tensorflow") == 2.0
    assert likely(after, "pytorch") == likely(before, "pytorch")
    new = after.evidence[-1]
    assert (new.kind, new.date, new.machine) == ("fact", "2026-11-29", runs.MACHINE.name)
    assert new.text.startswith("KerasHub 0.32.0 has no implementation of modernbert as encoder: your «Our encoder»")
    assert new.text in after.summary


def test_a_level_below_stays() -> None:
    answers = Answers(project=Project(domain="language"))
    before, after = row(None, answers), row(measured(tensorflow=NONE), answers)
    assert likely(before, "tensorflow") == 1.5
    assert after.values == before.values
    assert len(after.evidence) == len(before.evidence) + 1, "it is shown all the same"


def test_what_the_team_set_stands() -> None:
    override = Override(
        criterion="ecosystem", framework="tensorflow", level=4, statement="We have it written.", author="Ada",
        date=date(2026, 11, 1), confidence="high",
    )  # fmt: skip
    answers = Answers(project=Project(domain="vision"), overrides=(override,))
    assert (
        likely(row(measured(tensorflow=NONE), answers), "tensorflow") == likely(row(None, answers), "tensorflow") == 4
    )


@pytest.mark.parametrize(
    "lack",
    [Lack("not installed", "KerasHub", what="keras-hub"), Lack("refused", "KerasHub", "0.32.0", "it needs rope_theta")],
)
def test_what_says_nothing_of_the_framework_changes_nothing(lack: Lack) -> None:
    assert row(measured(tensorflow=lack)) == row(None)


def test_other_criteria_are_not_touched() -> None:
    for spec in KNOWLEDGE.criteria:
        if spec.id != "ecosystem" and spec.value.kind == "judgement":
            answers = Answers(project=Project(domain="vision"))
            run = measured(tensorflow=NONE)
            assert rows_of(spec, answers, KNOWLEDGE, run) == rows_of(spec, answers, KNOWLEDGE, None)
