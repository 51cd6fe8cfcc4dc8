"""Taking over what was measured for another decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from advisor.answers import Answers
from advisor.measured.conditions import KnownResult
from advisor.ports import Services
from advisor.queue import take_over
from advisor.queue.kinds import MEASURE
from advisor.queue.take_over import ReuseError
from probes.results import Round, RunResult
from probes.schema import Priority
from tests import fakes, samples
from tests.stores import the

LATER, EARLIER = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC)


@pytest.fixture
def services() -> Services:
    return fakes.services()


def measured(services: Services, result: RunResult) -> str:
    run = services.store.enqueue(MEASURE, result.request, decision_id=services.store.create_decision(Answers()).id)
    services.store.claim("here")
    services.store.finish(run.id, "done", result=result)
    return run.id


def test_only_what_the_asking_decision_does_not_know_is_offered() -> None:
    theirs = KnownResult("a", "r1", LATER, own=False)
    mine = KnownResult("b", "r2", EARLIER, own=True)
    known = (
        theirs,
        mine,
        KnownResult("b", "r1", LATER, own=False),
        KnownResult("c", "r1", LATER, own=False),
    )
    assert take_over.offered(known, {"a", "b"}) == (theirs,)


def test_one_run_behind_two_probes_is_copied_once(services: Services) -> None:
    run_id = measured(services, samples.run_result())
    decision = services.store.create_decision(Answers())
    take_over.take_over(services, decision.id, [KnownResult(probe, run_id, LATER, own=False) for probe in ("a", "b")])
    assert len(services.store.history(MEASURE, decision.id)) == 1
    taken = the(services.store.latest(MEASURE, decision.id))
    assert taken.taken_over
    assert taken.result == samples.run_result()


def test_what_the_other_decision_could_have_gained_stays_there(services: Services) -> None:
    """It follows from that decision's answers, which are nobody else's business."""
    result = samples.run_result()
    private = replace(
        result, priority=Priority({"mlp.train_step": 0.4}), rounds=(Round(0, ()), Round(1, ())), planned_rounds=2
    )
    run_id = measured(services, private)
    decision = services.store.create_decision(Answers())
    take_over.take_over(services, decision.id, [KnownResult("mlp.train_step", run_id, LATER, own=False)])
    taken = the(services.store.latest(MEASURE, decision.id))
    assert taken.result is not None
    assert taken.result.priority == Priority()


def test_a_run_that_is_gone_or_unreadable_is_refused_and_nothing_is_copied(services: Services) -> None:
    decision = services.store.create_decision(Answers())
    with pytest.raises(ReuseError, match="no longer in the store"):
        take_over.take_over(services, decision.id, [KnownResult("a", "gone", LATER, own=False)])
    good = measured(services, samples.run_result())
    without_rounds = measured(services, replace(samples.run_result(), priority=Priority({"a": 1.0})))
    with pytest.raises(ReuseError, match="can't be read by this version"):
        take_over.take_over(
            services,
            decision.id,
            [
                KnownResult("a", good, EARLIER, own=False),
                KnownResult("b", without_rounds, LATER, own=False),
            ],
        )
    assert services.store.history(MEASURE, decision.id) == ()
