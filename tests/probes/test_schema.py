"""What crosses a process or a disk, and back."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from probes import catalog
from probes.json_form import from_json, to_json
from probes.results import RunResult
from probes.schema import Priority, ProbeId
from tests.places import GOLDEN, MEASUREMENTS

QUICK = GOLDEN / "quick.json"


def test_every_probes_id_is_read_as_it_is_written() -> None:
    for spec in catalog.probes():
        assert ProbeId.parse(spec.id) == ProbeId(spec.model, spec.measure, spec.track)
        assert str(ProbeId.parse(spec.id)) == spec.id
    assert len(catalog.probes()) > 100


@pytest.mark.parametrize("text", ["", "mlp", "mlp.", ".train_step", "mlp.train_step.default", "mlp.train_step.tuned.x"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"allowed: MODEL\.MEASURE or MODEL\.MEASURE\.TRACK, careful, eager"):
        ProbeId.parse(text)


@pytest.mark.parametrize("file", [QUICK, MEASUREMENTS / "run-h200-mlp-2026-11-26.json"], ids=lambda file: file.stem)
def test_a_record_that_holds_all_in_its_request_is_read_apart(file: Path) -> None:
    """As runs were written before ADR 22, and as databases hold them."""
    kept = json.loads(file.read_bytes())
    run = from_json(RunResult, file.read_bytes())
    assert "calibration" not in kept
    assert asdict(run.calibration).items() >= {(n, kept["request"][n]) for n in ("margin", "spread")}
    assert run.calibration.spreads == kept["request"]["spreads"]
    assert run.priority == Priority(kept["request"]["gains"])
    written = json.loads(to_json(run))
    assert "margin" not in written["request"]
    assert written["calibration"]["margin"] == kept["request"]["margin"]
    assert from_json(RunResult, to_json(run)) == run


def test_gains_of_an_old_record_are_its_priority() -> None:
    run = replace(from_json(RunResult, QUICK.read_bytes()), priority=Priority({"mlp.startup": 0.1}))
    old = json.loads(to_json(run))
    old["request"] |= old.pop("calibration") | old.pop("priority")
    assert from_json(RunResult, json.dumps(old)) == run


@pytest.mark.parametrize("text", ["[]", "{}", '{"request": 3}', '{"request": {"margin": "wide"}}'])
def test_what_is_no_run_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        from_json(RunResult, text)
