"""Jobs in the store: the same rules whatever the kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from advisor.model import Requester
from advisor.queue.kinds import CHECK, ENVIRONMENT, LEFT, ROUTES, CheckRequest, EnvironmentRequest, JobStore
from advisor.storage import SqlJobs, SqlStore
from probes.deploy.schema import RoutesRequest
from tests import databases, samples, ways
from tests.fakes import FixedClock

ANA, OPERATOR = Requester("ana", "office"), Requester(operator=True)


@dataclass
class Desk:
    """A store of jobs and its clock."""

    jobs: JobStore
    clock: FixedClock


@pytest.fixture(params=databases.SQL)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    clock = FixedClock()
    with databases.opened(request.param, tmp_path) as connect:
        yield Desk(SqlJobs(connect(), clock), clock)


@pytest.fixture
def jobs(desk: Desk) -> JobStore:
    return desk.jobs


def test_one_check_at_a_time_in_whatever_form(jobs: JobStore) -> None:
    assert jobs.latest(CHECK) is jobs.done(CHECK) is jobs.version(CHECK) is jobs.claim("a") is None
    first = jobs.enqueue(CHECK, CheckRequest())
    assert jobs.enqueue(CHECK, CheckRequest("standard")) == first
    claimed = jobs.claim("a")
    assert claimed is not None
    assert (claimed.id, claimed.status, claimed.request) == (first.id, "running", CheckRequest("quick"))
    assert jobs.claim("b") is None
    assert jobs.enqueue(CHECK, CheckRequest()).id == first.id, "it is still active"


def test_kinds_do_not_keep_each_other_waiting_to_be_queued(jobs: JobStore) -> None:
    check, routes = jobs.enqueue(CHECK, CheckRequest()), jobs.enqueue(ROUTES, RoutesRequest(models=("cnn",)), ANA)
    assert check.id != routes.id
    taken = [jobs.claim("a"), jobs.claim("a"), jobs.claim("a")]
    assert [job.id for job in taken if job] == [check.id, routes.id], "oldest first"
    latest = jobs.latest(ROUTES)
    assert latest is not None
    assert latest.request == RoutesRequest(models=("cnn",))


def test_environments_wait_side_by_side_and_once_each(jobs: JobStore) -> None:
    one, other = (jobs.enqueue(ENVIRONMENT, EnvironmentRequest(name), OPERATOR) for name in ("executorch", "jax"))
    assert one.id != other.id
    assert jobs.enqueue(ENVIRONMENT, EnvironmentRequest("executorch")).id == one.id
    found = jobs.latest(ENVIRONMENT, "executorch")
    assert found is not None
    assert (found.id, found.subject) == (one.id, "executorch")
    assert jobs.version(ENVIRONMENT, "jax") == (other.id, 1)
    assert jobs.latest(ENVIRONMENT, "tfjs") is None


def test_what_is_under_way_stands_before_what_waits(jobs: JobStore) -> None:
    for name in ("executorch", "jax"):
        jobs.enqueue(ENVIRONMENT, EnvironmentRequest(name), OPERATOR)
    jobs.enqueue(CHECK, CheckRequest(), ANA)
    claimed = jobs.claim("a")
    assert claimed is not None
    jobs.tell(claimed.id, "Installing 12 packages", 0.5)
    assert [glance.owner for glance in jobs.active()] == ["", "", "ana"]
    seen = [(glance.kind, glance.subject, glance.status, glance.message) for glance in jobs.active()]
    assert seen == [
        ("environment", "executorch", "running", "Installing 12 packages"),
        ("environment", "jax", "queued", "Waiting for the executor"),
        ("check", "quick", "queued", "Waiting for the executor"),
    ]
    jobs.finish(claimed.id, "done")
    assert [glance.subject for glance in jobs.active()] == ["jax", "quick"]


def test_progress_and_result_are_kept(jobs: JobStore) -> None:
    check_id = jobs.enqueue(CHECK, CheckRequest()).id
    jobs.claim("a")
    jobs.tell(check_id, "PyTorch against itself", 0.25)
    under_way, version = jobs.latest(CHECK), jobs.version(CHECK)
    assert under_way is not None
    assert (under_way.message, under_way.fraction) == ("PyTorch against itself", 0.25)
    jobs.finish(check_id, "done", result=samples.check())
    done = jobs.done(CHECK)
    assert done is not None
    assert (done.result, done.status, done.fraction) == (samples.check(), "done", 1.0)
    assert jobs.done(CHECK, "quick") == done
    assert jobs.done(CHECK, "standard") is None
    assert jobs.version(CHECK) != version
    jobs.enqueue(CHECK, CheckRequest())
    assert jobs.done(CHECK) == done, "the last result stays until there is another"


def test_what_there_is_so_far_shows_at_once_and_stays_when_it_is_cut_off(jobs: JobStore) -> None:
    job_id = jobs.enqueue(ROUTES, RoutesRequest()).id
    jobs.claim("a")
    jobs.tell(job_id, "exporting", 0.5, ways.run())
    jobs.tell(job_id, "timing", 0.6)
    under_way = jobs.latest(ROUTES)
    assert under_way is not None
    assert (under_way.message, under_way.result) == ("timing", ways.run())
    assert jobs.done(ROUTES) is None, "not over yet"
    jobs.request_cancel(job_id)
    jobs.finish(job_id, "cancelled")
    kept = jobs.done(ROUTES)
    assert kept is not None
    assert (kept.status, kept.result) == ("cancelled", ways.run())


def test_the_newest_finished_one_of_each_subject_is_found_without_reading_results(jobs: JobStore) -> None:
    ended = []
    for model in ("mlp", "cnn", "mlp"):
        job = jobs.enqueue(ROUTES, RoutesRequest(models=(model,)))
        jobs.claim("a")
        jobs.finish(job.id, "done", result=ways.run())
        ended.append(job.id)
    waiting = jobs.enqueue(ROUTES, RoutesRequest(models=("lstm",)))
    jobs.request_cancel(waiting.id)
    found = jobs.finished(ROUTES)
    assert [(glance.id, glance.subject) for glance in found] == [(ended[2], "mlp"), (ended[1], "cnn")]
    done = jobs.done(ROUTES, "mlp")
    assert done is not None
    assert (done.id, done.version) == (found[0].id, found[0].version)
    assert jobs.finished(CHECK) == ()


def test_cancel(jobs: JobStore) -> None:
    waiting = jobs.enqueue(CHECK, CheckRequest())
    jobs.request_cancel(waiting.id)
    latest = jobs.latest(CHECK)
    assert latest is not None
    assert latest.status == "cancelled"
    running = jobs.enqueue(CHECK, CheckRequest())
    assert running.id != waiting.id
    jobs.claim("a")
    assert not jobs.cancel_requested(running.id)
    jobs.request_cancel(running.id)
    jobs.tell(running.id, "too late", 0.5)
    assert jobs.cancel_requested(running.id)
    latest = jobs.latest(CHECK)
    assert latest is not None
    assert latest.message == "Cancelling"


def test_what_a_dead_executor_left_has_failed(jobs: JobStore) -> None:
    jobs.enqueue(CHECK, CheckRequest())
    jobs.claim("a")
    jobs.recover("b")
    latest = jobs.latest(CHECK)
    assert latest is not None
    assert latest.status == "running", "another machine's"
    jobs.recover("a")
    latest = jobs.latest(CHECK)
    assert latest is not None
    assert (latest.status, latest.reason) == ("failed", LEFT)


def test_a_cancelled_one_that_was_left_is_cancelled(jobs: JobStore) -> None:
    job = jobs.enqueue(CHECK, CheckRequest())
    jobs.claim("a")
    jobs.request_cancel(job.id)
    jobs.recover("a")
    latest = jobs.latest(CHECK)
    assert latest is not None
    assert latest.status == "cancelled"


def test_a_machine_that_never_comes_back_keeps_nobody_from_starting_again(desk: Desk) -> None:
    desk.jobs.enqueue(CHECK, CheckRequest())
    desk.jobs.claim("gone")
    desk.clock.time += timedelta(minutes=6)
    desk.jobs.recover("here")
    latest = desk.jobs.latest(CHECK)
    assert latest is not None
    assert latest.status == "failed"


def test_a_long_job_of_a_machine_that_lives_is_left_alone(connect: Callable[[], Engine]) -> None:
    clock, engine = FixedClock(), connect()
    jobs, store = SqlJobs(engine, clock), SqlStore(engine, clock)
    jobs.enqueue(ENVIRONMENT, EnvironmentRequest("executorch"))
    jobs.claim("far")
    clock.time += timedelta(minutes=6)
    store.beat("far", 41)
    jobs.recover("here")
    latest = jobs.latest(ENVIRONMENT)
    assert latest is not None
    assert latest.status == "running"


def test_an_unknown_job_is_named(jobs: JobStore) -> None:
    with pytest.raises(LookupError, match="nothing"):
        jobs.finish("nothing", "done")
