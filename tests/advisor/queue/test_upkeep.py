"""``python -m advisor queue|cancel|purge|backup``."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor import wiring
from advisor.__main__ import main
from advisor.ports import Services, StoreUnavailableError
from advisor.queue import upkeep
from advisor.queue.kinds import CHECK, CheckRequest
from advisor.storage import SqlStore, open_database
from advisor.storage.rows import token
from tests import databases
from tests.advisor.storage.test_queue import ANA, BOB, EVE
from tests.stores import Run, measure


@pytest.fixture
def services() -> Services:
    return wiring.build()


def asked(services: Services) -> Run:
    return measure(services.store, by=ANA)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(arguments) == status
    captured = capsys.readouterr()
    assert bool(captured.out) == (status == 0)
    assert len(captured.err.splitlines()) == (status != 0), "a refusal is one line"
    return captured.out or captured.err


def test_an_empty_queue_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing" in said(capsys, "queue")
    assert json.loads(said(capsys, "queue", "--json")) == []


def test_the_queue_names_what_runs_and_waits_and_of_whom(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    run = asked(services)
    services.store.claim("this-machine")
    services.store.tell(run.id, "Round 2 of 5", 0.4, planned_rounds=5)
    job = services.store.enqueue(CHECK, CheckRequest(), BOB)
    head, first, second = said(capsys, "queue").splitlines()
    assert head.split() == ["id", "work", "of", "on", "by", "from", "since"]
    assert first.startswith(run.id)
    assert all(part in first for part in ("running", "run", " here ", " ana ", "40 % Round 2 of 5, on this-machine"))
    assert run.subject not in first, "that would be the link to it"
    assert second.startswith(job.id)
    assert all(part in second for part in ("waiting", "check", "quick", " bob "))
    rows = json.loads(said(capsys, "queue", "--json"))
    assert [(row["id"], row["status"], row["subject"]) for row in rows] == [
        (run.id, "running", run.subject),
        (job.id, "waiting", "quick"),
    ]


def test_cancel_finds_runs_and_jobs(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    run = asked(services)
    job = services.store.enqueue(CHECK, CheckRequest(), BOB)
    said(capsys, "cancel", run.id)
    said(capsys, "cancel", job.id)
    assert services.store.queue() == ()
    assert "nothing-like-it" in said(capsys, "cancel", "nothing-like-it", status=2)


def test_cancel_all_that_waits_leaves_what_is_under_way(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    run = asked(services)
    services.store.claim("here")
    services.store.enqueue(CHECK, CheckRequest(), BOB)
    measure(services.store, by=EVE)
    assert said(capsys, "cancel", "--all-waiting").startswith("2 ")
    assert [(entry.id, entry.status) for entry in services.store.queue()] == [(run.id, "running")]
    assert not services.store.cancel_requested(run.id)


def test_purge_says_what_and_how_much(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    run = asked(services)
    assert "0 decisions" in said(capsys, "purge", "--older-than", "1")
    assert "To be deleted: 1 decision, 1 run" in said(capsys, "purge", f"--decision={run.subject}", "--dry-run")
    assert "Deleted: 1 decision" in said(capsys, "purge", f"--decision={run.subject}")
    assert run.subject in said(capsys, "purge", f"--decision={run.subject}", status=2)


@pytest.mark.parametrize("arguments", [["cancel"], ["purge", "--older-than", "0"], ["purge", "--older-than", "-3"]])
def test_bad_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_a_database_that_fails_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise StoreUnavailableError("the disk is full")

    monkeypatch.setattr(SqlStore, "queue", fail)
    assert "the disk is full" in said(capsys, "queue", status=1)


def test_a_backup_is_whole_while_others_write(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, target = asked(services), tmp_path / "copy.db"
    services.store.claim("here")
    services.store.tell(run.id, "one", 0.1, planned_rounds=2)
    before = services.store.job(run.id)
    with services.store._writing() as session:  # type: ignore[attr-defined]
        session.connection().exec_driver_sql("UPDATE job SET message = 'not yet'")
        said(capsys, "backup", str(target))
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.db"]
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert SqlStore(open_database(f"sqlite:///{target}")).job(run.id) == before
    assert "exists already" in said(capsys, "backup", str(target), status=2)


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wiring.build()
    assert "can't be written" in said(capsys, "backup", str(tmp_path / "nowhere" / "copy.db"), status=2)
    assert "can't be written" in said(capsys, "backup", str(tmp_path / ("x" * 300)), status=2)
    with pytest.MonkeyPatch.context() as patch:

        def fail(*_: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        patch.setattr("advisor.storage.backup._copy", fail)
        assert "disk is full" in said(capsys, "backup", str(tmp_path / "copy.db"), status=2)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("copy")]


@pytest.mark.skipif(not databases.POSTGRESQL, reason="FULCRUM_TEST_POSTGRESQL names no server")
def test_postgresql_has_a_command_of_its_own_for_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases.new("postgresql", tmp_path) as url:
        monkeypatch.setenv("FULCRUM_DATABASE_URL", url)
        assert "pg_dump" in said(capsys, "backup", str(tmp_path / "copy.db"), status=2)


@given(st.integers(9, 24))
def test_no_id_looks_like_an_option(size: int) -> None:
    assert not token(size).startswith("-")


def test_since_is_short() -> None:
    assert [upkeep._ago(timedelta(seconds=s)) for s in (-3, 59, 61, 7199, 7200, 90_000)] == [
        "0 s",
        "59 s",
        "1 min",
        "119 min",
        "2 h 0 min",
        "25 h 0 min",
    ]
