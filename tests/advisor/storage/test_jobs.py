"""Jobs in the store as pages see them: the same rules whatever the kind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from advisor.answers import Answers
from advisor.ports import NotFoundError, Store
from advisor.queue.kinds import (
    CHECK,
    DATA,
    DESCRIBE,
    ENVIRONMENT,
    KINDS,
    MEASURE,
    REHEARSE,
    ROUTES,
    SCAN,
    CheckRequest,
    DataRequest,
    DescribeRequest,
    EnvironmentRequest,
    RehearseRequest,
    ScanRequest,
)
from advisor.records import JobKind, Requester
from advisor.storage import SqlStore
from advisor.storage.tables import JobRow, RoundRow
from probes.deploy.schema import RoutesRequest
from probes.schema import RunRequest
from tests import samples, team_code, ways
from tests.advisor.storage.conftest import Ticking
from tests.fakes import FakeRunner, FixedClock
from tests.stores import measure, the

#: Requests of kinds that have to be told what they are about.
ABOUT = {
    ENVIRONMENT.name: EnvironmentRequest("executorch"),
    DESCRIBE.name: DescribeRequest("ranker.py", "0" * 64),
    REHEARSE.name: RehearseRequest("ranker.py", "0" * 64),
    DATA.name: DataRequest("rows.npz", "labels"),
    SCAN.name: ScanRequest("archive", "0" * 32, "shop.zip"),
}

ANA, OPERATOR = Requester("ana", "office"), Requester(operator=True)
RECORDING = FakeRunner.replay("quick.json").recording


def test_a_job_comes_back_as_it_was_asked_for(store: Store) -> None:
    asked = RoutesRequest(models=("cnn", "mlp"), ways=("pytorch_eager",))
    made = store.enqueue(ROUTES, asked, ANA)
    assert (made.kind, made.request, made.subject, made.owner) == (ROUTES, asked, "cnn mlp", "ana")
    assert (made.status, made.version, made.attempts, made.message) == ("queued", 1, 0, "Waiting for the executor")
    assert store.job(made.id) == store.latest(ROUTES) == store.latest(ROUTES, "cnn mlp") == made
    assert store.version(ROUTES) == (made.id, 1)
    assert store.latest(ROUTES, "mlp") is store.latest(CHECK) is store.version(CHECK) is store.done(ROUTES) is None
    assert store.job("nobody-knows-this") is None


def test_one_check_at_a_time_in_whatever_form(store: Store) -> None:
    first = store.enqueue(CHECK, CheckRequest())
    assert store.enqueue(CHECK, CheckRequest("standard")) == first
    store.claim("a")
    assert store.enqueue(CHECK, CheckRequest()).id == first.id, "it is still active"


def test_a_decision_has_at_most_one_active_run(store: Store) -> None:
    first = measure(store, RunRequest(seed=1))
    assert measure(store, RunRequest(seed=2), for_=first.subject) == first
    assert measure(store, by=ANA).id != first.id, "another decision has its own"
    store.request_cancel(first.id)
    assert measure(store, RunRequest(seed=2), for_=first.subject).id != first.id
    with pytest.raises(NotFoundError):
        measure(store, for_="nobody-knows-this")


def test_environments_wait_side_by_side_and_once_each(store: Store) -> None:
    one, other = (store.enqueue(ENVIRONMENT, EnvironmentRequest(name), OPERATOR) for name in ("executorch", "jax"))
    assert one.id != other.id
    assert store.enqueue(ENVIRONMENT, EnvironmentRequest("executorch")).id == one.id
    assert the(store.latest(ENVIRONMENT, "executorch")) == one
    assert store.version(ENVIRONMENT, "jax") == (other.id, 1)
    assert store.latest(ENVIRONMENT, "tfjs") is None


def test_many_who_ask_at_once_get_one_job(connect: Callable[[], Engine]) -> None:
    """Each looks first and writes then: whoever comes in between must wait."""
    stores = [SqlStore(connect(), FixedClock()) for _ in range(4)]
    made = stores[0].create_decision(Answers())

    def work(store: SqlStore) -> tuple[str, str]:
        store.beat("here", 42)
        return measure(store, for_=made.id).id, store.enqueue(CHECK, CheckRequest(), OPERATOR).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, stores))) == 1


# ------------------------------------------------------------------------------------ what came out


def ended(store: Store, kind: JobKind[Any, Any], request: object, result: object, status: Any = "done") -> str:
    job = store.enqueue(kind, request)
    store.claim("a")
    store.finish(job.id, status, result=result)
    return job.id


def test_what_was_found_stays_until_there_is_something_else(store: Store) -> None:
    done = ended(store, CHECK, CheckRequest(), samples.check())
    found = the(store.done(CHECK))
    assert (found.id, found.result, found.status, found.fraction) == (done, samples.check(), "done", 1.0)
    assert store.done(CHECK, "quick") == found
    assert store.done(CHECK, "standard") is None
    store.enqueue(CHECK, CheckRequest())
    assert store.done(CHECK) == found


def test_what_was_cut_off_counts_where_nothing_came_to_its_end(store: Store) -> None:
    cut_off = ways.cut_off(ways.run())
    first = ended(store, ROUTES, RoutesRequest(), cut_off, "cancelled")
    assert the(store.done(ROUTES)).id == first
    whole = ended(store, ROUTES, RoutesRequest(), ways.run())
    ended(store, ROUTES, RoutesRequest(), cut_off, "cancelled")
    assert the(store.done(ROUTES)).id == whole
    assert [job_id for job_id, _ in store.finished(ROUTES)] == [whole]


def test_what_replaces_earlier_ones_leaves_the_newest_and_what_others_have(store: Store) -> None:
    mine, others = (store.create_decision(Answers()).id for _ in range(2))

    def scanned(decision_id: str, status: Any = "done") -> str:
        job = store.enqueue(SCAN, ABOUT[SCAN.name], OPERATOR, decision_id=decision_id)
        store.claim("a")
        store.finish(job.id, status, result=team_code.scan() if status == "done" else None)
        return job.id

    first, theirs, failed = scanned(mine), scanned(others), scanned(mine, "failed")
    assert [store.job(one) is not None for one in (first, theirs, failed)] == [True] * 3, "a failure takes nothing away"
    assert the(store.done(SCAN, mine)).id == first
    newest = scanned(mine)
    assert [store.job(one) is not None for one in (first, theirs, failed, newest)] == [False, True, False, True]


def test_what_needs_no_executor_is_done_at_once_and_replaces_what_was_before(store: Store) -> None:
    mine = store.create_decision(Answers()).id
    asked, found = ScanRequest("packages", "", "List of packages"), team_code.scan()
    first = store.keep_result(SCAN, asked, found, OPERATOR, decision_id=mine)
    assert first.status == "done"
    assert store.claim("here") is None
    newer = store.keep_result(SCAN, asked, found, OPERATOR, decision_id=mine)
    assert the(store.done(SCAN, mine)).id == newer.id
    assert the(store.done(SCAN, mine)).result == found
    assert store.job(first.id) is None


def test_what_waits_is_not_overtaken_by_what_is_done_at_once(store: Store) -> None:
    mine = store.create_decision(Answers()).id
    waits = store.enqueue(SCAN, ABOUT[SCAN.name], OPERATOR, decision_id=mine)
    asked = ScanRequest("packages", "", "List of packages")
    assert store.keep_result(SCAN, asked, team_code.scan(), OPERATOR, decision_id=mine).id == waits.id


def test_the_newest_finished_one_of_each_subject_is_found_without_reading_results(store: Store) -> None:
    _, cnn, mlp = (ended(store, ROUTES, RoutesRequest(models=(name,)), ways.run()) for name in ("mlp", "cnn", "mlp"))
    store.request_cancel(store.enqueue(ROUTES, RoutesRequest(models=("lstm",))).id)
    found = store.finished(ROUTES)
    assert [job_id for job_id, _ in found] == [mlp, cnn]
    assert store.finished(ROUTES, "cnn") == found[1:]
    done = the(store.done(ROUTES, "mlp"))
    assert (done.id, done.version) == found[0]
    assert store.finished(CHECK) == ()


def test_the_history_comes_newest_first_and_only_with_results(store: Store) -> None:
    decision_id = store.create_decision(Answers()).id
    over = []
    for result in (RECORDING, None, RECORDING):
        run = measure(store, for_=decision_id)
        store.claim("a")
        assert run.id not in dict(store.history(MEASURE, decision_id)), "it is still running"
        store.finish(run.id, "done", result=result)
        over.append(run.id)
    found = store.history(MEASURE, decision_id)
    assert [job_id for job_id, _ in found] == [over[2], over[0]]
    assert dict(found)[over[2]] == the(store.job(over[2])).version


def test_rounds_are_stored_once_and_read_with_the_result(ticking: Ticking) -> None:
    store = ticking.store
    run = measure(store)
    store.claim("a")
    for round_ in RECORDING.rounds:
        store.keep_round(run.id, round_)
    store.tell(run.id, "Round 2", 0.9, result=RECORDING)
    assert the(store.job(run.id)).result == replace(RECORDING, rounds=()), "under way nobody needs them"
    store.finish(run.id, "done", result=RECORDING)
    assert the(store.job(run.id)).result == the(store.done(MEASURE)).result == RECORDING
    with ticking.engine.connect() as connection:
        assert '"rounds": []' in connection.scalar(select(JobRow.result))
        assert connection.scalar(select(func.count()).select_from(RoundRow)) == len(RECORDING.rounds)


def test_a_round_that_was_cut_off_is_kept_with_the_result_until_it_is_measured_anew(store: Store) -> None:
    first, second = RECORDING.rounds
    cut_off = replace(RECORDING, rounds=(first, replace(second, complete=False)))
    run = measure(store)
    for _ in range(2):
        store.claim("a")
        if not store.rounds(run.id):
            store.keep_round(run.id, first)
        store.finish(run.id, "interrupted", result=cut_off)
        kept = the(store.job(run.id))
        assert (kept.result, kept.finished_rounds) == (cut_off, 1)
        assert store.rounds(run.id) == (first,), "only whole ones are gone on from"
        store.resume(run.id)
    store.claim("a")
    store.keep_round(run.id, second)
    store.finish(run.id, "done", result=RECORDING)
    assert the(store.job(run.id)).result == RECORDING


# ------------------------------------------------------------------------------------ cancelled, resumed


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_cancelling_ends_what_waits_and_is_told_to_what_runs(store: Store, kind: JobKind[Any, Any]) -> None:
    def queued() -> str:
        decision_id = store.create_decision(Answers()).id
        request = ABOUT[kind.name] if kind.name in ABOUT else kind.request()
        return store.enqueue(kind, request, OPERATOR, decision_id=decision_id).id

    waiting = queued()
    store.request_cancel(waiting)
    assert the(store.job(waiting)).status == "cancelled"
    running = queued()
    assert running != waiting
    store.claim("a")
    assert not store.cancel_requested(running)
    store.request_cancel(running)
    store.tell(running, "too late", 0.5)
    assert store.cancel_requested(running)
    assert the(store.job(running)).message == "Cancelling"
    store.finish(running, "cancelled")
    store.request_cancel(running)
    assert the(store.job(running)).status == "cancelled", "it stays what it is"


def test_resuming_never_makes_a_second_active_job(store: Store) -> None:
    old = measure(store, RunRequest(seed=1))
    store.claim("a")
    store.finish(old.id, "interrupted", reason="shut down")
    new = measure(store, RunRequest(seed=2), for_=old.subject)
    assert store.resume(old.id).id == new.id
    assert the(store.job(old.id)).status == "interrupted"


def test_only_what_was_interrupted_is_resumed(store: Store) -> None:
    failed = ended(store, CHECK, CheckRequest(), None, "failed")
    assert store.resume(failed).status == "failed"
    for use in (store.request_cancel, store.resume):
        with pytest.raises(NotFoundError, match="no-job"):
            use("no-job")
