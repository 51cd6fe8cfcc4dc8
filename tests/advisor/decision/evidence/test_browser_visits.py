"""What browsers measured in the decision: one device, whole, named, and for the target «Browser» alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence.browser_visits import in_browsers
from advisor.knowledge import load
from advisor.records import BrowserVisit
from probes.in_browser.schema import CellEnd, CellRecord, Visit
from probes.schema import Outcome
from tests import visits

CELLS = ("onnxruntime-web.wasm.1", "litertjs.wasm.1", "tfjs.wasm.1")
ANSWERS = Answers.model_validate(
    {"project": {"domain": "tabular"}, "targets": [{"id": "browser", "latency_ms": {"target": 1, "limit": 10}}]}
)


def stored(visit: Visit, name: str = "a") -> BrowserVisit:
    return BrowserVisit(name, "d", visit, 1, visits.NOW, visits.NOW, visits.NOW + timedelta(minutes=15))


@pytest.fixture(scope="module")
def phone() -> BrowserVisit:
    return stored(visits.measured(*CELLS, times={"pytorch": 0.002, "tensorflow": 0.004}, device="Pixel 8"))


def test_rows_that_browsers_run_have_what_was_seen_and_others_dont(phone: BrowserVisit) -> None:
    found = in_browsers(load(), [phone])
    tried = {
        (side, route.tool): route.tried["mlp"]
        for side, rows in found.routes["browser"].items()
        for route in rows
        if route.tried
    }
    assert {tool for _, tool in tried} == {"ONNX Runtime Web", "LiteRT.js", "TensorFlow.js"}
    assert ("pytorch", "TensorFlow.js") not in tried
    seen = tried["pytorch", "ONNX Runtime Web"]
    assert (seen.state, seen.where) == ("works", "in Chrome 142 on Pixel 8 (Android 16)")
    assert seen.latency_s == pytest.approx(0.002)
    assert all(not route.tried for target, sides in found.routes.items() if target != "browser"
               for rows in sides.values() for route in rows)  # fmt: skip


def test_the_recommendation_names_the_device(phone: BrowserVisit) -> None:
    decision = decide(ANSWERS, in_browsers(load(), [phone]), None)
    row = next(row for row in decision.criteria if row.criterion.id.endswith(".browser"))
    assert "a call in Chrome 142 on Pixel 8 (Android 16)" in row.summary
    assert row.status == "measured"


def test_two_devices_are_never_put_side_by_side(phone: BrowserVisit) -> None:
    """The newest counts whole: what it didn't measure isn't taken from another."""
    desk = stored(visits.measured(CELLS[0], times={"pytorch": 0.001, "tensorflow": 0.001}), "b")
    found = in_browsers(load(), [desk, phone])
    tools = {route.tool for rows in found.routes["browser"].values() for route in rows if route.tried}
    assert tools == {"ONNX Runtime Web"}


def test_a_runtime_that_doesnt_work_there_counts_as_that(phone: BrowserVisit) -> None:
    plan = phone.visit.plan
    broken = CellRecord(plan.cells[0], end=CellEnd(Outcome.FAILED, "The browser ended the page while this ran."))
    found = in_browsers(
        load(), [replace(phone, visit=replace(phone.visit, records={**phone.visit.records, CELLS[0]: broken}))]
    )
    route = next(r for r in found.routes["browser"]["pytorch"] if r.tool == "ONNX Runtime Web")
    assert route.tried["mlp"].state == "fails"
    assert "The browser ended the page" in route.tried["mlp"].reasons


def test_a_side_that_fails_counts_as_that_and_the_other_as_what_it_is(phone: BrowserVisit) -> None:
    end = CellEnd(Outcome.FAILED, "No kernel for Erf.")
    record = phone.visit.records[CELLS[0]].without("tensorflow", end)
    found = in_browsers(
        load(), [replace(phone, visit=replace(phone.visit, records={**phone.visit.records, CELLS[0]: record}))]
    )
    by_side = {
        side: next(row for row in rows if row.tool == "ONNX Runtime Web").tried["mlp"]
        for side, rows in found.routes["browser"].items()
    }
    assert (by_side["pytorch"].state, by_side["tensorflow"].state) == ("works", "fails")
    assert "No kernel for Erf." in by_side["tensorflow"].reasons


def test_what_a_browser_lacks_doesnt_excuse_what_failed_in_it(phone: BrowserVisit) -> None:
    gpu = next(cell for cell in phone.visit.plan.cells if cell.id == "onnxruntime-web.webgpu.1")
    records = {
        **phone.visit.records,
        CELLS[0]: CellRecord(phone.visit.plan.cells[0], end=CellEnd(Outcome.FAILED, "It threw.")),
        gpu.id: CellRecord(gpu, end=CellEnd(Outcome.UNSUPPORTED, "This browser has no WebGPU.")),
    }
    chosen = (*phone.visit.chosen, gpu.id)
    found = in_browsers(load(), [replace(phone, visit=replace(phone.visit, chosen=chosen, records=records))])
    route = next(row for row in found.routes["browser"]["pytorch"] if row.tool == "ONNX Runtime Web")
    assert route.tried["mlp"].state == "fails"
    assert "no WebGPU" not in route.tried["mlp"].reasons


def test_what_was_cut_off_doesnt_count() -> None:
    half = stored(visits.measured(*CELLS, times={"pytorch": 0.002, "tensorflow": 0.004}, rounds=2))
    assert in_browsers(load(), [half]) == load()
