"""What is deleted when somebody tidies, and what never is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advisor.answers import Answers, Project
from advisor.ports import NotFoundError
from advisor.queue.kinds import MEASURE, ROUTES
from advisor.records import Purged, Requester
from probes.deploy.schema import RoutesRequest
from tests import samples, ways
from tests.advisor.storage.conftest import Ticking
from tests.advisor.storage.test_decisions import rows
from tests.stores import measure

MONTH = timedelta(days=30)


def decision(ticking: Ticking) -> str:
    return ticking.store.create_decision(Answers(project=Project(name="Shelf scanner"))).id


def measured(ticking: Ticking, decision_id: str, *, result: bool = True) -> str:
    run = measure(ticking.store, for_=decision_id)
    ticking.store.claim("here")
    ticking.store.finish(run.id, "done" if result else "failed", result=samples.run_result() if result else None)
    return run.id


def test_old_decisions_go_and_touched_ones_stay(ticking: Ticking) -> None:
    store = ticking.store
    old, changed, run_again, waits, runs = (decision(ticking) for _ in range(5))
    measured(ticking, old)
    running = measure(store, by=Requester("ana", "office"), for_=runs)
    store.claim("there")
    measure(store, by=Requester("bob", "home"), for_=waits)
    ticking.passes(days=20)
    store.change_answers(changed, lambda _: Answers())
    store.adopt(run_again, samples.run_result())
    ticking.passes(days=20)
    new, before = decision(ticking), rows(ticking.engine)
    counted = store.purge(older_than=MONTH, dry_run=True)
    assert rows(ticking.engine) == before
    assert (counted.decisions, counted.runs, counted.jobs) == (1, 1, 0)
    assert counted.size > len('{"project": {"name": "Shelf scanner"}}') + 1000
    assert store.purge(older_than=MONTH) == counted
    assert store.decision(old) is None
    assert all(store.decision(kept) for kept in (changed, run_again, waits, runs, new))
    store.finish(running.id, "done")
    assert store.purge(older_than=MONTH) == Purged(0, 0, 0, 0)


def test_a_decision_that_is_named_goes_whatever_it_does(ticking: Ticking) -> None:
    store = ticking.store
    named, other = decision(ticking), decision(ticking)
    run = measure(store, for_=named)
    store.claim("here")
    assert store.purge(decision_id=named, dry_run=True).decisions == 1
    assert store.decision(named) is not None
    assert store.purge(decision_id=named).runs == 1
    assert store.decision(named) is store.job(run.id) is None
    assert store.decision(other) is not None
    with pytest.raises(NotFoundError):
        store.purge(decision_id=named)


def test_of_results_the_newest_stay(ticking: Ticking) -> None:
    store = ticking.store
    made = decision(ticking)
    failed = [measured(ticking, made, result=False) for _ in range(2)]
    good = [measured(ticking, made) for _ in range(MEASURE.kept + 2)]
    tried = []
    for model in ["mlp"] * (ROUTES.kept + 3) + ["cnn"]:
        job = store.enqueue(ROUTES, RoutesRequest(models=(model,)))
        store.claim("here")
        store.finish(job.id, "done", result=ways.run())
        tried.append(job.id)
    shown, finished = store.history(MEASURE, made), store.finished(ROUTES)
    purged = store.purge()
    assert (purged.decisions, purged.runs, purged.jobs) == (0, 2, 3)
    assert (store.history(MEASURE, made), store.finished(ROUTES)) == (shown, finished), "pages see no difference"
    assert [store.job(run) is None for run in (*good[:3], *failed)] == [True, True, False, False, False]
    assert store.purge() == Purged(0, 0, 0, 0)


def test_thousands_at_once(ticking: Ticking) -> None:
    with ticking.store._writing() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO decision (id, edit_key, owner, version, answers, created_at, updated_at, address) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
            "SELECT 'd' || i, 'k', '', 1, '{}', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '' FROM n"
        )
    assert ticking.store.purge(older_than=MONTH) == Purged(3000, 0, 0, 6000)
    assert ticking.store.decision("d7") is None
