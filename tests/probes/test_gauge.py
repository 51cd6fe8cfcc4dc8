"""Quiet, busy or contended: from counters, without a machine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.engine.gauge import FRESH_SECONDS, Gauge, Sample, judge, read_sample

START = Sample(total=100.0, busy=10.0, steal=0.0, measured=0.0, pressure=0.0)


def after(**changes: float | None) -> Sample:
    """Ten CPU seconds later."""
    return replace(START, **{"total": 110.0, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, "quiet", ""),
        ({"busy": 12.0}, "quiet", ""),
        ({"busy": 14.0}, "busy", "other programs use 40% of the CPU"),
        ({"busy": 17.0}, "contended", "other programs use 70% of the CPU"),
        ({"busy": 19.0, "measured": 8.5}, "quiet", ""),
        ({"pressure": 0.4}, "contended", "some task waited for a CPU 40% of the time"),
        ({"steal": 0.5}, "contended", "the hypervisor gave 5.0% of the CPU time to other machines"),
    ],
)
def test_levels(changes: dict[str, float], level: str, said: str) -> None:
    load = judge(START, after(**changes))
    assert load.level == level
    assert said in "; ".join(load.reasons)
    assert bool(load.advice) == (level != "quiet")


def test_a_system_without_pressure_says_that_it_tells_less() -> None:
    load = judge(replace(START, pressure=None), after(pressure=None))
    assert load.level == "quiet"
    assert "doesn't tell who waits" in load.reasons[0]


def test_a_stolen_machine_is_told_to_go_elsewhere() -> None:
    assert any("another machine" in line for line in judge(START, after(steal=0.5)).advice)


@given(st.floats(0, 10), st.floats(0, 10))
@settings(max_examples=50, deadline=None)
def test_what_is_measured_is_no_neighbour(busy: float, measured: float) -> None:
    """More of our own work never makes the machine look busier."""
    order = ("quiet", "busy", "contended")
    without = judge(START, after(busy=10 + busy))
    with_own = judge(START, after(busy=10 + busy, measured=measured))
    assert order.index(with_own.level) <= order.index(without.level)


def test_looks_close_together_say_the_same() -> None:
    now, samples = [0.0], iter([START, after(busy=17.0)])
    gauge = Gauge(lambda: next(samples), lambda: now[0])
    assert gauge.read().level == "quiet"
    now[0] = FRESH_SECONDS / 2
    assert gauge.read().level == "quiet", "no new sample yet"
    now[0] = FRESH_SECONDS
    assert gauge.read().level == "contended"


def test_this_machine_can_be_read() -> None:
    first, second = read_sample(), read_sample()
    assert second.total >= first.total > 0
    assert 0 <= first.busy <= first.total
    assert first.pressure is None or 0 <= first.pressure <= 1
