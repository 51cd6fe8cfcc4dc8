"""What is known of a model file before it is measured, and what of it where a child can't tell."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from probes.compare import report as reporting
from probes.compare.report import reported
from probes.compare.schema import ComparedStep, Comparison, ModelReport, OutlinedArray
from probes.contracts import UnsupportedError
from probes.engine.running.child import Child, ChildError
from probes.json_form import from_json, to_json
from probes.schema import FRAMEWORKS, Framework, Outcome
from probes.team_files import ModelFile

BOTH = "def inputs(rng, batch): ...\ndef pytorch(): ...\ndef tensorflow(): ...\n"
DESCRIBED = {
    "inputs": {"ids": {"shape": [2, 8], "dtype": "int64"}, "table": {"shape": [7, 7], "dtype": "float32"}},
    "outputs": [2, 4],
}
LOOKED = {
    "steps": [{"name": "fc", "kind": "dense", "title": "fc", "inputs": (16, 8), "outputs": (16, 4), "settings": {}}],
    "weights": {"fc.kernel": [8, 4]},
}


@dataclass
class Teller:
    """Answers what a child would; ``breaks`` is the question that it dies of."""

    framework: Framework
    breaks: str = ""
    asked: list[str] = field(default_factory=list)

    def ask(self, do: str, *, timeout: float, **_: object) -> Mapping[str, Any]:
        self.asked.append(do)
        if do == self.breaks:
            raise ChildError(self.framework, Outcome.OUT_OF_MEMORY, "it took all memory", dead=True)
        return {"describe": {"model": DESCRIBED}, "look": LOOKED}.get(do, {})


@pytest.fixture(autouse=True)
def comparison(monkeypatch: pytest.MonkeyPatch) -> list[Comparison]:
    """What both halves compared say, to be changed by a test."""
    said = [Comparison("own", "same", "")]
    monkeypatch.setattr(reporting.run, "compared", lambda *_: said[-1])
    return said


def told(
    tmp_path: Path, *tellers: Teller, source: str = BOTH, sides: tuple[Framework, ...] = FRAMEWORKS
) -> ModelReport:
    path = tmp_path / "ours.py"
    path.write_text(source, encoding="utf-8")
    file = ModelFile(path.name, hashlib.sha256(source.encode()).hexdigest(), "Ours", sides, trains=True)
    children: dict[Framework, Child] = {teller.framework: teller for teller in tellers}  # type: ignore[misc]
    found = reported(children, tmp_path, path, file)
    assert from_json(ModelReport, to_json(found)) == found, "it is kept as JSON"
    return found


def test_of_both_halves_it_tells_layers_inputs_and_how_weights_go_across(tmp_path: Path) -> None:
    found = told(tmp_path, Teller("pytorch"), Teller("tensorflow"))
    assert (found.level, found.carrying, found.verdict, found.reason) == ("same", "order", "same", "")
    assert found.inputs == (
        OutlinedArray("ids", (8,), "int64"),
        OutlinedArray("table", (7, 7), "float32", by_sample=False),
    )
    assert found.outputs == (OutlinedArray("", (4,), "float32"),)
    assert {side: outline.flops for side, outline in found.outlines.items()} == dict.fromkeys(FRAMEWORKS, 64)


@pytest.mark.parametrize(
    ("source", "carrying"),
    [
        (BOTH + "def transfer(state): ...\n", "transfer"),
        (BOTH + "from neighbour import transfer\n", "transfer"),
        ("def inputs(rng, batch): ...\ndef keras(): ...\n", "once"),
    ],
)
def test_how_weights_go_across_is_read_from_the_source(tmp_path: Path, source: str, carrying: str) -> None:
    found = told(tmp_path, Teller("pytorch"), Teller("tensorflow"), source=source)
    assert found.carrying == carrying
    assert (found.level == "once") is (carrying == "once")


def test_of_one_half_nothing_is_compared(tmp_path: Path) -> None:
    found = told(tmp_path, Teller("pytorch"), sides=("pytorch",))
    assert (found.level, found.carrying, found.verdict) == ("one half", None, None)
    assert found.outlines.keys() == {"pytorch"}


def test_where_both_part_is_told_as_json_can_hold_it(tmp_path: Path, comparison: list[Comparison]) -> None:
    first = ComparedStep("dense", "fc", "dense", ((16, 4), (16, 4)), float("inf"), float("nan"), "not finite")
    comparison.append(Comparison("own", "different", "both sides differ in outputs", first=first, suspects=("gelu",)))
    found = told(tmp_path, Teller("pytorch"), Teller("tensorflow"))
    assert (found.level, found.reason, found.suspects) == ("unshown", "both sides differ in outputs", ("gelu",))
    assert found.first is not None
    assert (found.first.deviation, found.first.note) == (None, "not finite")


@pytest.mark.parametrize("breaks", ["describe", "own", "look"])
def test_a_child_that_cant_tell_is_the_reason_and_the_other_half_is_told(tmp_path: Path, breaks: str) -> None:
    found = told(tmp_path, Teller("pytorch"), Teller("tensorflow", breaks))
    assert (found.level, found.verdict) == ("unshown", "unknown")
    assert found.reason == "TensorFlow: it took all memory"
    assert found.outlines.keys() == {"pytorch"}
    alone = told(tmp_path, Teller("pytorch", breaks), sides=("pytorch",))
    assert (alone.level, alone.reason) == ("one half", "PyTorch: it took all memory")


def test_a_framework_that_isnt_here_is_said(tmp_path: Path) -> None:
    found = told(tmp_path, Teller("pytorch"))
    assert (found.level, found.reason) == ("unshown", "TensorFlow can't be started here")


def test_a_file_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ours.py").write_text(BOTH + "#", encoding="utf-8")
    file = ModelFile("ours.py", "a" * 64, "Ours", FRAMEWORKS, trains=True)
    with pytest.raises(UnsupportedError, match="has changed since it was looked at"):
        reported({}, tmp_path, tmp_path / "ours.py", file)
