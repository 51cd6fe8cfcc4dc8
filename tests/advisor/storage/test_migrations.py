"""From a database of before Alembic to today's, on a real one of that time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    MetaData,
    NullPool,
    create_engine,
    func,
    inspect,
    select,
    text,
)

from advisor.answers import Answers, Project
from advisor.measured.conditions import met
from advisor.queue.kinds import CHECK, ENVIRONMENT, KINDS, MEASURE, ROUTES, SERVING, CheckRequest
from advisor.storage import SqlStore, StoreError, migrations, open_database
from advisor.storage.tables import Base, JobRow, RoundRow
from probes.schema import Outcome
from tests import databases, samples
from tests.fakes import TESTS, FixedClock
from tests.stores import the

#: Four decisions with their editors, runs in every state and jobs of every kind, as the last Fulcrum before wrote them.
SCHEMA_6 = (TESTS / "golden" / "schema_6.sql").read_text(encoding="utf-8")
FIRST, SECOND, THIRD, FOURTH = (f"decision-00{number}-{'x' * 12}" for number in (1, 3, 5, 7))
HOST = "host-0123456789abcdef"


@pytest.fixture(params=databases.SQL)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with databases.new(request.param, tmp_path) as found:
        yield found


def old_database(url: str, folder: Path) -> Engine:
    """A database of schema 6: SQLite's is loaded as it was, PostgreSQL gets the same tables and rows."""
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        with sqlite3.connect(str(engine.url.database)) as connection:
            connection.executescript(SCHEMA_6)
        connection.close()
        return engine
    source, tables = old_database(f"sqlite:///{folder / 'source.db'}", folder), MetaData()
    tables.reflect(source)
    for table in tables.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, DateTime):
                column.type = DateTime()
    tables.create_all(engine)
    with source.connect() as reading, engine.begin() as writing:
        for table in tables.sorted_tables:
            writing.execute(table.insert(), [dict(row._mapping) for row in reading.execute(select(table))])
    return engine


@pytest.fixture
def store(url: str, tmp_path: Path) -> SqlStore:
    """What such a database becomes."""
    old_database(url, tmp_path)
    return SqlStore(open_database(url), FixedClock(datetime(2026, 11, 28, 10, 0, tzinfo=UTC)))


def test_decisions_stay_with_who_may_edit_them(store: SqlStore) -> None:
    first, second = the(store.decision(FIRST)), the(store.decision(SECOND))
    assert first.answers == Answers(project=Project(name="Shelf «scanner»"), stage="first-production")
    assert (first.owner, first.editors, first.version) == ("a" * 64, {"b" * 64, "c" * 64}, 2)
    assert (second.answers, second.owner, second.editors) == (Answers(stage="scaling"), "b" * 64, frozenset())
    assert store.grant_edit(SECOND, second.edit_key, "eve")
    assert store.executor().alive is False


def test_runs_are_jobs_of_their_decisions_with_results_and_rounds(store: SqlStore) -> None:
    cancelled, failed, done = (the(store.job(job_id)) for job_id, _ in store.history(MEASURE, FIRST))
    assert (done.status, done.kind, done.subject, done.owner, done.attempts) == ("done", MEASURE, FIRST, "a" * 64, 1)
    assert (done.planned_rounds, done.finished_rounds, len(done.result.rounds)) == (2, 2, 2)
    assert [row.outcome for row in done.result.results] == [Outcome.OK] * 2
    assert done.created_at == datetime(2026, 11, 28, 9, 1, 10, tzinfo=UTC)
    assert (failed.status, failed.reason, failed.finished_rounds) == ("failed", "OSError: no space left on device", 1)
    assert (cancelled.status, cancelled.finished_rounds) == ("cancelled", 1)
    assert [kept.complete for kept in cancelled.result.rounds] == [True, False], "the one that was cut off was in it"
    assert [kept.index for kept in store.rounds(cancelled.id)] == [0]
    (taken_over, _), (interrupted, _) = store.history(MEASURE, SECOND)
    adopted = the(store.job(taken_over))
    assert (adopted.taken_over, adopted.result.rounds) == (True, done.result.rounds)
    assert the(store.job(interrupted)).status == "interrupted"


def test_rounds_are_kept_once(store: SqlStore) -> None:
    with store._reading() as session:
        results = session.scalars(select(JobRow.result).where(JobRow.kind == MEASURE.name)).all()
        assert all('"rounds": []' in result for result in results if result)
        assert session.scalar(select(func.count()).select_from(RoundRow)) == 8 + 2, "rows, and what was cut off"


def test_what_was_measured_is_still_found(store: SqlStore) -> None:
    done = the(store.done(MEASURE, FIRST))
    assert done.result is not None
    known = store.known(met(done.result), decision_id=FIRST)
    own = {(item.probe, item.run_id) for item in known if item.own}
    assert own == {(row.probe, done.id) for row in done.result.results}
    assert all(item.own for item in known), "what another decision has is a copy of this"


