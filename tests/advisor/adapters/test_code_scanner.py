"""Uploads on the disk, and the process that scans: what it finds, refuses, and what every end leaves."""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import psutil
import pytest

from advisor.adapters import code_scanner
from advisor.adapters.code_scanner import FORGOTTEN_AFTER, ProcessScanner
from advisor.adapters.scan_process import locks
from advisor.effort.pins import clock_of
from advisor.ports import CodeScan
from advisor.queue.quotas import QuotaError
from probes.json_form import from_json, to_json
from tests import team_code
from tests.advisor.trees import scanned, written

posix = pytest.mark.skipif(os.name != "posix", reason="rights and pipes as POSIX has them")


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProcessScanner:
    """Over an empty folder, with scratch folders of its own."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    return ProcessScanner(tmp_path / "uploads")


def kept(scanner: ProcessScanner) -> set[str]:
    return {path.name for path in scanner._folder.iterdir()}


def scan(
    scanner: ProcessScanner,
    source: str,
    place: str,
    title: str = "shop.zip",
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> CodeScan | None:
    tell: Callable[[str, float], None] = lambda *_: None  # noqa: E731
    return scanner.scan(source, place, title, tell=tell, cancelled=cancelled)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------ uploads


@posix
def test_an_upload_is_its_owners_alone_until_it_is_discarded(scanner: ProcessScanner) -> None:
    name = scanner.keep(io.BytesIO(b"bytes"))
    assert kept(scanner) == {name}
    assert (scanner._folder / name).stat().st_mode & 0o077 == 0
    scanner.discard(name)
    scanner.discard(name)
    assert kept(scanner) == set()


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "", "0" * 31, "0" * 32 + "\n"])
def test_nothing_else_is_deleted_or_read_by_a_name(scanner: ProcessScanner, tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").write_bytes(b"kept")
    scanner.discard(name)
    assert (tmp_path / "outside").exists()
    with pytest.raises(ValueError, match="isn't there any more"):
        scan(scanner, "archive", name)


def test_too_much_is_refused_and_leaves_nothing(scanner: ProcessScanner, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = replace(code_scanner.ScanLimits(), archive_bytes=10)
    monkeypatch.setattr(code_scanner, "ScanLimits", lambda: limits)
    with pytest.raises(QuotaError, match="the most that is taken"):
        scanner.keep(io.BytesIO(b"12345678901"))
    monkeypatch.setattr(code_scanner, "MOST_WAITING", 15)
    first = scanner.keep(io.BytesIO(b"1234567890"))
    with pytest.raises(QuotaError, match="no room for one more upload"):
        scanner.keep(io.BytesIO(b"1234567890"))
    assert kept(scanner) == {first}


def test_what_nobody_waits_for_is_deleted_after_a_while(scanner: ProcessScanner) -> None:
    new, wanted, old = (scanner.keep(io.BytesIO(b"x")) for _ in range(3))
    for name in (wanted, old):
        then = time.time() - FORGOTTEN_AFTER - 1
        os.utime(scanner._folder / name, (then, then))
    assert scanner.tidy({wanted}) == 1
    assert kept(scanner) == {new, wanted}


# ------------------------------------------------------------------------------------ scans


def test_an_archive_is_read_in_a_process_of_its_own_and_told_of(scanner: ProcessScanner, tmp_path: Path) -> None:
    name = scanner.keep(team_code.upload())
    told: list[str] = []
    found = scanner.scan("archive", name, "shop.zip", tell=lambda what, _: told.append(what), cancelled=lambda: False)
    assert found is not None
    assert found.report is not None
    assert found.report.primary == "tensorflow"
    assert "with tf.Session() as session:" in found.lines
    assert [one.file for one in found.locks] == ["requirements.txt"]
    assert told[0] == "Unpacking"
    assert any("Reading source" in what for what in told)
    assert not list((tmp_path / "scratch").iterdir())


def test_where_nobody_may_make_links_an_upload_is_read_all_the_same(
    scanner: ProcessScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where links take a right that few have."""

    def refused(*_: object, **__: object) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refused)
    found = scan(scanner, "archive", scanner.keep(team_code.upload()))
    assert found is not None
    assert found.title == "shop.zip"


def test_what_is_kept_comes_back_as_it_was(scanner: ProcessScanner) -> None:
    found = team_code.scan()
    assert from_json(CodeScan, to_json(found)) == found


