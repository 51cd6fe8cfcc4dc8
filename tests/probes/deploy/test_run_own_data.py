"""A team's model on its own labelled samples through the ways: right answers counted, nothing of the samples kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from probes import records
from probes.deploy import catalog, environments, run, summary
from probes.deploy.schema import RoutesRequest, RoutesRun
from probes.json_form import from_json, to_json
from probes.schema import Outcome
from probes.system import folders
from probes.team_data.looking import look
from probes.team_files import ModelFile, TeamData
from tests.probes.deploy.fake_children import RIGHT, ROWS, Workplace
from tests.probes.fake_child import no_lock
from tests.probes.team_data import made

WAYS = ("pytorch_onnxruntime.int8-static", "tensorflow_savedmodel")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "cache"))
    monkeypatch.setattr(catalog, "why_not", lambda *_: "")
    monkeypatch.setattr(environments, "variables", lambda place: {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made.table(tmp_path)


def tried(workplace: Workplace, data: TeamData, path: Path | None) -> RoutesRun:
    file = ModelFile("ours.py", "ab" * 32, "Ours", ("pytorch", "tensorflow"), trains=True, data=data)
    request = RoutesRequest(models=(file.id,), ways=WAYS, passes=2, model_file=file)
    return run.run(request, launcher=workplace, lock=no_lock, model_path=Path("ours.py"), data_path=path)


def test_accuracy_is_of_the_teams_own_samples(path: Path) -> None:
    workplace, data = Workplace(), look(path, "kind")
    found = tried(workplace, data, path)
    assert from_json(RoutesRun, to_json(found)) == found
    for record in found.records:
        assert record.outcome is Outcome.OK, record.reason
        shown = summary.figures(record, found)
        assert shown is not None
        assert (shown.accuracy, shown.source_accuracy) == (RIGHT["way"] / ROWS, RIGHT["source"] / ROWS)
        assert shown.lost_accuracy == pytest.approx(1 / ROWS)
    (reference,) = found.references
    assert (reference.labels, reference.scored) == ((), ROWS), "labels of a team are in no record"
    for arguments in workplace.commands("own"):
        assert arguments["data"]["path"] == str(path)
        assert arguments["data"]["data"]["sha256"] == data.sha256


def test_what_was_kept_of_an_earlier_run_says_it_again(path: Path) -> None:
    data = look(path, "kind")
    first, again = tried(Workplace(), data, path), tried(Workplace(), data, path)
    assert again.references[0].right == first.references[0].right == dict.fromkeys(("pytorch", "tensorflow"), 3)


@pytest.mark.parametrize("gone", [True, False])
def test_data_that_are_others_by_now_end_every_way(path: Path, gone: bool) -> None:
    data = look(path, "kind")
    path.write_text(path.read_text(encoding="utf-8") + "0,0,1,0,0,0\n", encoding="utf-8")
    found = tried(Workplace(), data, None if gone else path)
    said = "isn't here: name it to measure with it" if gone else "has changed since it was looked at: begin again"
    assert {(record.outcome, record.reason) for record in found.records} == {(Outcome.FAILED, f"rows.csv {said}")}


def test_more_right_answers_than_samples_are_no_record(path: Path, tmp_path: Path) -> None:
    found = tried(Workplace(), look(path, "kind"), path)
    out = tmp_path / "routes.json"
    out.write_text(to_json(replace(found, references=(replace(found.references[0], scored=1),))), encoding="utf-8")
    with pytest.raises(records.RecordError, match="right: 2; allowed: 0 to the 1 samples that were asked"):
        records.read_routes(out)
    assert json.loads(out.read_text(encoding="utf-8"))["request"]["model_file"]["data"]["name"] == "rows.csv"