def test_jobs_of_every_kind_stay_what_they_were(store: SqlStore) -> None:
    check = the(store.done(CHECK, "standard"))
    assert (check.request, check.result) == (CheckRequest("standard"), replace(samples.check(), form="standard"))
    assert [the(store.job(job_id)).subject for job_id, _ in store.finished(ROUTES)] == ["cnn", "mlp"], "newest first"
    assert the(store.done(SERVING, "mlp")).result is not None
    failed = the(store.latest(ENVIRONMENT, "executorch"))
    assert (failed.status, failed.reason) == ("failed", "needs about 1,100 MB, and 20 MB are free")
    assert failed.created_at <= failed.updated_at


def test_what_waited_keeps_its_place_and_what_ran_can_be_taken_up(store: SqlStore) -> None:
    assert [(entry.kind, entry.subject, entry.status) for entry in store.queue()] == [
        ("serving", "cnn", "running"),
        ("run", THIRD, "running"),
        ("run", FOURTH, "queued"),
        ("check", "quick", "queued"),
        ("environment", "jax", "queued"),
    ]
    store.recover(HOST)
    assert [entry.subject for entry in store.queue() if entry.status == "running"] == [], "the far one is silent"
    assert the(store.latest(SERVING, "cnn")).status == "failed"
    while (claimed := the(store.claim(HOST))).subject != THIRD:
        store.finish(claimed.id, "done")
    assert (claimed.attempts, len(store.rounds(claimed.id))) == (2, 1)
    interrupted = store.history(MEASURE, SECOND)[1][0]
    assert store.resume(interrupted).active
    new = store.enqueue(CHECK, CheckRequest("standard"))
    assert the(store.latest(CHECK)).id == new.id, "what comes now is the newest"


def test_rows_go_with_their_decision(store: SqlStore) -> None:
    with store._reading() as session:
        before = set(session.scalars(select(JobRow.kind)))
    assert MEASURE.name in before <= set(KINDS)
    for decision_id in (FIRST, SECOND, THIRD, FOURTH):
        store.delete_decision(decision_id)
    with store._reading() as session:
        assert session.scalar(select(func.count()).select_from(RoundRow)) == 0
        assert set(session.scalars(select(JobRow.kind))) == before - {MEASURE.name}


def test_an_upgraded_database_has_the_tables_of_a_new_one(
    url: str, connect_bare: Callable[[], Engine], tmp_path: Path
) -> None:
    """A step that forgot a column or an index would show only when somebody updates."""

    def shape(connection: Connection) -> set[tuple[object, ...]]:
        found, tables = inspect(connection), inspect(connection).get_table_names()
        columns = {(t, c["name"], c["nullable"], str(c["type"])) for t in tables for c in found.get_columns(t)}
        keys = {(t, str(key["constrained_columns"]), key["referred_table"], str(key["options"]))
                for t in tables for key in found.get_foreign_keys(t)}  # fmt: skip
        return columns | keys | {(t, tuple(i["column_names"])) for t in tables for i in found.get_indexes(t)}

    old_database(url, tmp_path)
    with connect_bare().connect() as fresh, open_database(url).connect() as upgraded:
        for connection in (fresh, upgraded):
            drawn_up = MigrationContext.configure(connection, opts={"compare_type": True})
            missing = [one for one in compare_metadata(drawn_up, Base.metadata) if "alembic_version" not in str(one)]
            assert missing == [], "they are what the classes say"
        if fresh.dialect.name == upgraded.dialect.name:
            assert shape(fresh) == shape(upgraded)


def test_the_newest_step_is_the_one_that_is_looked_for(connect_bare: Callable[[], Engine]) -> None:
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_heads() == [migrations.HEAD]
    with connect_bare().connect() as connection:
        assert migrations.schema_of(connection) == migrations.HEAD


@pytest.mark.parametrize("place", ["alembic_version SET version_num", "fulcrum_schema SET version"])
def test_a_database_of_another_time_is_refused(url: str, tmp_path: Path, place: str) -> None:
    if place.startswith("alembic"):
        open_database(url).dispose()
    else:
        old_database(url, tmp_path)
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(f"UPDATE {place} = '99'"))
    with pytest.raises(StoreError, match=f"schema 99, this Fulcrum knows {migrations.HEAD}: install"):
        open_database(url)


def test_a_fulcrum_of_before_refuses_what_is_newer(connect_bare: Callable[[], Engine]) -> None:
    """It knows 6, and looks there; without that table it would make its own beside ours."""
    with connect_bare().connect() as connection:
        assert connection.scalar(text("SELECT version FROM fulcrum_schema")) > 6


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(url: str, tmp_path: Path) -> None:
    """Half of it would be neither old nor new."""
    engine = old_database(url, tmp_path)

    def content() -> dict[str, int]:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            counted = {name: select(func.count()).select_from(sqlalchemy.table(name)) for name in sorted(tables)}
            return {name: connection.scalar(query) or 0 for name, query in counted.items()}

    before = content()
    with engine.begin() as connection:
        connection.execute(text("UPDATE run SET result = 'no JSON' WHERE seq = 7"))
    with pytest.raises(StoreError, match="Expecting value"):
        open_database(url)
    assert content() == before


def test_many_may_upgrade_at_once(url: str, tmp_path: Path) -> None:
    old_database(url, tmp_path)
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: SqlStore(open_database(url)), range(4)))
    assert {len(store.queue()) for store in stores} == {5}
