"""``--data`` and ``--label``: what is refused, in one line and before anything is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from probes import __main__ as cli
from probes.engine.running import model_files, supervisor
from probes.schema import RunRequest, RunSetup
from probes.team_files import ModelFile
from tests.probes.team_data import made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """What a run would be asked for; it isn't made."""
    found: list[RunRequest] = []

    def fake(setup: RunSetup, **_: object) -> None:
        found.append(setup.request)
        raise SystemExit(0)

    monkeypatch.setattr(supervisor, "run", fake)
    return found


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main([*arguments]) == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_data_alone_are_what_is_measured(asked: list[RunRequest], tmp_path: Path) -> None:
    path = made.images(tmp_path)
    with pytest.raises(SystemExit):
        cli.main(["run", "--data", str(path), "--size", "data.image=64", "--probe", "data.pipeline_jpeg"])
    (request,) = asked
    assert request.data is not None
    assert (request.model, request.probes) == (request.data.id, (f"{request.data.id}.pipeline_jpeg",))
    assert request.sizes == {request.data.id: {"image": 64}}


def test_a_model_is_measured_on_them(asked: list[RunRequest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data without labels too, for a model that only predicts."""
    told: list[object] = []

    def described(path: Path, **named: object) -> ModelFile:
        told.append(named["data"])
        return ModelFile(path.name, "ab" * 32, "Ours", ("pytorch",), trains=False)

    monkeypatch.setattr(model_files, "describe", described)
    path = made.archive(tmp_path, x=made.features())
    with pytest.raises(SystemExit):
        cli.main(["run", "--model-file", "ours.py", "--data", str(path), "--probe", "own.inference_b1"])
    (request,) = asked
    assert request.model == "own-" + "ab" * 6
    assert request.probes == (f"{request.model}.inference_b1",)
    assert told
    assert told[0] is not None


@pytest.mark.usefixtures("asked")
def test_bad_data_are_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, archive = str(made.table(tmp_path)), str(made.archive(tmp_path, x=made.features()))
    assert "label: 'y'; allowed: only with --data" in said(capsys, "run", "--label", "y")
    assert "label: not given, and rows.csv is a table; allowed: a, b, kind" in said(capsys, "run", "--data", table)
    assert "data: rows.txt can't be read" in said(capsys, "run", "--data", "rows.txt")
    assert "label: rows.npz has no labels; allowed: the name of an array" in said(capsys, "run", "--data", archive)
    assert "data: rows.csv; allowed: only with --model-file" in said(capsys, "routes", "--data", table)


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(("size", "allowed"), [("image=4", "8 to 1024"), ("width=8", "allowed: image")])
def test_a_size_that_images_cannot_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], size: str, allowed: str
) -> None:
    pytest.importorskip("PIL")
    assert allowed in said(capsys, "run", "--data", str(made.images(tmp_path)), "--size", f"data.{size}")
