"""Lines for another timer run in what was measured, and in nothing else."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from probes import records
from probes.__main__ import main
from probes.commands import verify
from probes.engine.running.interpreters import SidePython
from probes.json_form import to_json
from probes.schema import Interpreter
from tests.places import ROOT

TOLD = Interpreter("pytorch", "pytorch==2.12.0", "3.12.4", {"torch": "2.12.0"})
SIDE = SidePython(TOLD, Path("/own place/bin/python"), {}, frozenset())
RUN = records.read(ROOT / "tests" / "golden" / "quick.json")
OWN = replace(RUN, request=replace(RUN.request, interpreters={"pytorch": TOLD}))


def test_a_sides_lines_run_in_its_interpreter_with_the_projects_code_from_here() -> None:
    lines = verify.lines(OWN, "mlp.train_step", "", {"pytorch": SIDE})
    pytorch, tensorflow = (
        next(line for line in lines if "-m timeit" in line and side in line) for side in ("pytorch", "tensorflow")
    )
    words = shlex.split(pytorch)
    assert words[0] == str(SIDE.path)
    assert f"root = {str(ROOT)!r}" in words[4]
    assert compile(words[4], "setup", "exec")
    assert tensorflow.startswith("python -m timeit")


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    (tmp_path / "run.json").write_text(to_json(OWN), encoding="utf-8")
    return str(tmp_path / "run.json")


def test_the_interpreter_has_to_be_named(recorded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", recorded]) == 2
    said = capsys.readouterr().err
    assert (
        "--pytorch-python: the run measured PyTorch in an interpreter of its own (pytorch==2.12.0: Python 3.12.4"
        in said
    )


def test_it_has_to_be_the_same_one(
    recorded: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(SIDE, told=replace(TOLD, versions={"torch": "2.13.0"}))
    monkeypatch.setattr(verify.interpreters, "chosen", lambda *_: {"pytorch": other})
    assert main(["verify", recorded]) == 2
    assert "name that one" in capsys.readouterr().err
    assert main(["verify", str(ROOT / "tests" / "golden" / "quick.json")]) == 2
    assert "--pytorch-python: the run measured PyTorch in the app's own interpreter" in capsys.readouterr().err


def test_versions_of_one_framework_have_no_lines_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = replace(RUN, request=replace(RUN.request, interpreters={"pytorch": TOLD, "tensorflow": TOLD}))
    (tmp_path / "run.json").write_text(to_json(both), encoding="utf-8")
    assert main(["verify", str(tmp_path / "run.json")]) == 2
    assert "it compares versions of one framework, for which there are no such lines yet" in capsys.readouterr().err