def test_a_folder_is_read_in_place(scanner: ProcessScanner, tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", team_code.PROJECT)
    before = sorted(tree.rglob("*"))
    found = scan(scanner, "folder", str(tree))
    assert found is not None
    assert found.report is not None
    assert found.report.coverage.sources == 3
    assert sorted(tree.rglob("*")) == before


def test_the_first_list_to_be_asked_is_the_one_that_the_command_asks(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "requirements-dev.txt": "torch==2.1.0\n", "environment.yml": "dependencies: [tensorflow=2.15]\n",
        "app/requirements.txt": "tensorflow==2.15.0\n", "docs/freeze.txt": "sphinx==7.0\n",
    }  # fmt: skip
    report = scanned(tmp_path, files)
    found = list(locks(tmp_path, report))
    assert found[0].file == clock_of(tmp_path, report, date(2026, 11, 29)).file
    assert {one.file for one in found} == {"requirements-dev.txt", "environment.yml", "app/requirements.txt"}


def test_a_list_of_packages_alone_has_pins_and_no_report(scanner: ProcessScanner) -> None:
    found = scan(scanner, "packages", scanner.keep(io.BytesIO(b"tensorflow==2.15.0\nnumpy==1.26.4\n")))
    assert found is not None
    assert found.report is None
    assert [pin.package for pin in found.locks[0].lock.pins] == ["tensorflow", "numpy"]


@pytest.mark.parametrize(
    ("source", "content", "says"),
    [
        ("archive", b"no archive", "'shop.zip' is neither a folder nor a zip or tar archive"),
        ("archive", team_code.zipped()[:-30], "'shop.zip'"),
        ("packages", b"\0\1\2", "The list "),
        ("packages", b"hello there", "The list pins no package"),
    ],
    ids=["no archive", "cut off", "binary", "no list"],
)
def test_what_cannot_be_read_is_refused_by_the_name_that_the_team_knows(
    scanner: ProcessScanner, source: str, content: bytes, says: str
) -> None:
    with pytest.raises(ValueError, match=r"allowed|archive|unpacked") as refused:
        scan(scanner, source, scanner.keep(io.BytesIO(content)))
    assert says in str(refused.value)
    assert str(scanner._folder) not in str(refused.value)


@pytest.mark.parametrize("place", ["relative/folder", "/no/such/folder", f"/{'x' * 300}"])
def test_a_folder_that_is_none_is_refused(scanner: ProcessScanner, place: str) -> None:
    with pytest.raises(ValueError, match=r"is no folder of this machine; allowed: a full path"):
        scan(scanner, "folder", place)


@posix
@pytest.mark.parametrize("title", ["../../x.zip", "a/b\0c.zip", "", "x" * 5000], ids=["up", "null", "none", "long"])
def test_a_name_cannot_lead_elsewhere(scanner: ProcessScanner, title: str) -> None:
    """The title is a stranger's; it names the file in refusals only."""
    assert scan(scanner, "archive", scanner.keep(team_code.upload()), title) is not None


# ------------------------------------------------------------------------------------ its end


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "scan_process" in " ".join(one.cmdline())]


@posix
def test_cancelling_ends_the_process_and_leaves_nothing(scanner: ProcessScanner, tmp_path: Path) -> None:
    assert scan(scanner, "archive", scanner.keep(team_code.upload()), cancelled=lambda: True) is None
    assert children() == []
    assert not list((tmp_path / "scratch").iterdir())


@pytest.fixture
def endless(scanner: ProcessScanner, monkeypatch: pytest.MonkeyPatch) -> str:
    """An upload that is a pipe: whoever opens it waits, so that its process is there whenever it is looked at."""
    name = scanner.keep(io.BytesIO(b"x"))
    path = scanner._folder / name
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(Path, "is_file", lambda _: True)
    return name


@posix
@pytest.mark.parametrize(
    ("bound", "says"), [("KILL_AFTER", "was ended after 0 s"), ("MOST_MEMORY", "took more than 0 MB of memory")]
)
def test_beyond_its_bounds_it_is_ended_and_says_what_to_do(
    scanner: ProcessScanner, endless: str, monkeypatch: pytest.MonkeyPatch, bound: str, says: str
) -> None:
    monkeypatch.setattr(code_scanner, bound, 0.0)
    with pytest.raises(RuntimeError, match=says):
        scan(scanner, "packages", endless)
    assert children() == []


@posix
def test_a_process_that_is_killed_is_told_of(scanner: ProcessScanner, endless: str) -> None:
    def kill() -> bool:
        for child in children():
            child.kill()
        return False

    with pytest.raises(RuntimeError, match="ended unexpectedly"):
        scan(scanner, "packages", endless, cancelled=kill)
