"""Figures and verdicts of what browsers sent: by the engine's statistics, and only of whole measurements."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    found = visits.measured(ALONE, times={"tensorflow": 0.003}, rounds=3)
    cell = next(cell for cell in found.plan.cells if cell.id == ALONE)
    found = accepted(found, message(event="started", cell=ALONE, round=3), 900)
    found = accepted(found, report(found, cell, 3, times={"tensorflow": 0.0045}), 960)
    (row,) = figures(found)
    assert row.outcome is Outcome.CONTAMINATED
    assert row.reason == "It was slower by 50 % at the end than at the beginning: the device cut its speed."


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-4, 0.05), st.floats(1e-4, 0.05))
def test_who_is_called_faster_took_less_time(pytorch: float, tensorflow: float) -> None:
    (found,) = figures(visits.measured(CELL, times={"pytorch": pytorch, "tensorflow": tensorflow}))
    if found.verdict is Verdict.PYTORCH:
        assert pytorch < tensorflow
    elif found.verdict is Verdict.TENSORFLOW:
        assert tensorflow < pytorch
