"""Artefacts kept by content: whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from probes.deploy import store
from probes.system import folders


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(folders.CACHE, str(tmp_path))
    return tmp_path / "artefacts"


def filled(part: Path) -> store.Json:
    (part / "model.bin").write_bytes(b"12345")
    return {"seconds": 1.5}


def test_what_was_made_is_found_again() -> None:
    folder, made = store.make("a", filled)
    assert store.find("a") == (folder, made)
    assert store.weigh(folder) == (5, 1), "the manifest is ours, not the artefact's"


def test_what_was_never_made_is_not_found() -> None:
    assert store.find("a") is None


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_export_leaves_nothing(home: Path, error: BaseException) -> None:
    def full(part: Path) -> store.Json:
        (part / "half").write_bytes(b"1")
        raise error

    with pytest.raises(type(error)):
        store.make("a", full)
    assert list(home.iterdir()) == []
    assert store.find("a") is None


def test_a_manifest_that_was_cut_off_counts_as_none(home: Path) -> None:
    folder, _ = store.make("a", filled)
    (folder / store.MANIFEST).write_text('{"seconds"', encoding="utf-8")
    assert store.find("a") is None
    store.make("a", filled)
    assert store.find("a") is not None


def test_the_same_content_has_the_same_name_whatever_the_order() -> None:
    assert store.key(a=1, b={"x": 2, "y": 3}) == store.key(b={"y": 3, "x": 2}, a=1)


@pytest.mark.parametrize("other", [{"a": 2, "b": 1}, {"a": 1}, {"a": 1, "b": "1"}])
def test_another_content_has_another_name(other: dict[str, Any]) -> None:
    assert store.key(a=1, b=1) != store.key(**other)


def test_changed_code_is_another_content(tmp_path: Path) -> None:
    path = tmp_path / "route.py"
    path.write_text("a", encoding="utf-8")
    before = store.source_of(path)
    path.write_text("b", encoding="utf-8")
    assert store.source_of(path) != before


def test_what_nobody_used_for_a_month_and_what_a_dead_process_left_goes(home: Path) -> None:
    store.make("old", filled)
    store.make("used", filled)
    (home / "x.4194305.part").mkdir()  # beyond any process id
    (home / f"y.{os.getpid()}.part").mkdir()
    late = (home / "old").stat().st_mtime + (store.DAYS + 1) * 86_400
    os.utime(home / "used", (late, late))
    os.utime(home / f"y.{os.getpid()}.part", (late, late))
    store.tidy(now=late)
    assert {path.name for path in home.iterdir()} == {"used", f"y.{os.getpid()}.part"}
