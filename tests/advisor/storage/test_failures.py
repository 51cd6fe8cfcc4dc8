"""What goes wrong with a database is said in a sentence, and nothing is half written."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, make_url, text

from advisor.answers import Answers, Project
from advisor.ports import StoreUnavailableError
from advisor.queue.kinds import CHECK, MEASURE, CheckRequest
from advisor.storage import SqlStore, StoreError, database, failures, open_database
from advisor.storage.tables import Base
from probes.schema import RunRequest
from tests import databases

NAMED = Answers(project=Project(name="Shelf scanner"))
ON_POSTGRESQL = pytest.mark.skipif(not databases.POSTGRESQL, reason="FULCRUM_TEST_POSTGRESQL names no server")
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes and files that are deleted while open")


def unavailable(use: Callable[[], object], reason: str) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        use()
    assert caught.value.reason == str(caught.value) == reason


@contextmanager
def held(kind: str, engine: Engine) -> Iterator[None]:
    """As if another process hung in the middle of a write."""
    with database._writing(engine).begin() as connection:
        connection.execute(text("SELECT 1"))
        yield


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", databases.SQL)
def test_locked_by_another_process(kind: str, tmp_path: Path) -> None:
    with databases.opened(kind, tmp_path) as connect:
        store, hung = SqlStore(connect()), connect()
        made = store.create_decision(Answers())
        with held(kind, hung):
            unavailable(lambda: store.change_answers(made.id, lambda _: NAMED), failures.LOCKED)
            unavailable(lambda: store.beat("here", 1), failures.LOCKED)
            unavailable(lambda: store.enqueue(CHECK, CheckRequest()), failures.LOCKED)
            assert store.decision(made.id) == made, "readers wait for nobody"
        assert store.change_answers(made.id, lambda _: NAMED).after.version == 2


@pytest.mark.usefixtures("impatient")
def test_too_many_writers_of_this_process(tmp_path: Path) -> None:
    with databases.opened("sqlite", tmp_path) as connect:
        store = SqlStore(connect())
        with store._writing():
            unavailable(lambda: store.beat("here", 1), failures.BUSY)
        store.beat("here", 1)


@ON_POSTGRESQL
@pytest.mark.usefixtures("impatient")
def test_another_fulcrum_in_the_same_database_is_not_waited_for(tmp_path: Path) -> None:
    with databases.opened("postgresql", tmp_path) as one, databases.opened("postgresql", tmp_path) as other:
        store, hung = SqlStore(one()), other()
        with held("postgresql", hung):
            made = store.create_decision(Answers())
            assert store.decision(made.id) == made


@pytest.mark.parametrize("kind", databases.SQL)
def test_the_schema_is_gone(kind: str, tmp_path: Path) -> None:
    with databases.opened(kind, tmp_path) as connect:
        engine = connect()
        store = SqlStore(engine)
        with engine.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name != "fulcrum_schema":
                    table.drop(connection)
        for use in (
            lambda: store.decision("x"),
            lambda: store.create_decision(Answers()),
            store.queue,
            store.executor,
            lambda: store.latest(CHECK),
        ):
            unavailable(use, failures.NO_TABLES)


def limited(tmp_path: Path, pragma: str) -> tuple[SqlStore, Engine]:
    """A store each of whose connections has a limit from now on."""
    engine = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma}"))
    return SqlStore(engine), engine


def test_the_disk_is_full(tmp_path: Path) -> None:
    store, _ = limited(tmp_path, "max_page_count=1")
    made = store.create_decision(Answers())
    unavailable(lambda: [store.create_decision(NAMED, address=str(n)) for n in range(100)], failures.FULL)
    assert store.decision(made.id) == made


def test_read_only(tmp_path: Path) -> None:
    store, _ = limited(tmp_path, "query_only=ON")
    unavailable(lambda: store.create_decision(Answers()), failures.READ_ONLY)
    assert store.executor().alive is False


@ON_POSTGRESQL
def test_the_server_is_away_and_comes_back(tmp_path: Path) -> None:
    real = make_url(databases.POSTGRESQL)
    if not str(real.query.get("host", "")).startswith("/"):
        pytest.skip("needs a server on a socket, whose folder can be moved out of sight")
    door, url = tmp_path / "s", str(real.query["host"])
    door.symlink_to(url)
    with databases.new("postgresql", tmp_path) as own:
        engine = open_database(
            make_url(own).update_query_dict({"host": str(door)}).render_as_string(hide_password=False)
        )
        store = SqlStore(engine)
        made = store.create_decision(Answers())
        door.unlink()
        engine.dispose()
        unavailable(lambda: store.decision(made.id), failures.AWAY)
        unavailable(lambda: store.create_decision(Answers()), failures.AWAY)
        door.symlink_to(url)
        assert store.decision(made.id) == made
        with engine.connect() as connection:  # the server ends its connections, as when it is restarted
            killed = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = pg_backend_pid()"
            with pytest.raises(Exception, match="terminat"):
                connection.execute(text(killed))
        assert store.decision(made.id) == made, "at the next look"
        engine.dispose()


@ON_POSIX
@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_file_that_is_no_longer_there_is_not_written_to(how: str, tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    store = SqlStore(open_database(f"sqlite:///{file}"))
    made = store.create_decision(Answers())
    file.rename(tmp_path / "moved.db")
    if how == "replaced":
        open_database(f"sqlite:///{file}").dispose()
    for use in (
        lambda: store.create_decision(Answers()),
        lambda: store.enqueue(MEASURE, RunRequest(), decision_id=made.id),
        lambda: store.beat("here", 1),
    ):
        with pytest.raises(StoreUnavailableError, match=f"{how}.*restarted"):
            use()
    assert file.exists() == (how == "replaced"), "no empty one is made in its place"


def test_a_mistake_of_ours_is_no_failure_of_the_database(tmp_path: Path) -> None:
    store = SqlStore(open_database(f"sqlite:///{tmp_path / 'x.db'}"))
    made = store.create_decision(Answers())
    with pytest.raises(ZeroDivisionError):
        store.change_answers(made.id, lambda _: 1 / 0)  # type: ignore[arg-type, return-value]


# ------------------------------------------------------------------------------------ at the start


@pytest.mark.parametrize("damage", ["header", "middle", "none"])
def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "x.db"
    engine = open_database(f"sqlite:///{file}")
    store = SqlStore(engine)
    for number in range(150):
        store.create_decision(NAMED, address=str(number))
    engine.dispose()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    where = {"header": slice(0, 100), "middle": slice(len(content) // 2, None), "none": slice(0, 0)}[damage]
    content[where] = bytes([0x5A]) * len(content[where])
    file.write_bytes(content)
    if damage == "none":
        open_database(f"sqlite:///{file}").dispose()
        return
    with pytest.raises(StoreError, match=r"damaged.*backup") as caught:
        open_database(f"sqlite:///{file}")
    assert "\n" not in str(caught.value)


@ON_POSIX
def test_the_database_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    before = os.umask(0)
    try:
        store = SqlStore(open_database(f"sqlite:///{file}"))
        store.create_decision(Answers())
        assert {path.name for path in tmp_path.iterdir()} == {"x.db", "x.db-wal", "x.db-shm", "x.db-lock"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
        for path in tmp_path.iterdir():
            path.chmod(0o644)
        open_database(f"sqlite:///{file}").dispose()
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}, "also what was there"
    finally:
        os.umask(before)


def test_what_is_deleted_is_gone_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    engine = open_database(f"sqlite:///{file}")
    store = SqlStore(engine)
    made = store.create_decision(Answers(project=Project(name="Ann Confidential")))
    store.delete_decision(made.id)
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA secure_delete")) == 1, "some builds of SQLite do so by themselves"
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"CREATE TABLE decision" in left
    assert b"Confidential" not in left


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+nosuchdriver://me:sesame@127.0.0.1/db",
        "postgresql+psycopg://me:sesame@127.0.0.1:1/db",
        "postgresql+psycopg://127.0.0.1:1/db?password=sesame",
        "postgresql+psycopg://127.0.0.1:1/db?user=me&password=sesame&sslpassword=sesame",
        "postgresql+psycopg://me:sesame@with@127.0.0.1:port/db",
        "postgresql+psycopg://me:se:sesame/@127.0.0.1:1/db",
        "mysql+pymysql://me:sesame@127.0.0.1/db",
        "sqlite:////proc/nowhere/x.db",
        "sesame",
    ],
)
def test_passwords_stay_out_of_messages(url: str) -> None:
    with pytest.raises(StoreError, match="FULCRUM_DATABASE_URL") as caught:
        open_database(url)
    assert "sesame" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_user_and_a_host_are_named_where_that_helps() -> None:
    with pytest.raises(StoreError, match=r"me:\*\*\*@127.0.0.1:1/db"):
        open_database("postgresql+psycopg://me:sesame@127.0.0.1:1/db?application_name=x")


def test_every_method_goes_through_the_door_that_states_failures() -> None:
    """Nothing in the storage opens a session past ``database.reading`` and ``writing``."""
    folder = Path(database.__file__).parent
    files = {path.name: path.read_text() for path in folder.glob("*.py")}
    assert {name for name, source in files.items() if "Session(" in source} == {"database.py"}
    assert {name for name, source in files.items() if ".connect()" in source} == {"database.py"}
