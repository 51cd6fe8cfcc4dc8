"""The search for the largest batch, every trial in a child of its own."""

from __future__ import annotations

import pytest

from probes.engine.running.memory_search import LEAST
from probes.engine.running.supervisor import run
from probes.measures import largest_batch
from probes.results import ProbeResult
from probes.schema import Outcome, RunRequest, RunSetup, Verdict
from tests.probes.fake_child import SAMPLE, Around, FakeMachine, Trouble, no_lock


def measured(machine: FakeMachine) -> ProbeResult:
    request = RunRequest(probes=("mlp.largest_batch",), budget="quick")
    [result] = run(RunSetup(request), launcher=machine, lock=no_lock, watch=Around).results
    assert machine.alive == 0
    return result


def test_it_is_what_fits_on_top_of_the_fewest_samples() -> None:
    result = measured(machine := FakeMachine())
    assert result.outcome == Outcome.OK
    for framework, bytes_ in SAMPLE.items():
        room = largest_batch.ROOM / bytes_ + LEAST  # those samples are in the limit
        assert room / 1.1 - 1 <= result.sides[framework].median <= room
    assert result.verdict == Verdict.PYTORCH
    assert result.ratio.estimate == pytest.approx(0.5, rel=0.11)
    numbers = [told["number"] for framework, do, told in machine.asked if (framework, do) == ("pytorch", "attempt")]
    assert numbers.count(LEAST) == 2, "once a round, without a limit"


def test_a_trial_that_fails_for_another_reason_ends_the_search_with_that() -> None:
    trouble = Trouble("tensorflow", "attempt", Outcome.UNSUPPORTED, "not on this system", dead=False, times=9)
    result = measured(FakeMachine([trouble]))
    assert (result.outcome, result.sides["tensorflow"].reason) == (Outcome.UNSUPPORTED, "not on this system")


def test_a_trial_that_never_ends_does_not_count_as_too_large() -> None:
    result = measured(FakeMachine([Trouble("pytorch", "attempt", Outcome.TIMED_OUT, "no answer", times=9)]))
    assert result.outcome == Outcome.TIMED_OUT
