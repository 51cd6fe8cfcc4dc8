"""A team's own model through the ways: each half from its own file, and no outcome without a reason."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probes.deploy import catalog, environments, run, summary
from probes.deploy.schema import RouteRecord, RoutesRequest, RoutesRun
from probes.json_form import from_json, to_json
from probes.schema import Framework, Outcome
from probes.system import folders
from probes.team_files import ModelFile
from tests.probes.deploy.fake_children import SOURCE, FakeChild, Workplace
from tests.probes.fake_child import no_lock

ONNX, EAGER, SAVED = "pytorch_onnxruntime", "pytorch_eager", "tensorflow_savedmodel"
BOTH: tuple[Framework, ...] = ("pytorch", "tensorflow")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path))
    monkeypatch.setattr(catalog, "why_not", lambda *_: "")
    monkeypatch.setattr(environments, "variables", lambda place: {})


def tried(
    workplace: Workplace, *ways: str, sides: tuple[Framework, ...] = BOTH, sha256: str = "ab" * 32
) -> dict[str, RouteRecord]:
    file = ModelFile("ours.py", sha256, "Ours", sides, trains=True)
    request = RoutesRequest(models=(file.id,), ways=ways, passes=2, model_file=file)
    found = run.run(request, launcher=workplace, lock=no_lock, model_path=Path("ours.py"))
    assert all(child.closed for child in workplace.children), "no process is left"
    assert from_json(RoutesRun, to_json(found)) == found
    for reference in found.references:
        assert not reference.classes
    for record in found.records:
        if record.outcome is Outcome.OK:
            shown = summary.figures(record, found)
            assert shown is not None
            assert (shown.deviation, shown.agreement) == (0.0, None), "outputs are no classes' scores"
    return {record.way.id: record for record in found.records}


def test_each_half_has_weights_of_its_own_and_its_players_know_the_file() -> None:
    workplace = Workplace()
    found = tried(workplace, ONNX, EAGER, SAVED)
    assert {record.outcome for record in found.values()} == {Outcome.OK}
    assert len(workplace.commands("train")) == 2
    for arguments in workplace.commands("own"):
        assert (Path(arguments["path"]).is_absolute(), arguments["sha256"]) == (True, "ab" * 32)
    for arguments in workplace.commands("open"):
        assert arguments["own"]["sha256"] == "ab" * 32


def test_a_missing_half_is_said_and_the_other_goes_on() -> None:
    found = tried(Workplace(), ONNX, SAVED, sides=("tensorflow",), sha256="ef" * 32)
    assert found[SAVED].outcome is Outcome.OK
    assert (found[ONNX].outcome, found[ONNX].reason) == (
        Outcome.UNSUPPORTED,
        "Ours has no implementation in PyTorch",
    )


def test_exports_are_taken_again_only_while_everything_behind_the_file_is_the_same() -> None:
    def cached(code: str, sha256: str = "ab" * 32) -> bool:
        record = tried(Workplace(code=code), ONNX, sha256=sha256)[ONNX]
        assert record.exported is not None
        return record.exported.cached

    assert [cached("1"), cached("1"), cached("2"), cached("2", "cd" * 32)] == [False, True, False, False]


@pytest.mark.parametrize("command", ["own", "train", "source"])
def test_a_model_that_cannot_be_built_is_tried_once_a_side(command: str) -> None:
    def spoil(child: FakeChild, _: Any) -> None:
        if child.framework == "pytorch":
            child.fail(Outcome.TIMED_OUT, "no answer within the time limit")

    workplace = Workplace(spoilt={command: spoil})
    found = tried(workplace, ONNX, EAGER, SAVED)
    for way in (ONNX, EAGER):
        assert (found[way].outcome, found[way].reason) == (Outcome.TIMED_OUT, "no answer within the time limit")
    assert found[SAVED].outcome is Outcome.OK
    exporting = [child for child in workplace.children if child.role == "export" and child.framework == "pytorch"]
    assert len(exporting) == 1


@pytest.mark.parametrize("name", ["answers", "alone"])
def test_garbage_in_either_size_of_batch_is_never_clocked(name: str) -> None:
    def spoil(child: FakeChild, _: Any) -> Any:
        right = {"answers": summary.pack(SOURCE), "alone": summary.pack(SOURCE[:1])}
        wrong = {**right, name: summary.pack(summary.unpack(right[name]) + np.float32(0.5))}
        told = {key: asdict(value) for key, value in wrong.items()}
        return told if child.route == ONNX else None

    found = tried(Workplace(spoilt={"answer": spoil}), ONNX, SAVED)
    assert (found[ONNX].outcome, found[SAVED].outcome) == (Outcome.NOT_COMPARABLE, Outcome.OK)
    assert found[ONNX].reason.startswith("Asked one by one") == (name == "alone")
