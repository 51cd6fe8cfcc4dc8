"""``run --plan``: what a page handed out is what is measured, and nothing stands beside it that it says itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from probes import __main__ as cli
from probes.engine.running import supervisor
from probes.records import sealed
from probes.records.plan_files import MeasurementPlan
from probes.records.trusting import read_trusted
from probes.results import RunResult
from probes.schema import Priority, RunRequest, RunSetup
from probes.team_files import ModelFile
from tests.travelling import recorded

ASKED = RunRequest(probes=("mlp.train_step",), seed=3)
OWN = ModelFile("own.py", "ab" * 32, "Own", ("pytorch", "tensorflow"), trains=True)


@pytest.fixture
def setups(monkeypatch: pytest.MonkeyPatch) -> list[RunSetup]:
    """What was measured by; it comes to what was recorded."""
    seen: list[RunSetup] = []

    def run(setup: RunSetup, **_: Any) -> RunResult:
        seen.append(setup)
        return recorded()

    monkeypatch.setattr(supervisor, "run", run)
    return seen


def plan(folder: Path, request: RunRequest = ASKED, priority: Priority | None = None) -> str:
    file = folder / "plan.json"
    file.write_text(sealed(MeasurementPlan(request, priority or Priority())), encoding="utf-8")
    return str(file)


def test_the_plan_is_carried_out_and_its_record_is_taken_elsewhere(tmp_path: Path, setups: list[RunSetup]) -> None:
    gains = Priority({"mlp.train_step": 0.01})
    out = tmp_path / "run.json"
    assert cli.main(["run", "--plan", plan(tmp_path, priority=gains), "--out", str(out)]) == 0
    assert [(setup.request, setup.priority) for setup in setups] == [(ASKED, gains)]
    assert read_trusted(out).results == recorded().results
    assert json.loads(out.read_bytes())["file"] == ""


@pytest.mark.parametrize(
    ("beside", "says"),
    [
        (["--probe", "mlp.startup"], "--probe: the plan says it; allowed beside --plan: --model-file"),
        (["--budget", "60"], "--budget: the plan says it"),
        (["--threads", "2"], "--threads: the plan says it"),
        (["--size", "mlp.hidden1=32"], "--size: the plan says it"),
        (["--model-file", "{other}"], "--model-file: other.py; the plan allows: none"),
    ],
)
def test_what_the_plan_says_is_said_nowhere_else(
    tmp_path: Path,
    setups: list[RunSetup],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    beside: list[str],
    says: str,
) -> None:
    other = ModelFile("other.py", "cd" * 32, "Other", ("pytorch",), trains=True)
    monkeypatch.setattr("probes.commands.interpreters.model_files.describe", lambda *_, **__: other)
    beside = [part.format(other=tmp_path / "other.py") for part in beside]
    assert cli.main(["run", "--plan", plan(tmp_path), *beside]) == 2
    assert says in capsys.readouterr().err
    assert setups == []


def test_a_team_s_own_model_has_to_be_the_file_of_the_plan(
    tmp_path: Path, setups: list[RunSetup], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = RunRequest(model=OWN.id, model_file=OWN)
    assert cli.main(["run", "--plan", plan(tmp_path, asked)]) == 2
    assert "--model-file: missing; the plan allows: own.py, with the content that it had" in capsys.readouterr().err
    assert setups == []


def test_a_file_that_is_no_plan_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    assert cli.main(["run", "--plan", str(tmp_path / "plan.json")]) == 2
    said = capsys.readouterr().err
    assert "schema is missing; allowed: 1" in said
    assert said.count("\n") == 1
