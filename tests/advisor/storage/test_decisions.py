"""Who may edit a decision, how changes at once come out, and what is left when one is deleted."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from advisor.answers import Answers, Project
from advisor.ports import LostError, NotFoundError, Store
from advisor.queue.kinds import MEASURE
from advisor.queue.quotas import QuotaError, check_decisions
from advisor.storage import SqlStore, decisions, open_database
from advisor.storage.tables import Base, DecisionRow
from probes.in_browser import messages, planning, protocol
from probes.in_browser.schema import Visit
from probes.schema import RunRequest
from tests import databases, visits
from tests.advisor.storage.conftest import Ticking
from tests.fakes import FakeRunner, FixedClock
from tests.stores import measure, the

ANSWERS = Answers(project=Project(name="Shelf <b>scanner</b>"), stage="prototype")
PROCESSES: Any = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
NOT_IDS = ["", "\0", "a\0b", "\ud800", "x" * 10_000, "'; DROP TABLE decision; --", "\u202e", " "]


# ------------------------------------------------------------------------------------ what is kept


def test_a_decision_comes_back_as_it_was_saved(store: Store) -> None:
    made = store.create_decision(ANSWERS, owner="abc")
    assert store.decision(made.id) == made
    assert (made.answers, made.owner, made.version) == (ANSWERS, "abc", 1)
    assert store.decision("nobody-knows-this") is None
    assert store.decision("nobody\x00knows\ud800this") is None
    assert store.decision_version("nobody-knows-this") is None


def test_what_an_older_fulcrum_stored_opens_and_is_stored_anew_once_it_changes(ticking: Ticking) -> None:
    made = ticking.store.create_decision(Answers())
    before = (
        '{"schema":1,"project":{"name":"Old","domain":"vision"},"stage":null,"targets":[],'
        '"hardware":{"train":"tpu","serve":null},"constraints":{"python":null,"os":"windows"},'
        '"code":{"framework":"keras","lines":null,"plan":null}}'
    )
    with ticking.engine.begin() as connection:
        connection.execute(update(DecisionRow).values(answers=before))
    opened = the(ticking.store.decision(made.id)).answers
    assert (opened.project.name, opened.hardware.train, opened.hardware.serve) == ("Old", ("tpu",), ())
    assert (opened.constraints.os, opened.constraints.python, opened.code.framework) == (("windows",), (), "keras")
    change = ticking.store.change_answers(made.id, lambda answers: answers.model_copy(update={"stage": "scaling"}))
    assert change.before.answers == opened
    assert the(ticking.store.decision(made.id)).answers == change.after.answers


def test_ids_and_keys_hold_at_least_128_random_bits(store: Store) -> None:
    made = [store.create_decision(ANSWERS) for _ in range(20)]
    for token in [d.id for d in made] + [d.edit_key for d in made]:
        assert len(token) * 6 >= 128  # URL-safe base64: 6 bits a character
    assert len({d.id for d in made} | {d.edit_key for d in made}) == 40


def test_changing_answers_grows_the_version(store: Store) -> None:
    made = store.create_decision(Answers())
    change = store.change_answers(made.id, lambda _: ANSWERS)
    assert (change.before, change.after) == (made, store.decision(made.id))
    assert (change.after.answers, change.after.version) == (ANSWERS, 2)
    assert store.decision_version(made.id) == 2
    same = store.change_answers(made.id, lambda answers: answers.model_copy())
    assert same.before == same.after == change.after, "nothing to change, no new version"
    with pytest.raises(NotFoundError):
        store.change_answers("nobody-knows-this", lambda _: ANSWERS)


def test_a_change_that_fails_leaves_everything_as_it_was(store: Store) -> None:
    made = store.create_decision(ANSWERS)

    def broken(answers: Answers) -> Answers:
        raise ValueError(answers.stage)

    with pytest.raises(ValueError, match="prototype"):
        store.change_answers(made.id, broken)
    assert store.decision(made.id) == made
    assert store.change_answers(made.id, lambda _: Answers()).after.version == 2, "and keeps nobody waiting"


def test_answers_survive_reopening_the_database(connect: Callable[[], Engine]) -> None:
    made = SqlStore(connect(), FixedClock()).create_decision(ANSWERS)
    assert SqlStore(connect(), FixedClock()).decision(made.id) == made


# ------------------------------------------------------------------------------------ changes at once


def lengthen(answers: Answers) -> Answers:
    """A change that shows how often it was made."""
    return answers.model_copy(
        update={"project": answers.project.model_copy(update={"name": answers.project.name + "x"})}
    )


def grow_team(answers: Answers) -> Answers:
    """Another answer, counted too."""
    team = answers.team
    return answers.model_copy(update={"team": team.model_copy(update={"size": (team.size or 0) + 1})})


def work(url: str, decision_id: str, times: int) -> int:
    """Many changes of two answers by one process. Returns how many made a new version."""
    engine = open_database(url)
    store = SqlStore(engine)
    changes = [store.change_answers(decision_id, how) for _ in range(times) for how in (lengthen, grow_team)]
    engine.dispose()
    return sum(change.after.version == change.before.version + 1 for change in changes)


@contextmanager
def pool(kind: str) -> Iterator[Executor]:
    made = ThreadPoolExecutor(4) if kind == "threads" else ProcessPoolExecutor(4, mp_context=PROCESSES)
    with made as workers:
        yield workers


@pytest.mark.parametrize("workers", ["threads", pytest.param("processes", marks=pytest.mark.slow)])
@pytest.mark.parametrize("database", databases.SQL)
def test_of_many_changes_at_once_none_is_lost(database: str, workers: str, tmp_path: Path) -> None:
    """The same answer by everybody, and different ones by each: every one must have its effect, once."""
    with databases.new(database, tmp_path) as url, pool(workers) as four:
        engine = open_database(url)
        store = SqlStore(engine)
        made = store.create_decision(Answers())
        counted = [four.submit(work, url, made.id, 10) for _ in range(4)]
        assert [one.result() for one in counted] == [20] * 4, "each saw its own change only between before and after"
        after = store.decision(made.id)
        engine.dispose()
    assert after is not None
    assert (after.answers.project.name, after.answers.team.size, after.version) == ("x" * 40, 40, 81)


# ------------------------------------------------------------------------------------ who may edit


def test_whoever_shows_the_key_is_an_editor_from_then_on(store: SqlStore) -> None:
    made = store.create_decision(Answers(), owner="owner")
    assert not store.grant_edit(made.id, made.edit_key[:-1], "ana")
    assert not store.grant_edit(made.id, "clé\udc80", "ana"), "anything may stand in an address bar"
    assert not store.grant_edit(made.id, made.edit_key, ""), "nobody to remember"
    assert store.decision(made.id) == made
    assert store.grant_edit(made.id, made.edit_key, "ana")
    assert store.grant_edit(made.id, made.edit_key, "ana"), "twice is once"
    assert store.grant_edit(made.id, made.edit_key, "bob")
    now = the(store.decision(made.id))
    assert (now.editors, now.version) == ({"ana", "bob"}, made.version)
    changed = store.change_answers(made.id, grow_team)
    assert changed.after.editors == {"ana", "bob"}
    with pytest.raises(NotFoundError):
        store.grant_edit("nobody-knows-this", made.edit_key, "ana")


def test_a_new_key_makes_the_old_link_and_its_editors_strangers(store: SqlStore) -> None:
    made = store.create_decision(Answers(), owner="owner")
    store.grant_edit(made.id, made.edit_key, "ana")
    rotated = store.rotate_edit_key(made.id)
    assert rotated == store.decision(made.id)
    assert (rotated.editors, rotated.owner, rotated.version) == (frozenset(), "owner", made.version + 1)
    assert rotated.edit_key != made.edit_key
    assert not store.grant_edit(made.id, made.edit_key, "ana")
    assert store.grant_edit(made.id, rotated.edit_key, "ana")
    with pytest.raises(NotFoundError):
        store.rotate_edit_key("nobody-knows-this")


@pytest.mark.parametrize("ticks", [0, 1])
def test_beyond_so_many_editors_the_oldest_gives_way(
    ticking: Ticking, ticks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "EDITORS_OF_A_DECISION", few := 8)
    store = ticking.store
    made = store.create_decision(Answers())
    for number in range(few + 2):
        ticking.passes(seconds=ticks)
        assert store.grant_edit(made.id, made.edit_key, f"browser-{number:03}")
    found = the(store.decision(made.id))
    assert len(found.editors) == few
    assert f"browser-{few + 1:03}" in found.editors, "the newest is never the one to go"
    assert not ticks or {"browser-000", "browser-001"}.isdisjoint(found.editors)


# ------------------------------------------------------------------------------------ gone


def rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        tables = (table for table in Base.metadata.sorted_tables if table.name != "fulcrum_schema")
        return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def test_a_deleted_decision_leaves_nothing_behind(ticking: Ticking) -> None:
    store, recording = ticking.store, FakeRunner.replay("quick.json").recording
    before = rows(ticking.engine)
    kept, gone = (store.create_decision(Answers(), owner=name) for name in ("ana", "bob"))
    for made in (kept, gone):
        store.grant_edit(made.id, made.edit_key, "eve")
        store.adopt(made.id, recording)
        visited(ticking, made.id)
    both = rows(ticking.engine)
    assert all(both[name] == 2 * number for name, number in rows_of_one(both).items())
    store.delete_decision(gone.id)
    assert rows(ticking.engine) == before | rows_of_one(both)
    assert store.decision(gone.id) is store.latest(MEASURE, gone.id) is None
    for use in (store.delete_decision, store.rotate_edit_key):
        with pytest.raises(NotFoundError):
            use(gone.id)
    store.delete_decision(kept.id)
    assert rows(ticking.engine) == before


def visited(ticking: Ticking, decision: str) -> None:
    """A browser has measured something for it."""
    plan = planning.plan(visits.kit(), visits.RUNTIMES, seed=1)
    made, token = ticking.store.invite(decision, plan)
    _, key = ticking.store.open_visit(token)
    cell = plan.cells[0]
    told = visits.report(made.visit, cell, 0, times={"pytorch": 0.001, "tensorflow": 0.001})
    started = {"event": "started", "cell": cell.id, "round": 0}
    for content in (visits.begin(cell.id), json.dumps(started).encode(), json.dumps(told).encode()):
        ticking.store.change_visit(key, partial(_accepted, content))
        ticking.passes(seconds=10)


def _accepted(content: bytes, visit: Visit, now: datetime) -> Visit:
    return protocol.accepted(visit, messages.read(content), now)


def rows_of_one(both: dict[str, int]) -> dict[str, int]:
    """Of two alike."""
    found = {name: number // 2 for name, number in both.items() if name != "executor"}
    assert all(found.values()), "each table has something to lose"
    return found


def test_nothing_is_written_of_a_run_whose_decision_was_deleted(ticking: Ticking) -> None:
    store = ticking.store
    made = store.create_decision(Answers())
    run = measure(store, for_=made.id)
    assert store.claim("here") is not None
    store.delete_decision(made.id)
    round_ = FakeRunner.replay("quick.json").recording.rounds[0]
    writes: list[Callable[[], object]] = [
        lambda: store.keep_round(run.id, round_),
        lambda: store.tell(run.id, "on", 0.5, planned_rounds=2),
        lambda: store.cancel_requested(run.id),
        lambda: store.finish(run.id, "done"),
    ]
    for write in writes:
        with pytest.raises(LostError):
            write()
    assert set(rows(ticking.engine).values()) == {0}


@pytest.mark.parametrize("strange", NOT_IDS)
def test_what_no_id_looks_like_is_not_there(ticking: Ticking, strange: str) -> None:
    store = ticking.store
    measure(store)
    looks: list[Callable[[str], object]] = [store.decision, store.decision_version, store.job]
    looks += [partial(look, MEASURE) for look in (store.latest, store.version, store.done, store.finished)]
    looks += [partial(store.history, MEASURE), store.rounds, store.cancel_requested]
    assert not any(look(strange) for look in looks)
    uses: list[Callable[[str], object]] = [store.rotate_edit_key, store.delete_decision, store.request_cancel]
    uses += [store.resume, lambda name: store.enqueue(MEASURE, RunRequest(), decision_id=name)]
    uses += [lambda name: store.change_answers(name, grow_team), lambda name: store.grant_edit(name, "key", "ana")]
    for use in uses:
        with pytest.raises(NotFoundError):
            use(strange)


# ------------------------------------------------------------------------------------ how many


def test_an_address_begins_so_many_decisions_a_day(ticking: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.queue.quotas.DECISIONS_OF_AN_ADDRESS", 4)
    store = ticking.store
    for _ in range(4):
        store.create_decision(Answers(), address="here")
    with pytest.raises(QuotaError, match="4 decisions"):
        store.create_decision(Answers(), address="here")
    store.create_decision(Answers(), address="elsewhere")
    ticking.passes(days=1, seconds=1)
    store.create_decision(Answers(), address="here")


def test_there_is_an_end_to_decisions(ticking: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.queue.quotas.DECISIONS_IN_ALL", 3)
    for number in range(3):
        ticking.store.create_decision(Answers(), address=str(number))
    with pytest.raises(QuotaError, match="purge"):
        ticking.store.create_decision(Answers(), address="3")
    with ticking.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(DecisionRow)) == 3
    check_decisions(0, 2)
