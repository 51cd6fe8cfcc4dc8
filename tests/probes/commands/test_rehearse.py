"""``python -m probes rehearse``: arguments, exit statuses, and what a person reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from probes import __main__ as program
from probes.commands import rehearse
from probes.engine.running import model_files
from probes.rehearsal import run
from probes.rehearsal.schema import Learning, Parting, Rehearsal, RehearsalFailure, RehearsedWay
from probes.team_files import ModelFile

FILE = ModelFile("ours.py", "0" * 64, "Ours", ("tensorflow",), True, {})
SAME = RehearsedWay(
    "keras_on_jax", "Keras code on JAX", "tensorflow", "same", deviation=1e-7, learning=Learning(4, 4, 2e-6, "kernel")
)
REFUSED = RehearsedWay(
    "keras_on_pytorch", "Keras code on PyTorch", "tensorflow", "refused", "there is no tensorflow.image",
    RehearsalFailure("move", "there is no tensorflow.image", "ours.py", 12, "tensorflow.image"),
    adapted=("import tensorflow",), versions={"keras": "3.15.1"},
)  # fmt: skip
DIFFERENT = RehearsedWay(
    "onnx2torch", "Keras → ONNX → PyTorch module", "tensorflow", "different", "what came out answers otherwise",
    deviation=0.25, parting=Parting("move", "dense", "conv"),
)  # fmt: skip
MISSING = RehearsedWay("onnx2tf", "PyTorch → ONNX → TensorFlow model", "pytorch", "missing", "make it: env create")


@pytest.mark.parametrize(
    ("ways", "status"),
    [((SAME,), 0), ((SAME, MISSING), 0), ((SAME, REFUSED), 1), ((DIFFERENT,), 1), ((MISSING,), 2), ((), 2)],
)
def test_the_exit_status_says_whether_it_goes(ways: tuple[RehearsedWay, ...], status: int) -> None:
    assert rehearse.status(Rehearsal(FILE, ways)) == status


def test_a_person_reads_what_happened_where() -> None:
    told = "\n".join(rehearse.text(Rehearsal(FILE, (SAME, REFUSED, DIFFERENT, MISSING))))
    for line in (
        "Keras code on JAX: answers and learns alike",
        "outputs: largest deviation 1.0e-07 of the largest value",
        "weights that are trained there too: 4 of 4",
        "where it went, ours.py, line 12, calling tensorflow.image",
        "spelled otherwise to get so far: import tensorflow",
        "both part at dense; alike up to conv",
        "PyTorch → ONNX → TensorFlow model: not tried\n  make it: env create",
    ):
        assert line in told


def test_json_tells_all_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked: list[Any] = []

    def found(path: Path, file: ModelFile, ways: Any, **how: Any) -> Rehearsal:
        asked.append((path.name, [way.id for way in ways], how["seed"]))
        return Rehearsal(file, (REFUSED,))

    monkeypatch.setattr(model_files, "describe", lambda *_, **__: FILE)
    monkeypatch.setattr(run, "rehearse", found)
    arguments = ["rehearse", "--model-file", str(tmp_path / "ours.py"), "--way", "keras_on_pytorch", "--seed", "3"]
    assert program.main([*arguments, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert asked == [("ours.py", ["keras_on_pytorch"], 3)]
    assert (told["schema"], told["ways"][0]["outcome"]) == (1, "refused")
    assert told["ways"][0]["failure"]["line"] == 12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model-file", "ours.py", "--way", "fax"], "allowed: keras_on_pytorch, keras_on_jax, onnx2torch, onnx2tf"),
        (["--model-file", "ours.py", "--seed", "x"], "whole number"),
        (["--model-file", "ours.py", "--seed", "-1"], "seed: -1; allowed: a whole number from 0 to "),
        (["--model-file", "ours.py", "--out", "/nowhere/at/all.json"], "not a directory"),
        (["--model-file", "nowhere.py"], "nowhere.py"),
        (["--model-file", "config.json"], "published model"),
    ],
)
def test_bad_arguments_are_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["rehearse", *arguments]) == 2
    assert said in capsys.readouterr().err
