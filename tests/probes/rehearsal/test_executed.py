"""What of a folder's code ran, file by file: only what was called counts."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from probes.rehearsal import executed as executed_
from probes.rehearsal.executed import Executed

SOURCE = """\
class One:
    def call(self):
        return 1

class Other:
    def call(self):
        return [x for x in (1, 2)]

def build():
    return One().call()
"""


def load(path: Path) -> dict[str, object]:
    space: dict[str, object] = {"__name__": "ours"}
    exec(compile(path.read_bytes(), str(path), "exec"), space)  # noqa: S102 - it stands for a team's file
    return space


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    path = tmp_path / "project" / "nets.py"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_only_what_was_called_ran(ours: Path) -> None:
    executed = Executed(ours.parent)
    with executed.noting():
        load(ours)["build"]()  # type: ignore[operator]  # a function of the file
    (found,) = executed.files()
    assert (found.file, found.sha256) == ("nets.py", hashlib.sha256(SOURCE.encode()).hexdigest())
    assert (found.lines, found.ran) == (8, 7)  # all but the line of Other.call


def test_what_was_loaded_and_never_called_counts_with_its_heads(ours: Path) -> None:
    executed = Executed(ours.parent)
    with executed.noting():
        load(ours)
    assert [(one.lines, one.ran) for one in executed.files()] == [(8, 5)]


def test_what_lies_elsewhere_or_in_packages_does_not_count(tmp_path: Path, ours: Path) -> None:
    package = ours.parent / "env" / "site-packages" / "their.py"
    package.parent.mkdir(parents=True)
    beside = tmp_path / "project-2.py"
    for path in (package, beside):
        path.write_text("x = 1\n", encoding="utf-8")
    executed = Executed(ours.parent)
    with executed.noting():
        load(package)
        load(beside)
    assert executed.files() == []


def test_an_environment_in_the_folder_leaves_room_for_the_teams_files(
    monkeypatch: pytest.MonkeyPatch, ours: Path
) -> None:
    monkeypatch.setattr(executed_, "_MOST", 1)
    package = ours.parent / ".venv" / "site-packages" / "their.py"
    package.parent.mkdir(parents=True)
    package.write_text("x = 1\n", encoding="utf-8")
    executed = Executed(ours.parent)
    with executed.noting():
        load(package)
        load(ours)
    assert [one.file for one in executed.files()] == ["nets.py"]


def test_calls_outside_are_not_noted_and_another_profile_goes_on(ours: Path) -> None:
    executed, before = Executed(ours.parent), sys.getprofile()
    with pytest.raises(KeyError), executed.noting():
        raise KeyError
    load(ours)
    assert sys.getprofile() is before
    assert executed.files() == []


def test_a_file_that_is_gone_is_left_out(ours: Path) -> None:
    executed = Executed(ours.parent)
    with executed.noting():
        load(ours)
    ours.unlink()
    assert executed.files() == []
