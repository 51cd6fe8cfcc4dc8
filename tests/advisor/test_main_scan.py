"""``python -m advisor scan``: the four formats, and bad input as one line with status 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.__main__ import main
from probes.json_form import to_json
from probes.rehearsal.schema import Rehearsal
from tests.advisor.trees import written
from tests.rehearsals import rehearsal, way

FILES: dict[str, str | bytes] = {"a.py": "import torch\ntorch.rfft(x, 1)\n"}


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        ([], "PyTorch. 1 source file"),
        (["--format", "text"], "PyTorch. 1 source file"),
        (["--format", "json"], "{"),
        (["--format", "sarif"], "{"),
        (["--format", "markdown"], "# What the code holds"),
    ],
)
def test_each_format(options: list[str], begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(written(tmp_path, FILES)), *options]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(begins)
    assert said.err == ""
    if begins == "{":
        assert json.loads(said.out)


@pytest.mark.parametrize("path", ["nowhere", "a.txt"])
def test_what_is_no_tree_is_one_line_and_status_2(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert main(["scan", str(tmp_path / path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("python -m advisor scan: PATH: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["scan"], ["scan", ".", "--format", "xml"]])
def test_bad_arguments_are_one_line_and_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


MODEL = """import tensorflow as tf
class L(tf.keras.layers.Layer):
    def call(self, x):
        return tf.nn.relu(x)

