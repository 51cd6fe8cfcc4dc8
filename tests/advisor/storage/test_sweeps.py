"""Sweeps in the store: many runs asked for at once, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.answers import Answers
from advisor.ports import NotFoundError, Store
from advisor.queue.kinds import MEASURE
from advisor.queue.quotas import QuotaError
from advisor.records import Requester, SweepPart, SweepStatus
from probes.schema import RunRequest
from tests.fakes import FakeRunner
from tests.stores import measure, the

OPERATOR = Requester(operator=True)
RECORDING = FakeRunner.replay("quick.json").recording
EQUAL = ("a", "b")


def begun(store: Store, *places: tuple[str, ...]) -> SweepStatus:
    """A sweep of a part for each of ``places``."""
    parts = [SweepPart(RunRequest(model=f"m{number}", machine=one[0]), one) for number, one in enumerate(places)]
    return store.begin_sweep(store.create_decision(Answers()).id, parts, OPERATOR)


def again(store: Store, sweep: SweepStatus) -> SweepStatus:
    return the(store.sweep(sweep.decision_id))


def test_a_sweep_is_one_request_with_one_progress(store: Store) -> None:
    sweep = begun(store, EQUAL, ("c",))
    assert [(part.request.model, part.places, part.status) for part in sweep.parts] == [
        ("m0", EQUAL, "queued"),
        ("m1", ("c",), "queued"),
    ]
    assert (sweep.active, sweep.done, sweep.fraction) == (True, 0, 0.0)
    assert store.waited_for() == {"a", "b", "c"}
    store.tell(the(store.claim("here", "c")).id, "Round 2", 0.5, planned_rounds=4)
    assert again(store, sweep).fraction == 0.25
    store.finish(again(store, sweep).parts[1].job_id, "done", result=RECORDING)
    assert (again(store, sweep).done, again(store, sweep).fraction) == (1, 0.5)
    assert store.latest(MEASURE, sweep.decision_id) is None, "the run of its own that a decision has is another"


def test_a_second_request_finds_the_first_while_that_is_active(store: Store) -> None:
    first = begun(store, EQUAL)
    part = SweepPart(RunRequest(model="other"), ("",))
    assert store.begin_sweep(first.decision_id, [part], OPERATOR) == first
    store.cancel_sweep(first.id)
    assert store.begin_sweep(first.decision_id, [part], OPERATOR).id != first.id


def test_only_who_operates_the_machines_may_ask(store: Store) -> None:
    decision = store.create_decision(Answers())
    with pytest.raises(QuotaError, match="only whoever operates this machine"):
        store.begin_sweep(decision.id, [SweepPart(RunRequest(), ("",))], Requester("ana", "office"))
    assert store.sweep(decision.id) is None
    with pytest.raises(ValueError, match="parts: none"):
        store.begin_sweep(decision.id, [], OPERATOR)
    with pytest.raises(NotFoundError):
        store.cancel_sweep("nobody-knows-this")


def test_equal_machines_share_the_work_and_each_has_one_thing_at_a_time(store: Store) -> None:
    sweep = begun(store, EQUAL, EQUAL, EQUAL)
    first, second = the(store.claim("here", "a")), the(store.claim("there", "b"))
    assert [job.request.machine for job in (first, second)] == ["a", "b"], "only now it is known where"
    assert store.claim("here", "a") is None
    assert store.claim("elsewhere", "b") is None, "whoever sends work there, the machine is the same"
    assert store.claim("here", "") is None, "nothing waits for this one"
    store.finish(first.id, "done", result=RECORDING)
    assert the(store.claim("elsewhere", "a")).request.model == "m2"
    assert [part.machine for part in again(store, sweep).parts] == ["a", "b", "a"]


def test_machines_have_lines_of_their_own(store: Store) -> None:
    measure(store)
    sweep = begun(store, ("a",))
    assert the(store.claim("here", "a")).id == sweep.parts[0].job_id, "it waits for nobody on another machine"
    assert the(store.claim("here")).kind is MEASURE


def test_what_a_lost_machine_had_not_begun_goes_to_an_equal_one(store: Store) -> None:
    sweep = begun(store, EQUAL)
    job = the(store.claim("here", "a"))
    assert store.pass_on(job.id, "a is gone", None)
    assert store.claim("here", "a") is None
    taken = the(store.claim("here", "b"))
    assert (taken.id, taken.request.machine) == (job.id, "b")
    assert not store.pass_on(job.id, "b is gone", None), "nobody is left"
    store.finish(job.id, "interrupted", reason="b is gone")
    store.resume_sweep(sweep.id, OPERATOR)
    assert again(store, sweep).parts[0].places == EQUAL, "whoever is back takes part again"


def test_finished_rounds_stay_where_they_were_measured(store: Store) -> None:
    sweep = begun(store, EQUAL)
    job = the(store.claim("here", "a"))
    store.keep_round(job.id, RECORDING.rounds[0])
    kept = replace(RECORDING, rounds=RECORDING.rounds[:1])
    assert store.pass_on(job.id, "a is gone", kept)
    (part,) = again(store, sweep).parts
    assert (part.status, part.places, part.finished_rounds) == ("queued", ("b",), 0)
    old = the(store.job(job.id))
    assert (old.status, old.reason, old.result) == ("interrupted", "a is gone", kept)
    new = the(store.claim("here", "b"))
    assert new.request.machine == "b"
    store.finish(new.id, "done", result=RECORDING)
    assert [job_id for job_id, _ in store.runs(sweep.decision_id)] == [new.id, job.id], "both say something"
    store.resume_sweep(sweep.id, OPERATOR)
    assert not again(store, sweep).active, "what is finished isn't measured again"


def test_going_on_binds_a_part_to_the_machine_that_has_its_rounds(store: Store) -> None:
    sweep = begun(store, EQUAL, EQUAL)
    job = the(store.claim("here", "b"))
    store.keep_round(job.id, RECORDING.rounds[0])
    store.recover("here")
    assert again(store, sweep).parts[0].places == ("b",)
    assert the(store.claim("here", "a")).request.model == "m1"
    assert the(store.claim("here", "b")).id == job.id
    assert store.rounds(job.id) == RECORDING.rounds[:1]


def test_a_machine_that_never_comes_back_keeps_no_part_from_its_end(store: Store) -> None:
    sweep = begun(store, EQUAL)
    job = the(store.claim("here", "b"))
    store.keep_round(job.id, RECORDING.rounds[0])
    store.finish(job.id, "interrupted", reason="shut down", result=replace(RECORDING, rounds=RECORDING.rounds[:1]))
    store.resume_sweep(sweep.id, OPERATOR)
    assert the(store.claim("here", "b")).id == job.id
    assert store.pass_on(job.id, "b isn't there", None)
    assert the(store.claim("here", "a")).id != job.id, "begun anew"
    assert len(the(the(store.job(job.id)).result).rounds) == 1


def test_cancelling_ends_all_of_it_and_going_on_takes_up_the_rest(store: Store) -> None:
    sweep = begun(store, ("a",), ("a",), ("b",))
    done, running = the(store.claim("here", "a")), the(store.claim("here", "b"))
    store.finish(done.id, "done", result=RECORDING)
    store.cancel_sweep(sweep.id)
    assert [part.status for part in again(store, sweep).parts] == ["done", "cancelled", "running"]
    assert store.cancel_requested(running.id)
    assert not store.pass_on(running.id, "b is gone", None), "nobody wants it any more"
    store.finish(running.id, "cancelled")
    assert not again(store, sweep).active
    store.resume_sweep(sweep.id, OPERATOR)
    assert [part.status for part in again(store, sweep).parts] == ["done", "queued", "queued"]
    assert not store.cancel_requested(the(store.claim("here", "b")).id)


def test_an_executor_takes_back_what_it_left_and_not_what_it_is_at(store: Store) -> None:
    begun(store, ("a",), ("b",))
    left, at_work = the(store.claim("here", "a")), the(store.claim("here", "b"))
    store.recover("here", {at_work.id})
    assert [the(store.job(one.id)).status for one in (left, at_work)] == ["queued", "running"]
