"""From a database of the first schema to today's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect, text

from advisor.answers import Answers
from advisor.measured.conditions import KnownResult, met
from advisor.queue.kinds import CHECK, CheckRequest
from advisor.storage import SqlJobs, SqlStore, StoreError, open_database
from advisor.storage.migrations import MIGRATIONS, VERSION, migrate
from advisor.storage.tables import SchemaRow
from probes.schema import Outcome, RunResult, to_json
from tests import databases, samples
from tests.fakes import FakeRunner, FixedClock

#: As version 1 made them (November 2026); what SQLite knows as DATETIME is TIMESTAMP here, which both know.
FIRST_TABLES = """
CREATE TABLE fulcrum_schema (version INTEGER NOT NULL PRIMARY KEY);
CREATE TABLE decision (id VARCHAR(64) NOT NULL PRIMARY KEY, edit_key VARCHAR(64) NOT NULL, owner VARCHAR(64) NOT NULL,
    version INTEGER NOT NULL, answers TEXT NOT NULL, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL);
CREATE TABLE run (seq {number} NOT NULL PRIMARY KEY, id VARCHAR(64) NOT NULL UNIQUE, decision_id VARCHAR(64) NOT NULL
    REFERENCES decision (id) ON DELETE CASCADE, status VARCHAR(16) NOT NULL, version INTEGER NOT NULL,
    request TEXT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL, fraction FLOAT NOT NULL,
    planned_rounds INTEGER NOT NULL, finished_rounds INTEGER NOT NULL, cancel_requested BOOLEAN NOT NULL,
    attempts INTEGER NOT NULL, worker VARCHAR(128) NOT NULL, result TEXT, created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL);
CREATE INDEX run_by_status ON run (status, seq);
CREATE INDEX ix_run_decision_id ON run (decision_id);
CREATE TABLE round (run_id VARCHAR(64) NOT NULL REFERENCES run (id) ON DELETE CASCADE, number INTEGER NOT NULL,
    data TEXT NOT NULL, PRIMARY KEY (run_id, number));
INSERT INTO fulcrum_schema VALUES (1);
INSERT INTO decision VALUES ('d1', 'key', '', 1, '{"schema": 1, "stage": "prototype"}',
    '2026-11-01 09:00:00.000000', '2026-11-01 09:00:00.000000');
