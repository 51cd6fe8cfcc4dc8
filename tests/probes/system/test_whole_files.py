"""Files that people name: read whole, or refused at once with the reason."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from probes.system import file_modes
from probes.system.whole_files import UnreadableFileError, contents, shortened, write


@pytest.mark.parametrize("size", [0, 1, 100])
def test_a_file_up_to_the_size_is_read_whole(size: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * size)
    assert contents(tmp_path / "file", largest=100) == b"x" * size


def test_a_larger_one_is_refused_with_its_size(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 12_345)
    with pytest.raises(UnreadableFileError, match=r"has 12,345 bytes; allowed: at most 100 bytes"):
        contents(tmp_path / "file", largest=100)


@pytest.mark.skipif(sys.platform == "win32", reason="neither devices nor named pipes")
def test_what_has_no_end_or_no_beginning_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((Path("/dev/zero"), "device"), (tmp_path / "pipe", "pipe")):
        with pytest.raises(UnreadableFileError, match=f"is a {kind}; allowed: a regular file"):
            contents(path, largest=100)


@pytest.mark.parametrize("path", ["", "none", "a\0b", "x" * 300])
def test_what_cannot_be_opened_says_why(path: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"can't be read \(.+\); allowed: a file that can be read"):
        contents(tmp_path / path, largest=100)


def test_a_long_path_is_known_by_its_end() -> None:
    assert shortened(Path("a/" * 100 + "run.json")).endswith("a/run.json")
    assert len(shortened(Path("a/" * 100 + "run.json"))) == 60
    assert shortened(Path("run.json")) == "run.json"


@pytest.mark.skipif(not os.access("/proc/kmsg", os.R_OK), reason="no such file, or not ours to read")
def test_a_file_of_the_kernels_that_has_nothing_yet_is_empty() -> None:
    assert isinstance(contents(Path("/proc/kmsg"), largest=10_000_000), bytes)


def test_what_is_written_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    for text in ("first", "sécond\n"):
        write(tmp_path / "file", text)
        assert (tmp_path / "file").read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write(tmp_path / "folder", "text")
    write(tmp_path / "file", "before")
    with pytest.raises(UnicodeEncodeError):
        write(tmp_path / "file", "a lone \ud800")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"file", "folder"}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")
def test_a_private_file_is_private_from_the_first_moment(tmp_path: Path) -> None:
    write(tmp_path / "file", "secret", opener=file_modes.opener)
    assert (tmp_path / "file").stat().st_mode & 0o777 == file_modes.FILE
