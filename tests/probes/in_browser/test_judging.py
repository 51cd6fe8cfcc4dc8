"""Figures and verdicts of what browsers sent: by the engine's statistics, and only of whole measurements."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.in_browser import planning
from probes.in_browser.judging import figures
from probes.schema import Outcome, Verdict
from tests import visits
from tests.visits import accepted, message, report

CELL = "onnxruntime-web.wasm.1"
ALONE = "tfjs.wasm.1"


def test_equal_sides_are_equal_and_a_slower_one_is_slower() -> None:
    (equal,) = figures(visits.measured(CELL, times={"pytorch": 0.001, "tensorflow": 0.001}))
    assert (equal.outcome, equal.verdict) == (Outcome.OK, Verdict.EQUAL)
    (slower,) = figures(visits.measured(CELL, times={"pytorch": 0.001, "tensorflow": 0.0011}))
    assert slower.verdict is Verdict.PYTORCH
    assert slower.ratio is not None
    assert slower.ratio.middle == pytest.approx(1.1)  # what went in
    assert slower.ratio.low > 1.05


def test_there_is_no_verdict_before_the_last_round() -> None:
    (found,) = figures(visits.measured(CELL, times={"pytorch": 0.001, "tensorflow": 0.002}, rounds=3))
    assert found.ratio is not None
    assert (found.verdict, found.complete, found.outcome) == (Verdict.UNDECIDED, False, Outcome.CANCELLED)


def test_a_runtime_of_one_framework_has_times_and_no_ratio() -> None:
    (found,) = figures(visits.measured(ALONE, times={"tensorflow": 0.003}))
    assert found.ratio is None
    assert found.latency["tensorflow"].middle == pytest.approx(0.003)
    assert found.deviation == {"tensorflow": 0.0}


def test_a_device_that_cuts_its_speed_has_no_steady_figures() -> None:
    plan = visits.visit().plan
    found = visits.measured(ALONE, times={"tensorflow": 0.003}, rounds=plan.rounds - 2)
    cell = next(cell for cell in found.plan.cells if cell.id == ALONE)
    for number in (plan.rounds - 2, plan.rounds - 1):
        found = accepted(found, message(event="started", cell=ALONE, round=number), 900 + 60 * number)
        found = accepted(found, report(found, cell, number, times={"tensorflow": 0.0045}), 960 + 60 * number)
    (row,) = figures(found)
    assert row.outcome is Outcome.CONTAMINATED
    assert (
        row.reason
        == "It was slower by 50 % at the end than at the beginning: the device cut its speed, or other work took it."
    )


def test_a_side_that_failed_is_told_beside_the_others_figures() -> None:
    found = accepted(visits.visit(), visits.begin(CELL))
    cell = next(cell for cell in found.plan.cells if cell.id == CELL)
    end = message(event="end", cell=CELL, side="tensorflow", outcome="failed", reason="No kernel for Erf.")
    found = accepted(accepted(found, message(event="started", cell=CELL, round=0)), end)
    for number in range(found.plan.rounds):
        found = accepted(found, message(event="started", cell=CELL, round=number), 60.0 * number)
        found = accepted(found, report(found, cell, number, times={"pytorch": 0.002}), 60.0 * number + 60)
    (row,) = figures(found)
    assert (row.outcome, row.complete, row.ratio) == (Outcome.OK, True, None)
    assert row.latency["pytorch"].middle == pytest.approx(0.002)
    assert set(row.latency) == {"pytorch"}
    assert (row.end("pytorch").outcome, row.end("tensorflow").outcome) == (Outcome.OK, Outcome.FAILED)
    assert row.end("tensorflow").reason == "No kernel for Erf."


def test_an_export_that_was_refused_is_its_own_sides_outcome() -> None:
    kit = visits.kit()
    exports = tuple(
        replace(one, outcome=Outcome.FAILED, reason="no op Erf", files=())
        if (one.framework, one.runtime) == ("tensorflow", "onnxruntime-web") else one
        for one in kit.exports
    )  # fmt: skip
    opened = replace(visits.visit(), plan=planning.plan(replace(kit, exports=exports), visits.RUNTIMES, 1))
    (row,) = figures(accepted(opened, visits.begin(CELL)))
    assert row.cell.sides == ("pytorch",)
    assert row.end("tensorflow").outcome is Outcome.FAILED
    assert row.end("tensorflow").reason == "It was not exported: no op Erf"
    assert row.pending


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-4, 0.05), st.floats(1e-4, 0.05))
def test_who_is_called_faster_took_less_time(pytorch: float, tensorflow: float) -> None:
    (found,) = figures(visits.measured(CELL, times={"pytorch": pytorch, "tensorflow": tensorflow}))
    if found.verdict is Verdict.PYTORCH:
        assert pytorch < tensorflow
    elif found.verdict is Verdict.TENSORFLOW:
        assert tensorflow < pytorch
