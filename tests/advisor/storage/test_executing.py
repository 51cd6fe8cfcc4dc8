"""Jobs in the store as executors see them: claimed, written to, left; whose clock counts; what a late one may write."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from advisor.adapters.clock import SystemClock
from advisor.answers import Answers
from advisor.ports import LostError, Store
from advisor.queue.kinds import CHECK, ENVIRONMENT, ROUTES, CheckRequest, EnvironmentRequest
from advisor.records import Requester
from advisor.storage import SqlStore
from advisor.storage.executing import LEFT, LOST_AFTER
from probes.deploy.schema import RoutesRequest
from tests import samples, ways
from tests.advisor.storage.conftest import Ticking
from tests.fakes import FakeRunner, FixedClock
from tests.stores import measure, the

HERE, THERE = "this-machine", "that-machine"
RECORDING = FakeRunner.replay("quick.json").recording
ROUNDS = RECORDING.rounds


def somebody(number: int) -> Requester:
    """Each a browser and an address of its own."""
    return Requester(f"browser-{number}", f"address-{number}")


# ------------------------------------------------------------------------------------ claimed


def test_jobs_are_claimed_one_at_a_time_and_in_order(store: Store) -> None:
    assert store.claim(HERE) is None
    run, check = measure(store), store.enqueue(CHECK, CheckRequest(), somebody(1))
    other = measure(store, by=somebody(2))
    claimed = the(store.claim(HERE))
    assert (claimed.id, claimed.status, claimed.attempts, claimed.message) == (run.id, "running", 1, "Starting")
    assert store.claim(HERE) is None, "this machine is busy"
    taken = [the(store.claim(THERE)).id, the(store.claim("a third")).id]
    assert (taken, store.claim("a fourth")) == ([check.id, other.id], None)
    store.finish(claimed.id, "done")
    assert store.claim(HERE) is None, "nothing is left"


def test_two_processes_never_take_the_same_job(connect: Callable[[], Engine]) -> None:
    stores = [SqlStore(connect(), FixedClock()) for _ in range(4)]
    for number in range(8):
        measure(stores[0], by=somebody(number))
    for number in range(4):
        stores[0].enqueue(ENVIRONMENT, EnvironmentRequest(f"runtime-{number}"), somebody(8 + number))

    def take(number: int) -> list[str]:
        # Every store is a machine of its own here: nothing but the claim itself keeps them apart.
        taken = []
        while job := stores[number].claim(f"machine-{number}"):
            taken.append(job.id)
            stores[number].finish(job.id, "done")
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [job_id for ids in pool.map(take, range(4)) for job_id in ids]
    assert len(taken) == len(set(taken)) == 12


# ------------------------------------------------------------------------------------ written to


def test_progress_shows_and_its_version_grows(store: Store) -> None:
    job = store.enqueue(ROUTES, RoutesRequest())
    store.claim(HERE)
    before = the(store.version(ROUTES))
    store.tell(job.id, "exporting", 0.5, result=ways.run())
    store.tell(job.id, "timing", 0.6)
    under_way = the(store.latest(ROUTES))
    assert (under_way.message, under_way.fraction, under_way.result) == ("timing", 0.6, ways.run())
    assert store.version(ROUTES) == (job.id, under_way.version) == (job.id, before[1] + 2)
    assert store.done(ROUTES) is None, "not over yet"
    store.request_cancel(job.id)
    store.tell(job.id, "late", 0.7, result=ways.cut_off(ways.run()))
    assert the(store.latest(ROUTES)).message == "Cancelling"
    store.finish(job.id, "cancelled")
    kept = the(store.done(ROUTES))
    assert (kept.status, kept.result) == ("cancelled", ways.cut_off(ways.run())), "what there was stays"


def test_rounds_come_back_exactly_in_order_and_each_is_kept_once(store: Store) -> None:
    run = measure(store)
    store.claim(HERE)
    for round_ in ROUNDS:
        store.keep_round(run.id, round_)
    store.tell(run.id, "Round 2", 0.9, planned_rounds=2)
    store.tell(run.id, "Round 2, the end", 0.95)
    kept = the(store.job(run.id))
    assert (store.rounds(run.id), kept.finished_rounds, kept.planned_rounds) == (ROUNDS, 2, 2)
    with pytest.raises(IntegrityError):
        store.keep_round(run.id, ROUNDS[0])


def test_what_comes_late_does_not_wake_what_is_over(store: Store) -> None:
    run = measure(store)
    store.claim(HERE)
    store.finish(run.id, "done", result=RECORDING)
    with pytest.raises(LostError):
        store.tell(run.id, "late", 0.5)
    over = the(store.job(run.id))
    assert (over.status, over.message, over.fraction) == ("done", "", 1.0)
    with pytest.raises(LostError, match="nothing"):
        store.finish("nothing", "done")


# ------------------------------------------------------------------------------------ left


def test_what_a_dead_executor_left_goes_on_and_then_waits_for_a_person(store: Store) -> None:
    run = measure(store)
    for attempt in (1, 2):
        assert the(store.claim(HERE)).attempts == attempt
        store.recover(THERE)
        assert the(store.job(run.id)).status == "running", "another machine's job is none of its business"
        store.recover(HERE)
    interrupted = the(store.job(run.id))
    assert interrupted.status == "interrupted"
    assert "2 times" in interrupted.reason
    resumed = store.resume(run.id)
    assert (resumed.status, resumed.attempts) == ("queued", 0)
    assert store.claim(HERE) is not None


def test_what_cannot_be_gone_on_with_has_failed(store: Store) -> None:
    store.enqueue(CHECK, CheckRequest())
    store.claim(HERE)
    store.recover(THERE)
    assert the(store.latest(CHECK)).status == "running"
    store.recover(HERE)
    left = the(store.latest(CHECK))
    assert (left.status, left.reason) == ("failed", LEFT)


def test_what_was_cancelled_is_not_brought_back(store: Store) -> None:
    for job_id in (measure(store).id, store.enqueue(CHECK, CheckRequest(), somebody(1)).id):
        assert the(store.claim(HERE)).id == job_id
        store.request_cancel(job_id)
        store.recover(HERE)
        assert the(store.job(job_id)).status == "cancelled"


def test_what_a_machine_left_that_never_came_back_is_taken_up_elsewhere(ticking: Ticking) -> None:
    store = ticking.store
    jobs = [measure(store, by=somebody(1)), store.enqueue(CHECK, CheckRequest(), somebody(2)), measure(store)]
    for machine in ("silent", "silent too", "busy"):
        store.claim(f"{machine}-machine")

    def statuses() -> list[str]:
        return [the(store.job(job.id)).status for job in jobs]

    ticking.passes(minutes=4)
    store.recover(HERE)
    assert statuses() == ["running"] * 3
    ticking.passes(minutes=2)
    store.beat("busy-machine", 1)
    store.recover(HERE)
    assert statuses() == ["queued", "failed", "running"]


def test_an_executor_is_there_from_its_first_sign_of_life_until_it_leaves_or_falls_silent(ticking: Ticking) -> None:
    store, began = ticking.store, ticking.clock.now()
    assert not store.executor().alive
    store.beat(HERE, 41)
    ticking.passes(seconds=10)
    store.beat(HERE, 41)
    there = store.executor()
    assert (there.alive, there.pid, there.since, there.details["worker"]) == (True, 41, began, HERE)
    ticking.passes(seconds=30)
    assert not store.executor().alive
    store.beat(HERE, 42)
    assert store.executor().since == ticking.clock.now(), "another process, another beginning"
    store.leave(HERE)
    assert not store.executor().alive


# ------------------------------------------------------------------------------------ taken away


@dataclass
class Two:
    """Executors over one database, each with connections of its own; time passes for both."""

    clock: FixedClock
    first: SqlStore
    second: SqlStore

    def taken_over(self) -> str:
        """A run that the first claimed, was not heard of again, and the second has taken up."""
        run_id = measure(self.first).id
        assert self.first.claim("first") is not None
        self.first.keep_round(run_id, ROUNDS[0])
        self.clock.time += LOST_AFTER + timedelta(seconds=1)
        self.second.recover("second")
        assert self.second.claim("second") is not None
        return run_id


@pytest.fixture
def two(connect: Callable[[], Engine]) -> Two:
    clock = FixedClock()
    return Two(clock, SqlStore(connect(), clock), SqlStore(connect(), clock))


def late_writes(store: SqlStore, job_id: str) -> list[Callable[[], object]]:
    return [
        lambda: store.keep_round(job_id, ROUNDS[1]),
        lambda: store.tell(job_id, "late", 0.9, planned_rounds=9, result=samples.run_result()),
        lambda: store.cancel_requested(job_id),
        lambda: store.finish(job_id, "failed", reason="late", result=samples.run_result()),
    ]


def test_late_writes_of_a_run_that_was_taken_over_are_refused(two: Two) -> None:
    run_id = two.taken_over()
    before = two.second.job(run_id)
    for write in late_writes(two.first, run_id):
        with pytest.raises(LostError, match=run_id):
            write()
    assert two.second.job(run_id) == before
    assert two.second.rounds(run_id) == ROUNDS[:1], "the second goes on after the round that the first kept"
    two.second.keep_round(run_id, ROUNDS[1])
    two.second.finish(run_id, "done", result=samples.run_result())
    assert (the(two.first.job(run_id)).status, two.first.rounds(run_id)) == ("done", ROUNDS)


def test_a_run_that_came_back_is_another_attempt(two: Two) -> None:
    """Also where both have one name, or a process claims anew what it had lost."""
    run_id = measure(two.first).id
    two.first.claim("same")
    two.second.recover("same")
    two.second.claim("same")
    for write in late_writes(two.first, run_id):
        with pytest.raises(LostError):
            write()
    two.second.finish(run_id, "interrupted")
    two.first.resume(run_id)
    assert two.first.claim("same") is not None
    with pytest.raises(LostError):
        two.second.keep_round(run_id, ROUNDS[0])
    two.first.keep_round(run_id, ROUNDS[0])


def test_attempts_that_count_anew_are_told_apart_by_the_worker(two: Two) -> None:
    """Whoever resumes a run starts its count again: both claims are the first attempt."""
    run_id = two.taken_over()
    two.second.finish(run_id, "interrupted")
    two.second.resume(run_id)
    claimed = the(two.second.claim("second"))
    assert claimed.attempts == 1
    for write in late_writes(two.first, run_id):
        with pytest.raises(LostError):
            write()
    assert two.second.job(run_id) == claimed


def test_nobody_writes_to_what_he_did_not_claim(two: Two) -> None:
    run_id = measure(two.first).id
    for store in (two.first, two.second):
        with pytest.raises(LostError):
            store.finish(run_id, "done")
    assert the(two.first.job(run_id)).status == "queued"


def test_late_writes_of_what_failed_are_refused_too(two: Two) -> None:
    job_id = two.first.enqueue(CHECK, CheckRequest()).id
    assert two.first.claim("first") is not None
    two.clock.time += LOST_AFTER + timedelta(seconds=1)
    two.second.recover("second")
    failed = the(two.second.latest(CHECK))
    for write in late_writes(two.first, job_id):
        with pytest.raises(LostError, match=job_id):
            write()
    assert two.first.latest(CHECK) == failed
    assert (failed.status, failed.attempts) == ("failed", 1)


# ------------------------------------------------------------------------------------ whose clock


def test_a_machine_whose_clock_is_ahead_takes_nobodys_run(
    connect: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the database's clock counts: this one's is LOST_AFTER and a second ahead, wherever it is read."""
    here, ahead = SqlStore(connect()), SqlStore(connect())
    run_id = measure(here).id
    here.claim("here")
    now = datetime.now

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return now(tz) + LOST_AFTER + timedelta(seconds=1)  # type: ignore[arg-type]

    for module in (
        "advisor.adapters.clock",
        "advisor.storage.desk",
        "advisor.storage.rows",
        "advisor.storage.measurements",
    ):
        monkeypatch.setattr(f"{module}.datetime", Ahead)
    assert SystemClock().now() - now().astimezone() > LOST_AFTER
    ahead.recover("ahead")
    assert the(here.job(run_id)).status == "running"
    assert ahead.claim("ahead") is None
    ahead.beat("ahead", 1)
    assert here.executor().alive, "and its signs of life are not from the future"
    assert abs((here.executor().since or now().astimezone()) - now().astimezone()) < timedelta(minutes=1)
    here.keep_round(run_id, ROUNDS[0])


def test_the_databases_clock_is_utc(connect: Callable[[], Engine]) -> None:
    made = SqlStore(connect()).create_decision(Answers())
    assert abs(made.created_at - datetime.now(made.created_at.tzinfo)) < timedelta(minutes=1)


def test_a_session_in_another_time_zone_changes_nothing(ticking: Ticking) -> None:
    if ticking.engine.dialect.name != "postgresql":
        pytest.skip("SQLite's clock knows UTC alone")
    store = SqlStore(ticking.engine)
    with ticking.engine.connect() as connection:
        connection.execute(text("SET TIME ZONE 'Asia/Kathmandu'"))
        connection.commit()
    made = store.create_decision(Answers())
    assert abs(made.created_at - datetime.now(made.created_at.tzinfo)) < timedelta(minutes=1)
