"""Scratch folders: gone with their process, swept after a kill, never anybody else's."""

from __future__ import annotations

import multiprocessing
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest

from probes.system import scratch
from probes.system.scratch import scratch_folder
from tests.processes import wait_until

PROCESSES: Any = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary directory of the test's own."""
    made = tmp_path / "temporary"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    return made


def left(place: Path) -> list[Path]:
    """What is there of ours; starting a process may leave things of its own."""
    return list(place.glob("fulcrum-*"))


def live_in_one(place: Path) -> None:
    """A process that would stay for ever."""
    tempfile.tempdir = str(place)
    with scratch_folder() as folder:
        (Path(folder) / "model.bin").write_bytes(b"x" * 1000)
        (place / "ready").touch()
        multiprocessing.Event().wait()


def test_a_folder_is_its_owners_and_gone_at_the_end(place: Path) -> None:
    with scratch_folder() as folder:
        assert Path(folder).parent == place
        assert os.name != "posix" or stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
        (Path(folder) / "below").mkdir()
        with scratch_folder() as other:
            assert other != folder
    assert left(place) == []


def test_it_is_gone_after_an_error_too(place: Path) -> None:
    with pytest.raises(OSError, match="no space"), scratch_folder():
        raise OSError("no space left on device")
    assert left(place) == []


def test_what_a_killed_process_left_is_swept_and_what_a_live_one_uses_is_not(place: Path) -> None:
    process = PROCESSES.Process(target=live_in_one, args=(place,))
    process.start()
    try:
        wait_until((place / "ready").exists, "the folder")
        (place / "ready").unlink()
        [folder] = [path for path in left(place) if path.is_dir()]
        assert scratch.sweep() == 0
        assert (folder / "model.bin").exists()
    finally:
        process.kill()
        process.join()
    assert folder.exists(), "nobody tidies after a kill"
    with scratch_folder() as own:
        assert scratch.sweep() == 1
        assert not folder.exists()
        assert Path(own).exists()
    assert left(place) == []


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_links_and_strange_names_are_left_alone(place: Path, tmp_path: Path) -> None:
    """Whoever may write there too could point at anything of ours."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.tex").write_text("ten years")
    name = "fulcrum-" + "a" * 16
    (place / name).symlink_to(precious)
    (place / f"{name}.lock").touch()
    (place / ("fulcrum-" + "b" * 16 + ".lock")).symlink_to(precious / "thesis.tex")
    (place / "fulcrum-notes").mkdir()
    (place / "fulcrum-notes.lock").touch()
    assert scratch.sweep() == 0
    assert (precious / "thesis.tex").read_text() == "ten years"
    assert (place / "fulcrum-notes").exists()
