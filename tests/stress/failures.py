"""What a page says when its answers can't be stored, and what is left then: ``python -m tests.stress.failures``.

The real app on loopback, an editor in a page, and one after the other: a full disk, a database that another process
keeps locked, one that was moved away or replaced under the running server, a damaged one, PostgreSQL stopped. In each
the editor changes an answer. The page must say why it isn't saved, and the answer be stored when the trouble is over.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from advisor.answers import Answers
from scripts.driving import free_port
from tests.processes import wait_until
from tests.streamlit_client import Drawn, clicked
from tests.stress.apps import App, machine, renamed, said_because

BEFORE, DURING = "Said before", "Said meanwhile"
SMALL_MB: Final = 6


class NotHereError(Exception):
    """This trouble can't be made on this machine; the text says why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visitor saw of one trouble."""

    trouble: str
    said: str
    seconds: float  # until the page said so
    shows: bool  # whether there still was a page to go on with
    stored: bool  # whether the change is stored in the end

    @property
    def right(self) -> bool:
        return bool(self.said) and self.shows and self.stored


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every trouble that could be made was said and survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.failures")
    parser.add_argument("--only", choices=TROUBLES, action="append", help="may be given more than once")
    options = parser.parse_args(arguments)
    print("| trouble | what was said | after | the page stood | stored in the end |\n|---|---|---|---|---|")
    wrong = 0
    for name in options.only or TROUBLES:
        with tempfile.TemporaryDirectory(prefix="failures-") as folder:
            try:
                seen = TROUBLES[name](Path(folder))
            except NotHereError as error:
                print(f"| {name} | not tried: {error} | | | |")
                continue
        wrong += not seen.right
        print(f"| {seen.trouble} | {seen.said} | {seen.seconds:.1f} s | {seen.shows} | {seen.stored} |", flush=True)
    print(machine())
    return bool(wrong)


def change_during(trouble: str, app: App, meanwhile: Callable[[], AbstractContextManager[None]]) -> Seen:
    """Change an answer while ``meanwhile`` is entered, and save it again when it is over."""
    app.start()
    try:
        store = app.services().store
        record = store.create_decision(Answers())
        with app.editor(record).page("", f"decision={record.id}") as tab:
            page = renamed(tab, tab.run(), BEFORE)
            start = time.monotonic()
            with meanwhile():
                failed = renamed(tab, page, DURING)
                seconds = time.monotonic() - start
                shows = bool(failed.widgets)
            again = _saved_again(tab.run, {**page.widgets, **failed.widgets})
        stored = app.services().store.decision(record.id)
        kept = again and stored is not None and stored.answers.project.name == DURING
        return Seen(trouble, said_because(failed), seconds, shows, kept)
    finally:
        app.stop()


def _saved_again(run: Callable[..., Drawn], widgets: Mapping[str, str]) -> bool:
    """Press «Save again» until nothing on the page is unsaved any more."""

    def saved() -> bool:
        drawn = run(clicked(widgets["save-again"])) if "save-again" in widgets else run()
        return "save-again" not in drawn.widgets and DURING in drawn.text

    return wait_until(saved, "the answer to be saved again", 40)


# ------------------------------------------------------------------------------------------- the troubles


def full_disk(folder: Path) -> Seen:
    """A file system of a few megabytes, filled to the last byte."""
    app = App(folder)
    with _small_disk(app.data):
        filler = app.data / "filler"

        @contextmanager
        def filled() -> Iterator[None]:
            with suppress(OSError), filler.open("wb", buffering=0) as out:
                while out.write(b"x" * 512):
                    pass
            yield
            filler.unlink()

        return change_during("the disk is full", app, filled)


@contextmanager
def _small_disk(place: Path) -> Iterator[None]:
    options = ["-t", "tmpfs", "-o", f"size={SMALL_MB}m,mode=700", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(["mount", *options], capture_output=True).returncode:
        raise NotHereError("a small file system can't be mounted here; it takes root")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)


