"""What the store knows of earlier measurements, and how it takes one over into another decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.answers import Answers
from advisor.measured.conditions import Conditions, KnownResult, met
from advisor.ports import Store
from advisor.queue.kinds import MEASURE
from advisor.records import JobStatus
from advisor.storage import SqlStore
from probes.results import RunResult
from probes.schema import Outcome, RunRequest
from tests import databases, samples
from tests.fakes import FakeRunner, FixedClock
from tests.stores import measure

HERE = "this-machine"
MONDAY, TUESDAY = datetime(2026, 11, 16, 8, 0, tzinfo=UTC), datetime(2026, 11, 17, 8, 0, tzinfo=UTC)
STEP, LATENCY = samples.run_result().results[:2]


@dataclass
class Lab:
    """A store, its clock, and runs in it."""

    store: Store
    clock: FixedClock

    def decision(self) -> str:
        return self.store.create_decision(Answers()).id

    def measured(self, result: RunResult, *, for_: str = "", status: JobStatus = "done") -> tuple[str, str]:
        """(decision, run) of a run that ended so."""
        decision_id = for_ or self.decision()
        run = measure(self.store, result.request, for_=decision_id)
        self.store.claim(HERE)
        self.store.finish(run.id, status, result=result)
        return decision_id, run.id


@pytest.fixture(params=databases.SQL)
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    clock = FixedClock()
    with databases.opened(request.param, tmp_path) as connect:
        yield Lab(SqlStore(connect(), clock), clock)


def run(*results: object, at: datetime = MONDAY, **request: object) -> RunResult:
    dated = tuple(replace(row, measured_at=at.isoformat()) for row in results)
    return replace(samples.run_result(), results=dated, request=RunRequest(**request), started_at=at.isoformat())


def test_the_newest_measurement_of_each_probe_is_known_own_and_others_apart(lab: Lab) -> None:
    _, old = lab.measured(run(STEP, LATENCY))
    _, new = lab.measured(run(STEP, at=TUESDAY))
    mine, own = lab.measured(run(STEP))
    assert lab.store.known(met(run(STEP)), decision_id=mine) == (
        KnownResult(LATENCY.probe, old, MONDAY, own=False),
        KnownResult(STEP.probe, new, TUESDAY, own=False),
        KnownResult(STEP.probe, own, MONDAY, own=True),
    )


def test_only_the_same_conditions_are_known(lab: Lab) -> None:
    sizes = {"mlp": {"width": 64, "classes": 10}}
    result = run(STEP, threads=2, sizes=sizes)
    lab.measured(result)
    same = Conditions(result.machine.fingerprint, False, 2, {"mlp": {"classes": 10, "width": 64}})
    assert lab.store.known(same, decision_id="")
    for change in ({"fingerprint": "f" * 16}, {"on_gpu": True}, {"threads": 1}, {"sizes": {}}):
        assert not lab.store.known(replace(same, **change), decision_id="")


def test_whatever_auto_comes_to_is_what_it_came_to_before(lab: Lab) -> None:
    auto = replace(met(run(STEP)), on_gpu=None)
    lab.measured(run(STEP, device="cpu"))
    assert not lab.store.known(auto, decision_id=""), "nobody knows whether auto is the CPU there"
    lab.measured(run(STEP, device="auto"))
    assert lab.store.known(auto, decision_id="")


@pytest.mark.parametrize("change", [{"outcome": Outcome.FAILED}, {"ratio": None}, {"provisional": True}])
def test_what_was_not_measured_to_its_end_is_not_known(lab: Lab, change: dict[str, object]) -> None:
    lab.measured(run(replace(STEP, **change)))
    assert lab.store.known(met(run(STEP)), decision_id="") == ()


def test_a_cancelled_run_counts_for_its_own_decision_only(lab: Lab) -> None:
    mine, _ = lab.measured(run(STEP), status="cancelled")
    assert lab.store.known(met(run(STEP)), decision_id=mine)
    assert not lab.store.known(met(run(STEP)), decision_id=lab.decision())


def test_a_run_that_went_on_is_known_by_its_last_result(lab: Lab) -> None:
    mine, run_id = lab.measured(run(STEP), status="interrupted")
    lab.store.resume(run_id)
    lab.store.claim(HERE)
    lab.store.finish(run_id, "done", result=run(LATENCY, at=TUESDAY))
    found = lab.store.known(met(run(STEP)), decision_id=mine)
    assert found == (KnownResult(LATENCY.probe, run_id, TUESDAY, own=True),)


def test_a_run_without_dates_is_as_old_as_its_end(lab: Lab) -> None:
    mine, _ = lab.measured(replace(run(STEP), results=(STEP,), started_at=""))
    assert lab.store.known(met(run(STEP)), decision_id=mine)[0].measured_at == lab.clock.now()


def test_a_run_taken_over_is_the_decisions_own_with_its_rounds_and_dates(lab: Lab) -> None:
    recording = FakeRunner.replay("quick.json").recording
    _, origin = lab.measured(recording)
    lab.clock.time += timedelta(days=3)
    mine = lab.decision()
    copy = lab.store.adopt(mine, recording)
    assert (copy.subject, copy.status, copy.taken_over, copy.created_at) == (mine, "done", True, lab.clock.now())
    assert copy.result == recording, "dates and all"
    assert lab.store.job(copy.id) == lab.store.latest(MEASURE, mine) == copy
    assert lab.store.rounds(copy.id) == recording.rounds
    assert lab.store.history(MEASURE, mine) == ((copy.id, copy.version),)
    assert copy.id != origin
    assert all(item.own == (item.run_id == copy.id) for item in lab.store.known(met(recording), decision_id=mine))


def test_the_same_run_is_taken_over_once(lab: Lab) -> None:
    mine = lab.decision()
    first = lab.store.adopt(mine, run(STEP))
    assert lab.store.adopt(mine, run(STEP)) == first
    assert lab.store.adopt(mine, run(STEP, at=TUESDAY)) != first
    assert lab.store.adopt(lab.decision(), run(STEP)) != first


def test_nothing_is_taken_over_while_the_decision_has_a_run_under_way(lab: Lab) -> None:
    mine = lab.decision()
    active = measure(lab.store, for_=mine)
    assert lab.store.adopt(mine, run(STEP)) == active
    with pytest.raises(LookupError):
        lab.store.adopt("nobody-knows-this", run(STEP))
