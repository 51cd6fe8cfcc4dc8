"""When files were last changed: read from git's objects, and nothing that a checkout brings along is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.scan.engine import scan
from advisor.scan.history import History, NoHistoryError, history
from advisor.scan.limits import ScanClock
from tests.advisor.trees import written

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
USES = "import torch\ntorch.zeros(1)\n"
Commit = Callable[[dict[str, str | bytes], str], None]


def git(folder: Path, *arguments: str, day: str = "2020-01-01", check: bool = True) -> str:
    """git, on whatever machine, with a day of ours."""
    own = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": f"{day}T12:00:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00:00Z",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    }  # fmt: skip
    done = subprocess.run(["git", *arguments], cwd=folder, env=own, check=check, capture_output=True, text=True)
    return done.stdout.strip()


def committed(folder: Path, files: dict[str, str | bytes], day: str) -> None:
    """One more commit of a checkout, which is made where there is none."""
    written(folder, files)
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x", day=day)


def read(folder: Path, paths: set[str]) -> History:
    """The history that is there."""
    found = history(folder, paths, ScanClock(60))
    assert found is not None
    return found


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    committed(folder, {"old.py": USES, "new.py": USES, "a b/ü.py": USES}, "2019-03-01")
    committed(folder, {"new.py": USES * 2}, "2024-05-06")
    return folder


ALL = {"old.py", "new.py", "a b/ü.py"}


def test_each_file_has_the_day_of_its_last_commit(checkout: Path) -> None:
    found = read(checkout, ALL)
    assert found.changed == {"old.py": "2019-03-01", "new.py": "2024-05-06", "a b/ü.py": "2019-03-01"}
    assert (found.newest, found.until) == ("2024-05-06", "")


def test_a_file_that_is_not_tracked_has_no_day(checkout: Path) -> None:
    assert read(checkout, {*ALL, "mine.py"}).changed.keys() == ALL


def test_packed_and_detached_heads_are_read(checkout: Path) -> None:
    git(checkout, "pack-refs", "--all")
    git(checkout, "gc", "-q")
    assert read(checkout, ALL).newest == "2024-05-06"
    git(checkout, "checkout", "-q", "--detach", "HEAD~1")
    assert read(checkout, ALL).newest == "2019-03-01"


def test_what_a_part_of_a_history_begins_with_was_changed_before(checkout: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{checkout}", "cut")
    found = read(tmp_path / "cut", ALL)
    assert (found.changed, found.newest, found.until) == ({}, "2024-05-06", "2024-05-06")


def test_hashes_of_256_bits_are_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "--object-format=sha256")
    committed(tmp_path, {"a.py": USES}, "2021-02-03")
    assert read(tmp_path, {"a.py"}).changed == {"a.py": "2021-02-03"}


def test_nothing_that_a_checkout_names_is_run(checkout: Path, tmp_path: Path) -> None:
    """Whatever of git's configuration starts a program: each would leave a mark, and does where it is taken."""
    marker = tmp_path / "ran"
    bomb = tmp_path / "bomb"
    bomb.write_text(f"#!/bin/sh\ntouch {marker}\n")
    bomb.chmod(0o755)
    own = f"""
[core]
fsmonitor = {bomb}
pager = {bomb}
sshCommand = {bomb}
alternateRefsCommand = {bomb}
hooksPath = {tmp_path}
[diff]
external = {bomb}
[diff "x"]
command = {bomb}
textconv = {bomb}
[filter "x"]
clean = {bomb}
smudge = {bomb}
process = {bomb}
[gpg]
program = {bomb}
[log]
showSignature = true
[alias]
log = !{bomb}
"""
    with (checkout / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write(own)
    (checkout / ".git" / "info" / "attributes").write_text("* diff=x filter=x\n")
    (tmp_path / "post-checkout").symlink_to(bomb)
    assert scan(checkout).activity.last_commit == "2024-05-06"
    assert not marker.exists()
    git(checkout, "status", check=False)
    assert marker.exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda git_: (git_ / "HEAD").write_text("ref: ../../etc/passwd\n"), "HEAD names no commit"),
        (lambda git_: (git_ / "HEAD").write_bytes(b"\0" * 100), "HEAD names no commit"),
        (lambda git_: (git_ / "HEAD").write_text("ref: refs/heads/none\n"), "nothing is committed"),
        (lambda git_: (git_ / "HEAD").write_text("0" * 40), "broken, incomplete or too slow"),
        (lambda git_: (git_ / "HEAD").unlink(), "HEAD names no commit"),
        (lambda git_: shutil.rmtree(git_ / "objects"), "lacks its objects"),
        (lambda git_: (git_ / "objects" / "info" / "alternates").write_text("/x\n"), "another checkout"),
        (lambda git_: os.symlink("/etc", git_ / "objects" / "ab"), "has links in it"),
        (lambda git_: os.mkfifo(git_ / "objects" / "pack" / "pipe"), "has links in it"),
        (lambda git_: (git_.rename(git_.parent / "moved"), git_.write_text("gitdir: moved\n")), "lies elsewhere"),
        (lambda git_: (git_.rename(git_.parent / "moved"), git_.symlink_to("moved")), "lies elsewhere"),
        (lambda git_: (git_ / "shallow").symlink_to("/etc/passwd"), "has links in it"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(spoil: Callable[[Path], object], said: str, checkout: Path) -> None:
    spoil(checkout / ".git")
    with pytest.raises(NoHistoryError, match=said):
        history(checkout, ALL, ScanClock(60))
    report = scan(checkout)
    assert [spot.kind for spot in report.blind_spots] == ["history"]
    assert {file.last_commit for file in report.activity.files} == {None}


def test_a_folder_that_is_no_checkout_has_none(tmp_path: Path) -> None:
    assert history(tmp_path, ALL, ScanClock(60)) is None


def test_without_time_nothing_is_known(checkout: Path) -> None:
    with pytest.raises(NoHistoryError, match="no time was left"):
        history(checkout, ALL, ScanClock(0))


def test_without_git_it_is_said(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NoHistoryError, match="install git"):
        history(checkout, ALL, ScanClock(60))
