"""A plan as a file: what a page hands out is what a machine measures, and nothing of the machine that asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from probes.records import RecordError, sealed
from probes.records.plan_files import MeasurementPlan, read_plan
from probes.records.sealing import checksum
from probes.schema import Interpreter, Priority, RunRequest

ASKED = RunRequest(probes=("mlp.train_step",), budget="standard", sizes={"mlp": {"hidden1": 64}}, seed=3)
WANTED = Priority({"mlp.train_step": 0.02})


def written(tmp_path: Path, **changes: Any) -> Path:
    file = tmp_path / "plan.json"
    fields = json.loads(sealed(MeasurementPlan.of(ASKED, WANTED))) | changes
    file.write_text(json.dumps(fields | {"sha256": checksum(fields)}), encoding="utf-8")
    return file


def test_a_plan_reads_back(tmp_path: Path) -> None:
    assert read_plan(written(tmp_path)) == MeasurementPlan(ASKED, WANTED)


def test_interpreters_stay_where_they_are() -> None:
    one = Interpreter("pytorch", "nightly", "3.12.1", {"torch": "2.14.0"})
    asked = RunRequest(interpreters={"pytorch": one})
    assert MeasurementPlan.of(asked, WANTED).request == RunRequest()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "run"}, "is no plan; allowed: the file that the page «Probes» hands out"),
        ({"schema": 2}, "schema 2 is newer than this Fulcrum reads (1): update Fulcrum"),
        ({"request": {"probes": ["mlp.telepathy"]}}, "'mlp.telepathy' doesn't exist"),
        ({"request": {"threads": "many"}}, "request.threads: "),
        ({"request": {"threads": 0}}, "threads: 0; allowed"),
        ({"priority": {"gains": {"mlp.train_step": 2.0}}}, "gains.mlp.train_step: 2.0; allowed"),
    ],
)
def test_what_is_no_plan_of_this_fulcrum_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(RecordError) as error:
        read_plan(written(tmp_path, **changes))
    assert says in str(error.value)


def test_an_edited_plan_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text("utf-8").replace('"seed": 3', '"seed": 4'), encoding="utf-8")
    with pytest.raises(RecordError, match="its checksum isn't that of its content"):
        read_plan(file)
