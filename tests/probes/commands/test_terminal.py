"""Where results go: refused before anything is measured, and never lost after it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from probes.commands import terminal


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("", "is a folder; allowed: a file"),
        ("folder", "is a folder; allowed: a file"),
        ("pipe", "is a pipe or a device; allowed: a file"),
        ("nowhere/run.json", "nowhere is not a directory"),
        ("x" * 300, "can't be written (File name too long)"),
        ("deep/" * 900 + "x", "can't be written (File name too long)"),
        ("a\0b", "can't be written (embedded null byte)"),
        ("loop", "can't be written (Too many levels of symbolic links)"),
        ("/dev/full", "is a pipe or a device; allowed: a file"),
        ("/proc/run.json", "can't be written"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="names its own kinds of files")
def test_a_place_that_can_not_be_written_is_refused_before(place: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="--out: ") as refused:
        terminal.check_place(tmp_path / place)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("name", ["run.json", "x" * 255])
def test_what_is_checked_can_be_written_and_nothing_else_stays(name: str, tmp_path: Path) -> None:
    for text in ("one", "two"):
        terminal.check_place(tmp_path / name)
        terminal.write(text, tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8") == f"{text}\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_was_worked_out_is_not_lost_when_its_place_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(terminal.FailedError, match=r"can't be written \(No such file.*stands on standard output"):
        terminal.write("hours of work", tmp_path / "gone" / "run.json")
    assert capsys.readouterr().out == "hours of work\n"
