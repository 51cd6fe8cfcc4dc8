"""What a side's own interpreter must be is told before anything is measured, with the setting that named it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from probes.engine.running import interpreters, supervisor
from probes.engine.running.environment import SHADOWS
from probes.engine.running.interpreters import InterpreterError, SidePython, drift
from probes.engine.watching import machine
from probes.json_form import from_json, to_json
from probes.results import RunResult
from probes.schema import Interpreter, Outcome, RunRequest, RunSetup
from probes.system import asking
from tests.probes.fake_child import Around, FakeMachine, no_lock

posix = pytest.mark.skipif(os.name != "posix", reason="the stand-ins are shell scripts")
TORCH = Interpreter("pytorch", "pytorch==2.12.0", "3.12.4", {"torch": "2.12.0+cpu", "numpy": "2.4.6"})
SOUND = {
    "python": "3.12.4", "absent": [], "fault": "",
    "packages": {"Torch": "2.12.0+cpu", "numpy": "2.4.6", "psutil": "7.2.2", "six": "1"},
    "modules": ["torch", "numpy", "psutil", "six"],
}  # fmt: skip


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[..., Path]:
    """Makes a program that answers as an interpreter would; changes of ``SOUND`` by name, or another script."""

    def make(script: str = "", **changes: object) -> Path:
        path = tmp_path / "python"
        said = asking.MARK + json.dumps(SOUND | changes)
        answer = f"cat <<'END'\n{said}\nEND"
        path.write_text(f"#!/bin/sh\n{script or answer}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return make


@posix
def test_what_is_found_is_told_and_the_path_is_not(stand_in: Callable[..., Path]) -> None:
    found = interpreters.look("pytorch", stand_in(), setting="--pytorch-python")
    assert found.told.versions == {"torch": "2.12.0+cpu", "numpy": "2.4.6", "psutil": "7.2.2"}
    assert (found.told.python, found.packages["six"], "six" in found.modules) == ("3.12.4", "1", True)
    assert found.told.name.startswith("own-")
    assert str(found.path) not in to_json(RunRequest(interpreters=interpreters.told({"pytorch": found})))
    assert interpreters.look("pytorch", found.path, setting="", name="pytorch==2.12.0").told.name == "pytorch==2.12.0"


@posix
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"python": "3.10.13"}, "is Python 3.10.13; allowed: 3.11 or newer"),
        ({"absent": ["torch", "psutil"]}, "lacks torch and psutil, which PyTorch's side needs"),
        ({"packages": {}}, "has torch, but no version is recorded there: install it with pip"),
        ({"fault": "SyntaxError: no"}, r"can't run the measured child's code \(SyntaxError: no\)"),
        ({"packages": ["torch"]}, "doesn't run as Python does: it answered"),
        ({"script": "echo hello"}, "doesn't run as Python does: it answered «hello»"),
        ({"script": "echo no >&2; exit 2"}, "doesn't run as Python does: no$"),
    ],
    ids=["old", "lacks", "unknown version", "code", "another answer", "not Python", "fails"],
)  # fmt: skip
def test_an_unfit_interpreter_is_refused_by_setting_and_value(
    stand_in: Callable[..., Path], changes: dict[str, str], said: str
) -> None:
    python = stand_in(**changes)
    with pytest.raises(InterpreterError, match=rf"^FULCRUM_PYTORCH_PYTHON: {python} {said}"):
        interpreters.look("pytorch", python, setting="FULCRUM_PYTORCH_PYTHON")


def test_no_interpreter_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match=r"^--x: \S+ doesn't exist; name an interpreter, or an environment of"):
        interpreters.look("pytorch", tmp_path / "nothing", setting="--x")
    for nowhere in ("~no-such-user/python", "x" * 300):
        with pytest.raises(InterpreterError, match=r"^--x: \S+ doesn't exist; name an interpreter"):
            interpreters.look("pytorch", Path(nowhere), setting="--x")
    with pytest.raises(InterpreterError, match=r"^--x: \S+ is a folder; name the python in it"):
        interpreters.look("pytorch", tmp_path, setting="--x")


@posix
def test_it_is_asked_with_the_variables_that_its_children_get(
    stand_in: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/the/apps")
    monkeypatch.setenv("HF_TOKEN", "secret")
    python = stand_in(script=f"env > {tmp_path}/known")
    with pytest.raises(InterpreterError):
        interpreters.look("pytorch", python, setting="--x")
    known = dict(line.partition("=")[::2] for line in (tmp_path / "known").read_text().splitlines())
    assert (known["PYTHONPATH"], known["PYTHONSAFEPATH"]) == (str(SHADOWS), "1")
    assert known["PATH"].split(os.pathsep)[0] == str(tmp_path)
    assert not {"VIRTUAL_ENV", "HF_TOKEN"} & known.keys()


def test_a_side_without_one_runs_in_the_apps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(interpreters, "ProcessChild", lambda side, env, cancelled, command: started.append(command))
    start = interpreters.launcher({"pytorch": SidePython(TORCH, tmp_path / "python", {}, frozenset())})
    start("pytorch", {}, lambda: False)
    start("tensorflow", {}, lambda: False)
    assert started[0][0] == str(tmp_path / "python")
    assert started[0][-2:] == (interpreters.WORKER, "pytorch")
    assert started[1] == (sys.executable, "-m", interpreters.WORKER, "tensorflow")


def test_results_of_two_versions_have_two_fingerprints() -> None:
    here, other = machine.read(), replace(TORCH, versions={"torch": "2.13.0"})
    seen = machine.seen_by({"pytorch": TORCH})
    assert (seen.versions["torch"], seen.versions["python (PyTorch)"]) == ("2.12.0+cpu", "3.12.4")
    assert seen.versions["tensorflow"] == here.versions["tensorflow"]
    prints = {
        machine.seen_by(interpreters).fingerprint
        for interpreters in ({}, {"pytorch": TORCH}, {"pytorch": other}, {"pytorch": replace(TORCH, name="own-1")})
    }
    assert len(prints) == 4
    assert machine.seen_by({}) is here


def test_a_run_says_what_it_was_measured_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.engine.running.probe_record.why_not", lambda *_: "")
    request = RunRequest(probes=("mlp.inference_b1",), device="cpu", interpreters={"pytorch": TORCH})
    child = FakeMachine()
    monkeypatch.setattr("probes.engine.running.pair.drift", lambda told, said: "")
    result = supervisor.run(RunSetup(request), launcher=child, lock=no_lock, watch=Around)
    assert result.machine == machine.seen_by({"pytorch": TORCH})
    assert from_json(type(result), to_json(result)).request.interpreters == {"pytorch": TORCH}


def test_one_that_changes_during_a_run_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.engine.running.probe_record.why_not", lambda *_: "")
    request = RunRequest(probes=("mlp.inference_b1",), device="cpu", interpreters={"pytorch": TORCH})
    result = supervisor.run(RunSetup(request), launcher=FakeMachine(), lock=no_lock, watch=Around)
    (row,) = result.results
    assert row.outcome is Outcome.FAILED
    assert "PyTorch's interpreter has changed since it was looked at, to torch 0: start anew" in row.reason


def test_a_build_may_say_more_of_itself_than_its_metadata() -> None:
    assert drift(TORCH, {"python": "3.12.4", "version": "2.12.0+cu130"}) == ""
    assert drift(TORCH, {"python": "3.12.5", "version": "2.12.1"}) == "python 3.12.5 and torch 2.12.1"


def test_what_a_measure_needs_besides_must_be_there_too() -> None:
    from probes.catalog import find, why_not

    probe = find("mlp.time_to_accuracy")
    assert why_not(probe, "pytorch", {"pytorch": TORCH}) == (
        "PyTorch's interpreter lacks scikit-learn: install it there with pip"
    )
    able = replace(TORCH, versions={**TORCH.versions, "scikit-learn": "1.9.1"})
    assert why_not(probe, "pytorch", {"pytorch": able}) == ""


def on_cuda(monkeypatch: pytest.MonkeyPatch, **devices: tuple[str, ...]) -> RunResult:
    monkeypatch.setattr("probes.engine.running.probe_record.why_not", lambda *_: "")
    monkeypatch.setattr("probes.engine.running.pair.drift", lambda told, said: "")
    monkeypatch.setattr("probes.engine.running.devices.install_line", lambda side, platform="": f"install {side}")
    monkeypatch.setattr(machine, "gpu_here", lambda *_: True)
    keras = Interpreter("tensorflow", "tensorflow[and-cuda]==2.21.0", "3.11.7", {"tensorflow": "2.21.0"})
    request = RunRequest(
        probes=("mlp.inference_b1",), device="cuda", interpreters={"pytorch": TORCH, "tensorflow": keras}
    )
    return supervisor.run(RunSetup(request), launcher=FakeMachine(devices=dict(devices)), lock=no_lock, watch=Around)


def test_two_interpreters_meet_on_one_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = ("cpu", "cuda")
    result = on_cuda(monkeypatch, pytorch=seen, tensorflow=seen)
    assert (result.results[0].outcome, result.on_gpu) == (Outcome.OK, True)
    assert from_json(RunResult, to_json(result)) == result, "as another Fulcrum reads it"


def test_without_a_gpu_each_side_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = on_cuda(monkeypatch).results
    assert row.outcome is Outcome.UNSUPPORTED
    assert row.reason == (
        "PyTorch: no CUDA device is seen: install pytorch; TensorFlow: no CUDA device is seen: install tensorflow"
    )
