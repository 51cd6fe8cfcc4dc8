"""How ways end, with children that only write arrays; nothing of a framework runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probes.contracts import UnsupportedError
from probes.deploy import environments
from probes.deploy.launch import Role
from probes.engine.running.child import CancelledError, ChildError
from probes.rehearsal import run
from probes.rehearsal.schema import RanFile
from probes.rehearsal.ways import WAYS, find
from probes.schema import Framework, Outcome
from probes.team_files import ModelFile

OUTPUT = np.arange(6, dtype=np.float32).reshape(2, 3)
WEIGHT, GRADIENT = np.array([[1.0, 2.0]]), np.array([[0.5, -0.5]])
RECORD = {
    "value/0": OUTPUT + 1, "output/0": OUTPUT, "weight/w": WEIGHT, "gradient/w": GRADIENT, "steady/w": GRADIENT,
}  # fmt: skip

Answer = Callable[["FakeSide", Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class FakeSide:
    """``answers``: by command, what is written and replied in place of what the model gives where it is."""

    framework: Framework
    place: str
    variables: Mapping[str, str]
    answers: Mapping[str, Answer]
    asked: list[str] = field(default_factory=list)
    closed: bool = False

    def ask(self, do: str, *, timeout: float, **arguments: Any) -> dict[str, Any]:
        assert timeout > 0
        assert not self.closed, "a child that was ended can't be asked"
        self.asked.append(do)
        if do in self.answers:
            return dict(self.answers[do](self, arguments))
        if do == "train":
            return {"template": {"shape": [3], "dtype": "float32"}, "plain": True}
        return wrote(arguments) if "file" in arguments else {}

    def close(self) -> None:
        self.closed = True


def wrote(arguments: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    arrays = {name: changed.get(name.partition("/")[0], array) for name, array in RECORD.items()}
    np.savez(arguments["file"], **{name: array for name, array in arrays.items() if array is not None})
    return {"titles": ["dense"], "versions": {"keras": "3"}}


@dataclass
class Sides:
    answers: dict[str, Answer] = field(default_factory=dict)
    started: list[FakeSide] = field(default_factory=list)

    def __call__(
        self, role: Role, framework: Framework, place: str, variables: dict[str, str], cancelled: Callable[[], bool]
    ) -> FakeSide:
        assert role == "export"
        if cancelled():
            raise CancelledError
        self.started.append(FakeSide(framework, place, variables, self.answers))
        return self.started[-1]


@pytest.fixture(autouse=True)
def everything_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "lacking", lambda _: "")
    monkeypatch.setattr(environments, "variables", lambda _: {})


def rehearsed(folder: Path, sides: Sides, way: str, source: str = "def tensorflow(): ...\ndef pytorch(): ...\n") -> Any:
    file = folder / "ours.py"
    file.write_text(source, encoding="utf-8")
    halves: tuple[Framework, ...] = (
        ("pytorch", "tensorflow") if "pytorch" in source or "keras" in source else ("tensorflow",)
    )
    model = ModelFile("ours.py", "", "Ours", halves, True, {})
    return run.rehearse(file, model, (find(way),), launcher=sides).ways[0]


@pytest.mark.parametrize("way", [way.id for way in WAYS])
def test_what_answers_and_learns_alike_is_the_same(way: str, tmp_path: Path) -> None:
    sides = Sides()
    found = rehearsed(tmp_path, sides, way)
    assert (found.outcome, found.reason, found.deviation) == ("same", "", 0.0)
    assert (found.learning.kept, found.learning.weights, dict(found.versions)) == (1, 1, {"keras": "3"})
    assert all(side.closed for side in sides.started)


def test_each_framework_has_a_process_of_its_own(tmp_path: Path) -> None:
    sides = Sides()
    rehearsed(tmp_path, sides, "keras_on_pytorch")
    where, there = sides.started
    assert ("load" in where.asked, "load" in there.asked) == (True, False)
    assert (where.variables["KERAS_BACKEND"], there.variables["KERAS_BACKEND"]) == ("tensorflow", "torch")


def test_weights_that_became_constants_are_said(tmp_path: Path) -> None:
    sides = Sides({"from_onnx": lambda _, told: wrote(told, weight=None, gradient=None, steady=None)})
    found = rehearsed(tmp_path, sides, "onnx2tf")
    assert found.outcome == "answers only"
    assert found.reason.startswith("it answers alike, but nothing in it can be trained")


def test_another_gradient_is_said(tmp_path: Path) -> None:
    sides = Sides({"on_backend": lambda _, told: wrote(told, gradient=2 * GRADIENT)})
    found = rehearsed(tmp_path, sides, "keras_on_jax")
    assert (found.outcome, found.reason) == (
        "answers only",
        "it answers alike, but learns otherwise: the gradient of w differs",
    )


@pytest.mark.parametrize(("command", "stage"), [("to_onnx", "export"), ("from_onnx", "move")])
def test_other_outputs_are_told_with_where_they_part(command: str, stage: str, tmp_path: Path) -> None:
    sides = Sides({command: lambda _, told: wrote(told, value=OUTPUT * 3, output=OUTPUT * 2)})
    found = rehearsed(tmp_path, sides, "onnx2torch")
    assert (found.outcome, found.parting.stage, found.parting.layer) == ("different", stage, "dense")
    assert found.deviation == pytest.approx(1.0)


@pytest.mark.parametrize(("command", "stage"), [("to_onnx", "export"), ("from_onnx", "move")])
def test_a_call_that_fails_is_told_with_its_place(command: str, stage: str, tmp_path: Path) -> None:
    failure = {"reason": "no Loop", "file": "ours.py", "line": 3, "call": "torch.cond"}
    sides = Sides({command: lambda *_: {"failed": failure}})
    found = rehearsed(tmp_path, sides, "onnx2tf")
    assert (found.outcome, found.reason) == ("refused", "no Loop")
    assert (found.failure.stage, found.failure.line, found.failure.call) == (stage, 3, "torch.cond")


@pytest.mark.parametrize(
    ("outcome", "said"), [(Outcome.UNSUPPORTED, "refused"), (Outcome.TIMED_OUT, "failed"), (Outcome.FAILED, "failed")]
)
@pytest.mark.parametrize("command", ["own", "record", "to_onnx", "from_onnx"])
def test_a_child_that_doesnt_deliver_ends_its_way_alone(
    command: str, outcome: Outcome, said: str, tmp_path: Path
) -> None:
    def fail(side: FakeSide, _: Mapping[str, Any]) -> Mapping[str, Any]:
        raise ChildError(side.framework, outcome, "it died", dead=True)

    sides = Sides({command: fail})
    found = rehearsed(tmp_path, sides, "onnx2torch")
    assert (found.outcome, found.reason) == (said, "it died")
    assert all(side.closed for side in sides.started)


def test_what_isnt_installed_is_said_before_anything_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environments, "lacking", lambda id_: f"{id_} needs an environment")
    sides = Sides()
    found = rehearsed(tmp_path, sides, "onnx2tf")
    assert (found.outcome, found.reason, sides.started) == ("missing", "onnx2tf needs an environment", [])


def test_where_a_process_isnt_allowed_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(_: str) -> dict[str, str]:
        raise UnsupportedError("no java")

    monkeypatch.setattr(environments, "variables", refuse)
    found = rehearsed(tmp_path, Sides(), "onnx2tf")
    assert (found.outcome, found.reason) == ("missing", "no java")


def test_a_file_without_the_half_says_so(tmp_path: Path) -> None:
    found = rehearsed(tmp_path, Sides(), "onnx2tf", "def tensorflow(): ...\n")
    assert (found.outcome, found.reason) == ("no half", "ours.py has no half for PyTorch to begin with")


def test_a_file_written_once_begins_with_keras(tmp_path: Path) -> None:
    source = "def keras(): ...\n"
    assert rehearsed(tmp_path, Sides(), "keras_on_pytorch", source).outcome == "same"
    assert rehearsed(tmp_path, Sides(), "onnx2tf", source).outcome == "no half"


def test_what_of_the_code_ran_is_told_by_side(tmp_path: Path) -> None:
    ran = {"file": "ours.py", "sha256": "a" * 64, "lines": 8, "ran": 7}
    sides = Sides({"record": lambda _, told: wrote(told) | {"ran": [ran]}})
    file = tmp_path / "ours.py"
    file.write_text("def tensorflow(): ...\n", encoding="utf-8")
    model = ModelFile("ours.py", "", "Ours", ("tensorflow",), True, {})
    found = run.rehearse(file, model, (find("keras_on_pytorch"),), launcher=sides)
    assert found.ran == {"tensorflow": (RanFile("ours.py", "a" * 64, 8, 7),)}
