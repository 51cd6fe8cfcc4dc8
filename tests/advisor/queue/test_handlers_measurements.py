"""What becomes of a measurement: it ends, is cut off, taken away or cancelled, and keeps its rounds."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import pytest

from advisor.answers import Answers
from advisor.ports import MachineLostError
from advisor.queue import handlers
from advisor.queue.kinds import (
    MEASURE,
)
from advisor.records import SweepPart
from probes.results import Progress, Round, RunResult
from probes.schema import RunRequest, RunSetup
from tests import fakes, samples
from tests.advisor.queue.claiming import OPERATOR, PATIENCE, do, measured
from tests.advisor.queue.executor_process import cut_off
from tests.fakes import FakeRunner
from tests.stores import measure, the


@dataclass
class CutOffRunner(FakeRunner):
    """Stops where it is told to, as the engine does."""

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        result = super().run(setup, **doors)
        return cut_off(result) if doors["cancelled"]() else result


def test_a_run_ends_done_with_its_rounds_and_its_result() -> None:
    runner = FakeRunner.replay("quick.json")
    services = fakes.services(runner=runner)
    ended = do(services, MEASURE, RunRequest())
    assert (ended.status, ended.fraction, ended.result) == ("done", 1.0, runner.recording)
    assert services.store.rounds(ended.id) == runner.recording.rounds


def test_a_run_whose_machine_is_gone_is_interrupted_and_keeps_what_it_finished() -> None:
    recording = samples.run_result()
    rounds = tuple(replace(Round(0, ()), index=number) for number in range(2))
    services = fakes.services(runner=LostRunner(replace(recording, rounds=rounds)))
    run = do(services, MEASURE, RunRequest(machine="desk"))
    assert (run.status, run.reason) == ("interrupted", "desk is gone. Finished rounds are kept")
    assert the(run.result).rounds == rounds[:1]
    assert services.store.rounds(run.id) == rounds[:1]
    assert services.store.resume(run.id).status == "queued"


def test_a_part_of_a_sweep_whose_machine_is_gone_is_begun_anew_on_an_equal_one() -> None:
    recording = samples.run_result()
    rounds = tuple(replace(Round(0, ()), index=number) for number in range(2))
    services = fakes.services(runner=LostRunner(replace(recording, rounds=rounds)))
    decision = services.store.create_decision(Answers())
    part = SweepPart(RunRequest(machine="desk"), ("desk", "twin"))
    first = services.store.begin_sweep(decision.id, [part], OPERATOR).parts[0].job_id
    handlers.run_job(services, the(services.store.claim("here", "desk")), lambda: False)
    lost = the(services.store.job(first))
    assert (lost.status, lost.reason) == ("interrupted", "desk is gone. Finished rounds are kept")
    (again,) = the(services.store.sweep(decision.id)).parts
    assert (again.status, again.places) == ("queued", ("twin",))
    handlers.run_job(services, the(services.store.claim("here", "twin")), lambda: False)
    (again,) = the(services.store.sweep(decision.id)).parts
    assert again.status == "interrupted", "nobody else is equal"


@dataclass
class LostRunner(FakeRunner):
    """Its machine goes after the first round."""

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        doors["on_round"](self.recording.rounds[0])
        raise MachineLostError(
            "desk is gone. Finished rounds are kept", replace(self.recording, rounds=self.recording.rounds[:1])
        )


def test_a_run_that_was_cut_off_is_cancelled_by_a_person_and_interrupted_with_the_server() -> None:
    by_hand = measured(CutOffRunner.replay("quick.json"), cancel=True)
    assert by_hand.status == "cancelled"
    assert "kept" in by_hand.reason
    shut_down = measured(CutOffRunner.replay("quick.json"), stopping=lambda: True)
    assert shut_down.status == "interrupted"
    assert "shut down" in shut_down.reason


@dataclass
class LastWordsRunner(FakeRunner):
    """Says two things at once and then works in silence."""

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        doors["on_progress"](Progress("building", None, 1, 2, 0.0))
        doors["on_progress"](Progress("training", None, 1, 2, 0.1))
        end = time.monotonic() + PATIENCE
        while not doors["cancelled"]() and time.monotonic() < end:
            time.sleep(0.02)
        return cut_off(self.recording)


def test_what_was_said_last_is_shown_even_if_it_came_too_soon() -> None:
    services = fakes.services(runner=LastWordsRunner())
    seen: list[str] = []

    def stopping() -> bool:
        seen.append(the(services.store.latest(MEASURE)).message)
        return seen[-1] == "training"

    do(services, MEASURE, RunRequest(), stopping=stopping)
    assert (seen[0], seen[-1]) == ("building", "training")


@dataclass
class LosingRunner(FakeRunner):
    """Somebody takes the run away after the first round; then it works until it is told to stop."""

    lose: Any = None
    told_to_stop: bool = False

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        doors["on_round"](self.recording.rounds[0])
        self.lose()
        doors["on_progress"](Progress("late", None, 1, 2, 0.9, self.recording.results))
        doors["on_round"](self.recording.rounds[1])
        self.told_to_stop = doors["cancelled"]()
        return cut_off(self.recording)


@pytest.mark.parametrize("how", ["taken over", "deleted"])
def test_a_run_that_was_taken_away_is_dropped_without_a_word(how: str, caplog: pytest.LogCaptureFixture) -> None:
    runner = LosingRunner.replay("quick.json")
    services = fakes.services(runner=runner)
    other = fakes.OpenStore(services.store.engine, services.clock)  # type: ignore[attr-defined]
    run = measure(services.store)

    def lose() -> None:
        if how == "deleted":
            other.delete_decision(run.subject)
        else:
            other.recover("here")
            other.claim("there")

    runner.lose = lose
    handlers.run_job(services, the(services.store.claim("here")), lambda: False)
    assert runner.told_to_stop
    assert "dropped" in caplog.text
    after = services.store.job(run.id)
    if how == "deleted":
        assert after is None
    else:
        assert (the(after).status, the(after).message, the(after).finished_rounds) == ("running", "Starting", 1)