def refusing_disk(folder: Path) -> Seen:
    """The server's process may write no file beyond its first byte: a quota, or a disk that fails."""
    app = App(folder)
    if not hasattr(psutil, "RLIMIT_FSIZE"):
        raise NotHereError("limits of another process are Linux's")

    @contextmanager
    def limited() -> Iterator[None]:
        assert app.process is not None
        _, hard = app.process.rlimit(psutil.RLIMIT_FSIZE)
        app.process.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
        yield
        app.process.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))

    return change_during("the disk refuses", app, limited)


def locked(folder: Path) -> Seen:
    """Another program holds the database for longer than anybody waits."""
    app = App(folder)

    @contextmanager
    def held() -> Iterator[None]:
        with closing(sqlite3.connect(app.data / "fulcrum.db", timeout=20, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    return change_during("the database is locked", app, held)


def moved_away(folder: Path) -> Seen:
    """Somebody tidies up under the running server, and puts it back."""
    app = App(folder)
    names = ("fulcrum.db", "fulcrum.db-wal", "fulcrum.db-shm")

    @contextmanager
    def away() -> Iterator[None]:
        for name in names:
            (app.data / name).rename(folder / name)
        yield
        for name in names:
            if (folder / name).exists():
                (folder / name).replace(app.data / name)

    return change_during("the database's file is gone", app, away)


def damaged(folder: Path) -> Seen:
    """A server that finds a damaged database doesn't start; with the backup in its place it does."""
    app = App(folder)
    file, kept = app.data / "fulcrum.db", folder / "backup.db"
    try:
        app.start()
        record = app.services().store.create_decision(Answers())
        app.stop()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(file, kept)
        with file.open("r+b") as spoilt:
            spoilt.seek(4096)
            spoilt.write(os.urandom(file.stat().st_size - 4096))
        start = time.monotonic()
        code = app.launch().wait(120)
        seconds = time.monotonic() - start
        said = app.said().strip().splitlines()[-1]
        shutil.copy(kept, file)
        app.start()
        found = app.services().store.decision(record.id)
    finally:
        app.stop()
    return Seen("the database is damaged", said if code == 1 else "", seconds, True, found == record)


def postgresql_stopped(folder: Path) -> Seen:
    """The database server ends at once, as in a crash, and comes back."""
    with _postgresql() as (url, control):

        @contextmanager
        def stopped() -> Iterator[None]:
            control("-m", "immediate", "stop")
            yield
            control("start")

        return change_during("PostgreSQL is stopped", App(folder, {"FULCRUM_DATABASE_URL": url}), stopped)


@contextmanager
def _postgresql() -> Iterator[tuple[str, Callable[..., None]]]:
    """A server of its own on a socket in a private folder: its URL, and what pg_ctl does to it."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or os.geteuid() != 0 or shutil.which("runuser") is None:
        raise NotHereError("it takes Debian's PostgreSQL, and root to become its user")
    with tempfile.TemporaryDirectory(prefix="pg-") as place, ExitStack() as stack:
        shutil.chown(place, "postgres")

        def call(program: str, *rest: str) -> None:
            command = ["runuser", "-u", "postgres", "--", str(programs[-1] / program), *rest]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

        call("initdb", "-A", "trust", "-U", "fulcrum", "-D", f"{place}/data")
        port = free_port()
        options = f"-k {place} -p {port} -c listen_addresses="

        def control(*rest: str) -> None:
            call("pg_ctl", "-w", "-D", f"{place}/data", "-o", options, "-l", f"{place}/log", *rest)

        control("start")
        stack.callback(call, "pg_ctl", "-D", f"{place}/data", "-m", "immediate", "stop")
        yield f"postgresql+psycopg://fulcrum@/postgres?host={place}&port={port}", control


TROUBLES: Final[Mapping[str, Callable[[Path], Seen]]] = {
    "full": full_disk,
    "refusing": refusing_disk,
    "locked": locked,
    "moved": moved_away,
    "damaged": damaged,
    "postgresql": postgresql_stopped,
}

if __name__ == "__main__":
    sys.exit(main())
