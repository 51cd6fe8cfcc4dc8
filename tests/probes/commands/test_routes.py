"""``python -m probes routes``: arguments, exit status, files. Runs use fake children."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from probes import __main__ as cli
from probes.deploy import catalog, environments, run
from probes.deploy.schema import RoutesRun
from probes.json_form import from_json, to_json
from probes.system import folders
from tests.probes.deploy import samples
from tests.probes.deploy.fake_children import Workplace
from tests.probes.fake_child import no_lock

WAYS = ["--way", "pytorch_onnxruntime", "--way", "tensorflow_savedmodel"]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """The command line on fake children."""
    found, real = Workplace(), run.run
    monkeypatch.setenv(folders.CACHE, str(tmp_path))
    monkeypatch.setattr(catalog, "why_not", lambda *_: "")
    monkeypatch.setattr(environments, "variables", lambda place: {})  # whatever was made on this machine
    monkeypatch.setattr(run, "run", lambda *given, **named: real(*given, **named, launcher=found, lock=no_lock))
    return found


@pytest.mark.usefixtures("workplace")
def test_a_run_writes_its_record_and_shows_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "routes.json"
    assert cli.main(["routes", *WAYS, "--passes", "3", "--size", "mlp.hidden1=8", "--out", str(out)]) == 0
    kept = from_json(RoutesRun, out.read_text(encoding="utf-8"))
    assert kept.request.passes == 3
    assert kept.references[0].sizes["hidden1"] == 8
    shown = capsys.readouterr().err
    assert "mlp: exporting ONNX → ONNX Runtime (1 of 2)" in shown
    capsys.readouterr()
    assert cli.main(["routes", "--read", str(out)]) == 0
    again = capsys.readouterr().out
    assert again in shown, "the figures of a record are what was shown when it was made"
    assert "100.0 %" in again


@pytest.mark.usefixtures("workplace")
def test_light_ways_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["routes", "--light", "--passes", "1"]) == 0
    kept = json.loads(capsys.readouterr().out)
    assert [row["way"]["id"] for row in kept["records"]] == [way.id for way in catalog.ways() if not way.heavy]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--way", "telepathy"], "ways: 'telepathy' doesn't exist; allowed: "),
        (["--model", "gpt"], "models: 'gpt' doesn't exist; allowed: "),
        (["--passes", "many"], "passes: 'many' is not a whole number"),
        (["--passes", "1000"], "passes: 1000; allowed: 1 to 200"),
        (["--threads", "0"], "threads"),
        (["--size", "mlp.hidden1=0"], "sizes.mlp.hidden1"),
        (["--out", "nowhere/file.json"], "--out: nowhere is not a directory"),
    ],
)
def test_bad_arguments_are_refused(
    workplace: Workplace, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["routes", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert workplace.children == []


def spoilt(content: dict[str, Any], how: str) -> str:
    played = content["records"][0]["played"]
    if how == "newer":
        content["schema"] = 99
    elif how == "negative":
        played["blocks"]["1"][0] = -1.0
    elif how == "empty processes":
        played["processes"] = 1000
    elif how == "short":
        played["answers"]["base64"] = played["answers"]["base64"][:8]
    text = json.dumps(content)
    return text[: len(text) // 2] if how == "cut off" else text


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("newer", "schema 99 is newer"),
        ("negative", "mlp, pytorch_onnxruntime, blocks of batch 1: -1.0; allowed: a positive, finite number"),
        ("empty processes", "mlp, pytorch_onnxruntime, processes: 1000; allowed: 1 to the "),
        ("short", "mlp, pytorch_onnxruntime: "),
        ("cut off", "is not JSON, or it was cut off"),
    ],
)
def test_a_record_that_can_not_be_trusted_is_refused(
    tmp_path: Path, how: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "routes.json"
    path.write_text(spoilt(json.loads(to_json(samples.run())), how), encoding="utf-8")
    assert cli.main(["routes", "--read", str(path)]) == 2
    assert said in capsys.readouterr().err
