"""A compiler's cache survives everything but a compiler that died while writing to it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from probes.engine.child.compile_cache import guarded


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "inductor"
    with guarded(folder):
        (folder / "main.so").write_bytes(b"half of it")
    return folder


def test_what_was_compiled_is_kept(cache: Path) -> None:
    with guarded(cache):
        assert (cache / "main.so").exists()
    assert [path.name for path in cache.iterdir()] == ["main.so"]


def test_a_compiler_that_failed_is_no_reason_to_throw_it_away(cache: Path) -> None:
    with pytest.raises(RuntimeError), guarded(cache):
        raise RuntimeError
    with guarded(cache):
        assert (cache / "main.so").exists()


def test_a_compiler_that_died_is(cache: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (cache / f"compiling-{dead.pid}").touch()
    with guarded(cache):
        assert not (cache / "main.so").exists()


def test_one_that_is_at_work_beside_us_is_not(cache: Path) -> None:
    (cache / f"compiling-{os.getppid()}").touch()
    with guarded(cache):
        assert (cache / "main.so").exists()
