"""Effort and clock beside a scan: what is said, and that names of a tree are no markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from advisor.answers import Answers
from advisor.effort import output
from advisor.effort.estimate import estimate
from advisor.effort.pins import CodeClock, clock_of
from advisor.effort.proposals import proposals
from advisor.scan.report import AreaActivity, ScanReport
from tests.advisor.trees import scanned
from tests.rehearsals import rehearsal, way

MODEL = "import tensorflow as tf\nclass L(tf.keras.layers.Layer):\n    pass\n" * 30
DAY = date(2026, 11, 29)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> tuple[ScanReport, CodeClock]:
    folder = tmp_path_factory.mktemp("tree")
    report = scanned(folder, {"m.py": MODEL, "[x](y)|<b>.py": MODEL, "requirements.txt": "tensorflow==2.11.1\n"})
    return report, clock_of(folder, report, DAY)


def text(report: ScanReport, clock: CodeClock, **answers: object) -> str:
    told = Answers.model_validate({"schema": 2, **answers})
    return output.to_text(report, estimate(report, told), clock, proposals(report, told))


def test_text_says_costs_record_clock_and_answers(scan: tuple[ScanReport, CodeClock]) -> None:
    said = text(*scan, team={"skills": {"pytorch": 4}})
    heads = [
        "What each way costs",
        "PyTorch in phases:",
        "What these figures hold:",
        "Until when can it stay?",
        "Answers",
    ]
    assert sorted(heads, key=said.index) == heads
    assert "Stay with your TensorFlow code as it is: the code stays as it is" in said
    assert "yours is 4 of 5" in said
    assert "No finished migration checks the level of: TensorFlow, kept current" in said
    assert "requirements.txt, Python 3.10, supposed: On borrowed time" in said


def test_what_nothing_uses_is_said_with_what_dropping_it_saves(scan: tuple[ScanReport, CodeClock]) -> None:
    report, clock = scan
    idle = AreaActivity(2, {"nothing": 2}, 1.0, None, 0, "drop", "unreached")
    run = AreaActivity(2, {"entry_point": 2}, 0.0, None, 0, "keep", "reached")
    unused, used = (replace(report, activity=replace(report.activity, areas={"model": one})) for one in (idle, run))
    assert "Nothing uses models any more: --drop model takes off " in text(unused, clock)
    assert "--drop" not in text(used, clock)


def test_a_way_to_where_the_code_is_already_is_not_the_plan(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"m.py": "import torch\nx = torch.nn.Linear(1, 1)\n" * 20})
    said = text(report, clock_of(tmp_path, report, DAY))
    assert "TensorFlow, kept current in phases:" in said
    assert "No list of packages names one whose wheels are known." in said


def test_names_of_a_tree_are_no_markup(scan: tuple[ScanReport, CodeClock]) -> None:
    report, clock = scan
    said = output.to_markdown(report, estimate(report), clock, proposals(report, Answers()))
    assert "\\[x\\]" in said
    assert "[x](y)" not in said
    assert "| PyTorch | " in said


def test_code_that_no_way_would_change_is_said_to_cost_nothing(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"m.py": "print(1)\n"})
    said = text(report, clock_of(tmp_path, report, DAY))
    assert "PyTorch: nothing: no code was found that this way would change." in said
    assert "in phases" not in said


def test_what_rehearsals_changed_is_said_in_every_form(scan: tuple[ScanReport, CodeClock]) -> None:
    report, clock = scan
    passed = rehearsal(MODEL, [way("keras_on_pytorch"), way("keras_on_jax", "refused", file="m.py", line=2)])
    found = estimate(report, rehearsals=[passed])
    plain = estimate(report)
    for option, lower in (("keras-pytorch", True), ("keras-jax", False)):
        before, after = plain.of(option), found.of(option)
        assert before is not None
        assert after is not None
        assert (after.days.p50 < before.days.p50) is lower
        assert after.days.p50 != before.days.p50
    assert plain.of("pytorch") == found.of("pytorch")
    text = output.to_text(report, found, clock, ())
    assert text.index("What each way costs") < text.index("What rehearsals changed in that:")
    assert "Rehearsed: m.py, Keras code on PyTorch: answers and learns alike, so 60 of 60 uses in models" in text
    assert "A rehearsal speaks for what of the models ran in it" in text
    assert "rehears" not in output.to_text(report, plain, clock, ()).lower()
    for said in (output.to_markdown(report, found, clock, ()), output.section(report, found)):
        assert "Rehearsed: m.py, Keras code on JAX: a call fails at m.py, line 2, calling tensorflow" in said
    data = output.as_data(found, clock, ())
    assert [(one["way"], one["option"], one["passed"]) for one in data["rehearsed"]] == [
        ("keras_on_pytorch", "keras-pytorch", True), ("keras_on_jax", "keras-jax", False),
    ]  # fmt: skip
    assert data["rehearsals"][0]["file"]["sha256"] == passed.file.sha256
