"""The engine beside other people's timers."""

from __future__ import annotations

import importlib.util

import pytest

from probes.check import agree
from probes.check.sides import both, started
from tests.probes.fake_child import FakeMachine


def states(machine: FakeMachine, framework: str = "pytorch") -> dict[str, str]:
    with started(both(framework), 0, launcher=machine) as pair:  # type: ignore[arg-type]
        return {finding.id: finding.state for finding in agree.others(pair, framework)}  # type: ignore[arg-type]


@pytest.fixture
def with_pyperf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())


@pytest.mark.usefixtures("with_pyperf")
def test_timers_that_see_the_same_agree() -> None:
    assert states(FakeMachine()) == {"timer.pytorch": "passed", "pyperf.pytorch": "passed"}
    assert states(FakeMachine(), "tensorflow") == {"pyperf.tensorflow": "passed"}


@pytest.mark.usefixtures("with_pyperf")
def test_a_clock_that_is_off_is_found() -> None:
    off = FakeMachine(other_timers={"timer": 1.1, "pyperf": 0.9})
    assert states(off) == {"timer.pytorch": "failed", "pyperf.pytorch": "failed"}


def test_without_pyperf_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with started(both("tensorflow"), 0, launcher=FakeMachine()) as pair:
        (finding,) = agree.others(pair, "tensorflow")
    assert finding.state == "not measured"
    assert "pip install pyperf" in finding.said


@pytest.mark.usefixtures("with_pyperf")
def test_the_workloads_are_as_many_as_the_claim_needs() -> None:
    machine = FakeMachine()
    states(machine)
    built = {(a["probe"], a["sizes"]["hidden1"]) for _, do, a in machine.asked if do == "prepare"}
    assert len(built) >= 8