"""
ADD_RUN = text(
    "INSERT INTO run VALUES (:seq, :id, 'd1', :status, 3, :request, '', '', 1.0, 2, 2, FALSE, 1, 'w', :result, "
    "'2026-11-02 09:00:00.000000', '2026-11-02 09:05:00.000000')"
)


@pytest.fixture(params=databases.SQL)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with databases.new(request.param, tmp_path) as found:
        yield found


def first_database(url: str, *runs: tuple[str, RunResult | None]) -> Engine:
    """A database of schema 1 with one decision, ``d1``, and its runs ``r1`` …: status and result."""
    engine = create_engine(url, poolclass=NullPool)
    number = "INTEGER" if engine.dialect.name == "sqlite" else "SERIAL"
    with engine.begin() as connection:
        for statement in filter(None, FIRST_TABLES.replace("{number}", number).split(";\n")):
            connection.exec_driver_sql(statement)
        for seq, (status, result) in enumerate(runs, start=1):
            said = to_json(result) if result else None
            values = {"seq": seq, "id": f"r{seq}", "status": status, "request": "{}", "result": said}
            connection.execute(ADD_RUN, values)
    return engine


def opened(url: str, *runs: tuple[str, RunResult | None]) -> SqlStore:
    first_database(url, *runs)
    return SqlStore(open_database(url), FixedClock())


def test_an_older_database_keeps_its_rows_and_learns_what_is_new(url: str) -> None:
    recording = FakeRunner.replay("quick.json").recording
    store = opened(url, ("done", recording))
    decision, run = store.decision("d1"), store.run("r1")
    assert decision is not None
    assert run is not None
    assert decision.answers == Answers(stage="prototype")
    assert (run.result, run.taken_over) == (recording, False)
    store.beat("here", 41)
    assert store.executor().alive


def test_what_was_measured_before_the_upgrade_is_found(url: str) -> None:
    recording = FakeRunner.replay("quick.json").recording
    results = (replace(recording.results[0], provisional=True), replace(recording.results[1], outcome=Outcome.FAILED))
    partly = replace(recording, results=(*results, *recording.results[2:]))
    undated = replace(recording, results=(replace(recording.results[0], measured_at=""),), started_at="")
    runs = (("done", partly), ("running", recording), ("failed", None), ("done", undated))
    store = opened(url, *runs)
    moment = datetime(2026, 11, 23, 11, 41, 34, tzinfo=UTC)
    newest = [KnownResult(row.probe, "r1", moment, own=True) for row in recording.results[2:]]
    newest.append(KnownResult(recording.results[0].probe, "r4", datetime(2026, 11, 2, 9, 5, tzinfo=UTC), own=True))
    found = store.known(met(recording), decision_id="d1")
    assert sorted(found, key=lambda item: item.probe) == sorted(newest, key=lambda item: item.probe)


def test_a_migration_finds_what_the_store_itself_would_have_kept(url: str, connect: Callable[[], Engine]) -> None:
    """The two say the same in different words, because an old migration never changes."""
    recording = FakeRunner.replay("quick.json").recording
    old = opened(url, ("done", recording))
    new = SqlStore(connect(), FixedClock())
    new.adopt(new.create_decision(Answers()).id, recording)
    before, after = (
        {(item.probe, item.measured_at) for item in store.known(met(recording), decision_id="")} for store in (old, new)
    )
    assert before == after != set()


def test_self_checks_of_before_are_jobs(url: str) -> None:
    """Schema 4 had a table of their own for them."""
    add = text(
        "INSERT INTO self_check VALUES (:seq, :id, :form, :status, 4, 'm', 0.5, 'r', :result, FALSE, 'w', "
        "'2026-11-02 09:05:00.000000')"
    )
    with first_database(url).begin() as connection:
        for step in MIGRATIONS[:3]:
            step(connection)
        connection.execute(SchemaRow.__table__.update().values(version=4))
        for seq, (form, status) in enumerate([("standard", "done"), ("quick", "done"), ("quick", "running")], start=7):
            said = to_json(samples.check()) if status == "done" else None
            values = {"seq": seq, "id": f"c{seq}", "form": form, "status": status, "result": said}
            connection.execute(add, values)
    jobs = SqlJobs(open_database(url), FixedClock())
    latest, calibrated, checked = jobs.latest(CHECK), jobs.done(CHECK, "standard"), jobs.done(CHECK)
    assert latest is not None
    assert (latest.id, latest.status, latest.message, latest.reason, latest.version) == ("c9", "running", "m", "r", 4)
    assert latest.updated_at == datetime(2026, 11, 2, 9, 5, tzinfo=UTC)
    assert calibrated is not None
    assert (calibrated.id, calibrated.request, calibrated.result) == ("c7", CheckRequest("standard"), samples.check())
    assert checked is not None
    assert checked.id == "c8", "the order stays"
    jobs.recover("w")
    jobs.enqueue(CHECK, CheckRequest())
    claimed = jobs.claim("here")
    assert claimed is not None
    assert claimed.request == CheckRequest("quick")


def test_what_waited_before_the_upgrade_keeps_its_place_and_what_ran_can_be_taken_up(url: str) -> None:
    """Schema 5 knew neither who asked nor since when, and gave jobs no number of attempts."""
    job = text(
        "INSERT INTO job (id, kind, subject, request, status, version, message, fraction, reason, result, "
        "cancel_requested, worker, updated_at) VALUES (:id, 'check', 'quick', '{}', :status, 1, '', 0.0, '', NULL, "
        "FALSE, :worker, '2026-11-02 09:01:00.000000')"
    )
    with first_database(url, ("queued", None), ("running", None)).begin() as connection:
        for step in MIGRATIONS[:4]:
            step(connection)
        connection.execute(SchemaRow.__table__.update().values(version=5))
        connection.execute(job, {"id": "waits", "status": "queued", "worker": ""})
        connection.execute(job, {"id": "runs", "status": "running", "worker": "w"})
    engine = open_database(url)
    store, jobs = SqlStore(engine, FixedClock()), SqlJobs(engine, FixedClock())
    assert [(entry.id, entry.status) for entry in store.queue()] == [
        ("r2", "running"),
        ("runs", "running"),
        ("r1", "queued"),
        ("waits", "queued"),
    ]
    created = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert {entry.since for entry in store.queue() if entry.id.startswith("r") and len(entry.id) == 2} == {created}
    decision = store.decision("d1")
    assert decision is not None
    assert (decision.editors, store.grant_edit("d1", "key", "ana")) == (frozenset(), True)
    store.recover("w")
    jobs.recover("w")
    claimed, taken = store.claim("here"), jobs.claim("here")
    assert claimed is not None
    assert taken is not None
    assert (claimed.id, claimed.attempts, claimed.owner) == ("r1", 2, "")
    assert (taken.id, taken.attempts) == ("waits", 1)
    store.finish("r1", "done")
    jobs.finish("waits", "done")
    store.delete_decision("d1")
    assert store.run("r1") is None, "the old tables' rows go with their decision too"


def test_migrated_tables_are_those_of_a_new_database(url: str, connect: Callable[[], Engine]) -> None:
    """A migration that forgot a column or an index would show only when somebody updates."""

    def shape(connection: Connection) -> set[tuple[object, ...]]:
        found, tables = inspect(connection), inspect(connection).get_table_names()
        columns = {(t, c["name"], c["nullable"]) for t in tables for c in found.get_columns(t)}
        return columns | {(t, tuple(i["column_names"])) for t in tables for i in found.get_indexes(t)}

    new, old = connect(), first_database(url)
    with new.connect() as connection:
        fresh = shape(connection)
    with old.begin() as connection:
        migrate(connection)
        assert new.dialect.name != old.dialect.name or shape(connection) == fresh
        assert connection.scalar(text("SELECT version FROM fulcrum_schema")) == VERSION


def test_a_newer_database_is_refused(connect: Callable[[], Engine]) -> None:
    with connect().begin() as connection:
        connection.execute(SchemaRow.__table__.update().values(version=99))
    with pytest.raises(StoreError, match="schema 99"):
        connect()
