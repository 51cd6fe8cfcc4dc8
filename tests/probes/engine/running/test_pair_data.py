"""A team's own data in a run with fake children: who is told of them, and what becomes of a run when they change."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from probes.engine.running.supervisor import run
from probes.results import Round, RunResult
from probes.schema import FRAMEWORKS, Outcome, RunRequest, RunSetup
from probes.team_data.looking import look
from probes.team_files import ModelFile, TeamData
from tests.probes.fake_child import Around, FakeMachine, Trouble, no_lock
from tests.probes.team_data import made


@pytest.fixture(autouse=True)
def _everything_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("probes.engine.running.probe_record", "probes.catalog"):
        monkeypatch.setattr(f"{module}.why_not", lambda *_: "")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made.table(tmp_path)


@pytest.fixture
def data(path: Path) -> TeamData:
    return look(path, "kind")


def measured(request: RunRequest, machine: FakeMachine, path: Path | None, **named: object) -> RunResult:
    result = run(
        RunSetup(request), launcher=machine, lock=no_lock, watch=Around, clock=lambda: 0.0, data_path=path, **named
    )  # type: ignore[arg-type]
    assert machine.alive == 0, "a child was left behind"
    return result


def outcomes(result: RunResult) -> set[tuple[Outcome, str]]:
    return {(side.outcome, side.reason) for row in result.results for side in row.sides.values()}


def test_a_quick_run_measures_what_reads_them(path: Path, data: TeamData) -> None:
    machine = FakeMachine()
    result = measured(RunRequest(model=data.id, data=data), machine, path)
    assert [row.probe for row in result.results] == [f"{data.id}.pipeline_csv"]
    assert outcomes(result) == {(Outcome.OK, "")}
    told = [arguments for _, do, arguments in machine.asked if do == "data"]
    assert {one["path"] for one in told} == {str(path)}
    assert {one["data"]["sha256"] for one in told} == {data.sha256}


def test_images_are_read_in_this_process_and_by_workers(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    folder = made.images(tmp_path)
    data = look(folder)
    request = RunRequest(model=data.id, data=data, sizes={data.id: {"image": 32}})
    result = measured(request, FakeMachine(), folder)
    assert {row.measure for row in result.results} == {"pipeline_jpeg", "pipeline_jpeg_workers"}
    assert outcomes(result) == {(Outcome.OK, "")}


def test_a_model_that_takes_them_is_told_after_them(tmp_path: Path, path: Path, data: TeamData) -> None:
    source = tmp_path / "ours.py"
    source.write_bytes(b"def inputs(rng, batch): ...\n")
    file = ModelFile("ours.py", hashlib.sha256(source.read_bytes()).hexdigest(), "Ours", FRAMEWORKS, True, data=data)
    machine, probe = FakeMachine(), f"{file.id}.train_step"
    request = RunRequest(probes=(probe,), budget=60.0, model=file.id, model_file=file, data=data)
    result = measured(request, machine, path, model_path=source)
    assert [row.probe for row in result.results] == [probe]
    assert data.key in probe, "on other data it is another model"
    asked = [do for framework, do, _ in machine.asked if framework == "pytorch"]
    assert asked.index("data") < asked.index("own")


def test_data_that_change_between_two_rounds_end_the_run(path: Path, data: TeamData) -> None:
    machine, started = FakeMachine(), list[int]()

    def change(round_: Round) -> None:
        path.write_text(path.read_text(encoding="utf-8") + "0,0,1,0,0,0\n", encoding="utf-8")
        started.append(len(machine.started))

    result = measured(RunRequest(model=data.id, data=data), machine, path, on_round=change)
    assert len(result.rounds) == 2
    assert machine.started[started[0] :] == [], "no child is started for the new ones"
    assert outcomes(result) == {(Outcome.FAILED, "rows.csv has changed since it was looked at: begin again")}


def test_a_run_whose_data_are_not_here_says_so(data: TeamData) -> None:
    machine = FakeMachine()
    result = measured(RunRequest(model=data.id, data=data), machine, None)
    assert not machine.started
    assert outcomes(result) == {(Outcome.FAILED, "rows.csv isn't here: name it to measure with it")}


def test_a_child_that_cannot_take_them_ends_the_run_with_its_reason(path: Path, data: TeamData) -> None:
    machine = FakeMachine([Trouble("tensorflow", "data", Outcome.FAILED, "no room", dead=True, times=9)])
    result = measured(RunRequest(model=data.id, data=data), machine, path)
    assert outcomes(result) == {(Outcome.FAILED, "TensorFlow: no room")}