"""
TREE: dict[str, str | bytes] = {"m.py": MODEL * 20, "requirements.txt": "tensorflow==2.11.1\n"}
ANSWERS = "schema: 2\ncode: {framework: keras3}\nteam: {skills: {pytorch: 5}}\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return written(tmp_path / "tree", TREE)


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_json_has_options_clock_and_answers(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(told(["scan", str(tree), "--format", "json", "--on", "2026-11-29"], capsys))
    assert list(whole)[:2] == ["schema", "blind_spots"]
    days = {one["option"]: one["days"] for one in whole["options"]}
    assert days["pytorch"]["p10"] < days["pytorch"]["p50"] < days["pytorch"]["p90"]
    assert days["stay"] == {"p10": 0.0, "p50": 0.0, "p90": 0.0}
    assert whole["migration"]["pytorch"]["likely"] == days["pytorch"]["p50"]
    assert whole["migration"]["pytorch"]["unit"] == "person-days"
    assert whole["clock"]["path"] == "requirements.txt"
    assert whole["clock"]["day"] == "2026-11-29"
    assert [one["path"] for one in whole["answers"]] == ["code.framework", "code.lines"]
    record = whole["options"][0]["record"]
    assert record["sentence"].startswith(f"Tried on {record['of']} finished migrations")


def test_answers_and_fates_of_areas_count(tree: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text(ANSWERS, encoding="utf-8")

    def days(*options: str) -> float:
        whole = json.loads(told(["scan", str(tree), "--format", "json", *options], capsys))
        return float(whole["migration"]["pytorch"]["likely"])

    plain = days()
    assert days("--drop", "model") < plain < days("--rewrite", "model")
    assert days("--answers", str(answers)) < plain
    text = told(["scan", str(tree), "--answers", str(answers)], capsys)
    assert (
        "code.framework: tensorflow2 (40 uses in 1 file, tensorflow==2.11.1 (requirements.txt)); you answered keras3"
        in text
    )
    assert text.index("Not seen:") < text.index("Frameworks:") < text.index("What each way costs")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--drop", "model", "--rewrite", "model"], "--drop, --rewrite: 'model' is in both"),
        (["--answers", "none.yaml"], "none.yaml"),
    ],
)
def test_what_can_not_be_meant_is_one_line_and_status_2(
    options: list[str], said: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan", str(tree), *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_decision_takes_its_days_from_a_scan(tree: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    answers, scan = tmp_path / "answers.yaml", tmp_path / "scan.json"
    answers.write_text(ANSWERS, encoding="utf-8")
    scan.write_text(told(["scan", str(tree), "--format", "json", "--drop", "data_pipeline"], capsys), encoding="utf-8")
    assert main(["decide", str(answers), "--scan", str(scan)]) == 0
    said = capsys.readouterr()
    assert "the code shows code.framework: tensorflow2 (" in said.err
    assert "; you answered keras3\n" in said.err
    (row,) = [one for one in json.loads(said.out)["criteria"] if one["id"] == "migration"]
    assert row["summary"].startswith("By a scan of the code (100 lines")
    assert row["evidence"][0]["kind"] == "scan"
    assert "finished migrations" in row["evidence"][0]["text"]


def test_a_decisions_document_says_what_the_scan_did_not_see_first(
    tree: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answers, scan = tmp_path / "answers.yaml", tmp_path / "scan.json"
    answers.write_text("schema: 2\n", encoding="utf-8")
    scan.write_text(told(["scan", str(tree), "--format", "json"], capsys), encoding="utf-8")
    text = told(["decide", str(answers), "--scan", str(scan), "--format", "markdown"], capsys)
    section = text.split("## Your code, by a scan")[1]
    assert section.index("### Not seen") < section.index("### Frameworks") < section.index("### What the person-days")
    assert "by a scan" not in told(["decide", str(answers), "--format", "markdown"], capsys)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"survival": {"moddel": "drop"}}, "survival: 'moddel' is no area; allowed: model, "),
        ({"survival": {"model": "burn"}}, "survival.model: 'burn' is not allowed; allowed: keep, drop, rewrite"),
        ({"survival": [1]}, "survival: [1] is no table"),
        ({"findings": [{"file": "a"}]}, "findings.0.line: is missing"),
        ({"schema": 7}, "schema: 7 is not allowed; allowed: 1"),
    ],
)
def test_a_scan_that_can_not_be_used_is_one_line_and_status_2(
    edit: dict[str, object], said: str, tree: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answers, scan = tmp_path / "answers.yaml", tmp_path / "scan.json"
    answers.write_text(ANSWERS, encoding="utf-8")
    whole = json.loads(told(["scan", str(tree), "--format", "json"], capsys))
    scan.write_text(json.dumps(whole | edit), encoding="utf-8")
    assert main(["decide", str(answers), "--scan", str(scan)]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.startswith(f"python -m advisor decide: --scan: {scan}: {said}")
    assert found.err.count("\n") == 1


def kept(folder: Path, made: Rehearsal) -> str:
    path = folder / "rehearsal.json"
    path.write_text(to_json(made), encoding="utf-8")
    return str(path)


def test_a_rehearsal_counts_in_a_scan_and_in_what_is_decided_by_it(
    tree: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    made = kept(tmp_path, rehearsal(MODEL * 20, [way("keras_on_pytorch"), way("onnx2torch", "refused")]))
    plain = json.loads(told(["scan", str(tree), "--format", "json"], capsys))
    whole = json.loads(told(["scan", str(tree), "--format", "json", "--rehearsal", made], capsys))
    before, after = ({one["option"]: one["days"]["p50"] for one in each["options"]} for each in (plain, whole))
    assert after["keras-pytorch"] < before["keras-pytorch"]
    assert after["runtime"] < before["runtime"]  # the export went, whatever onnx2torch made of it
    assert after["pytorch"] == before["pytorch"]
    assert "Rehearsed: m.py, Keras code on PyTorch: " in told(["scan", str(tree), "--rehearsal", made], capsys)
    answers, scan = tmp_path / "answers.yaml", tmp_path / "scan.json"
    answers.write_text(ANSWERS, encoding="utf-8")
    scan.write_text(json.dumps(whole), encoding="utf-8")
    decided = told(["decide", str(answers), "--scan", str(scan), "--format", "markdown"], capsys)
    assert "Rehearsed: m.py, Keras code on PyTorch: " in decided


def test_a_rehearsal_of_other_code_is_one_line_and_status_2(
    tree: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ours, other = (rehearsal(content, [way("keras_on_pytorch")]) for content in (MODEL * 20, "other"))
    for made, said in (
        (kept(tmp_path, other), "file.sha256: '"),
        (str(tmp_path / "none.json"), "can't be read"),
        (str(tree / "m.py"), "is not JSON"),
    ):
        assert main(["scan", str(tree), "--rehearsal", made]) == 2
        error = capsys.readouterr().err
        assert error.startswith("python -m advisor scan: --rehearsal: ")
        assert Path(made).name in error
        assert said in error
        assert error.count("\n") == 1
    same = kept(tmp_path, ours)
    assert main(["scan", str(tree), "--rehearsal", same, "--rehearsal", same]) == 2
    assert "is there twice; allowed: a file once" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "rehearsals: dict is not allowed; allowed: a list of rehearsals"),
        ([{"schema": 7}], "rehearsals.0: schema: 7 is not allowed; allowed: 1"),
        ([json.loads(to_json(rehearsal("other", [way("keras_on_pytorch")])))], "rehearsals: file.sha256: '"),
    ],
)
def test_forged_rehearsals_of_a_scan_are_one_line_and_status_2(
    given: object, said: str, tree: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answers, scan = tmp_path / "answers.yaml", tmp_path / "scan.json"
    answers.write_text(ANSWERS, encoding="utf-8")
    whole = json.loads(told(["scan", str(tree), "--format", "json"], capsys))
    scan.write_text(json.dumps({**whole, "rehearsals": given}), encoding="utf-8")
    assert main(["decide", str(answers), "--scan", str(scan)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
