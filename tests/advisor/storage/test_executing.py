"""Two executors over one database: whose clock counts, and what a late one may still write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from advisor import wiring
from advisor.answers import Answers
from advisor.model import RunRecord
from advisor.ports import LostError
from advisor.queue.kinds import CHECK, CheckRequest
from advisor.storage import SqlJobs, SqlStore
from advisor.storage.executing import LOST_AFTER
from probes.schema import RunRequest
from tests import samples
from tests.advisor.storage.conftest import Ticking
from tests.fakes import FakeRunner, FixedClock

ROUNDS = FakeRunner.replay("quick.json").recording.rounds


@dataclass
class Two:
    """Executors over one database, each with connections of its own; time passes for both or for one."""

    clock: FixedClock
    first: SqlStore
    second: SqlStore

    def run(self) -> str:
        return self.first.enqueue(self.first.create_decision(Answers()).id, RunRequest()).id

    def taken_over(self) -> str:
        """A run that the first claimed, was not heard of again, and the second has taken up."""
        run_id = self.run()
        assert self.first.claim("first") is not None
        self.first.save_round(run_id, ROUNDS[0])
        self.clock.time += LOST_AFTER + timedelta(seconds=1)
        self.second.recover("second")
        assert self.second.claim("second") is not None
        return run_id


@pytest.fixture
def two(connect: Callable[[], Engine]) -> Two:
    clock = FixedClock()
    return Two(clock, SqlStore(connect(), clock), SqlStore(connect(), clock))


def seen(store: SqlStore, run_id: str) -> RunRecord:
    found = store.run(run_id)
    assert found is not None
    return found


def late_writes(store: SqlStore, run_id: str) -> list[Callable[[], object]]:
    return [
        lambda: store.save_round(run_id, ROUNDS[1]),
        lambda: store.save_progress(
            run_id, message="late", fraction=0.9, planned_rounds=9, result=samples.run_result()
        ),
        lambda: store.cancel_requested(run_id),
        lambda: store.finish(run_id, "failed", reason="late", result=samples.run_result()),
    ]


def test_late_writes_of_a_run_that_was_taken_over_are_refused(two: Two) -> None:
    run_id = two.taken_over()
    before = seen(two.second, run_id)
    for write in late_writes(two.first, run_id):
        with pytest.raises(LostError, match=run_id):
            write()
    assert seen(two.second, run_id) == before
    assert two.second.rounds(run_id) == ROUNDS[:1], "the second goes on after the round that the first kept"
    two.second.save_round(run_id, ROUNDS[1])
    two.second.finish(run_id, "done", result=samples.run_result())
    assert (seen(two.first, run_id).status, two.first.rounds(run_id)) == ("done", ROUNDS)


def test_a_run_that_came_back_is_another_attempt(two: Two) -> None:
    """Also where both have one name, or a process claims anew what it had lost."""
    run_id = two.run()
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
        two.second.save_round(run_id, ROUNDS[0])
    two.first.save_round(run_id, ROUNDS[0])


def test_attempts_that_count_anew_are_told_apart_by_the_worker(two: Two) -> None:
    """Whoever resumes a run starts its count again: both claims are the first attempt."""
    run_id = two.taken_over()
    two.second.finish(run_id, "interrupted")
    two.second.resume(run_id)
    claimed = two.second.claim("second")
    assert claimed is not None
    assert claimed.attempts == 1
    for write in late_writes(two.first, run_id):
        with pytest.raises(LostError):
            write()
    assert seen(two.second, run_id) == claimed


def test_nobody_writes_to_what_he_did_not_claim(two: Two) -> None:
    run_id = two.run()
    for store in (two.first, two.second):
        with pytest.raises(LostError):
            store.finish(run_id, "done")
    assert seen(two.first, run_id).status == "queued"


def test_late_writes_of_a_job_are_refused_too(connect: Callable[[], Engine]) -> None:
    clock = FixedClock()
    first, second = SqlJobs(connect(), clock), SqlJobs(connect(), clock)
    job = first.enqueue(CHECK, CheckRequest())
    assert first.claim("first") is not None
    clock.time += LOST_AFTER + timedelta(seconds=1)
    second.recover("second")
    failed = second.latest(CHECK)
    for write in (
        lambda: first.tell(job.id, "late", 0.5, samples.check()),
        lambda: first.cancel_requested(job.id),
        lambda: first.finish(job.id, "done", result=samples.check()),
    ):
        with pytest.raises(LostError, match=job.id):
            write()
    assert first.latest(CHECK) == failed
    assert failed is not None
    assert (failed.status, failed.attempts) == ("failed", 1)


# ------------------------------------------------------------------------------------ whose clock


def test_a_machine_whose_clock_is_ahead_takes_nobodys_run(
    connect: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the database's clock counts: this one's is LOST_AFTER and a second ahead, wherever it is read."""
    here, ahead = SqlStore(connect()), SqlStore(connect())
    run_id = here.enqueue(here.create_decision(Answers()).id, RunRequest()).id
    here.claim("here")
    now = datetime.now

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return now(tz) + LOST_AFTER + timedelta(seconds=1)  # type: ignore[arg-type]

    for module in ("advisor.wiring", "advisor.storage.desk", "advisor.storage.rows", "advisor.storage.measurements"):
        monkeypatch.setattr(f"{module}.datetime", Ahead)
    assert wiring.SystemClock().now() - now().astimezone() > LOST_AFTER
    ahead.recover("ahead")
    assert seen(here, run_id).status == "running"
    assert ahead.claim("ahead") is None
    ahead.beat("ahead", 1)
    assert here.executor().alive, "and its signs of life are not from the future"
    assert abs((here.executor().since or now().astimezone()) - now().astimezone()) < timedelta(minutes=1)
    here.save_round(run_id, ROUNDS[0])


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
