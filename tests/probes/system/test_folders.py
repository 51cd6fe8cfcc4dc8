"""Where things are kept: one setting moves all of it, and children of a run are told."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from probes.engine.running import environment
from probes.system import folders
from tests import source_tree


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (folders.DATA, folders.CACHE):
        monkeypatch.delenv(name, raising=False)


def kept() -> dict[str, Path]:
    return {
        "data": folders.data(), "interpreters": folders.interpreters(), "environments": folders.environments(),
        "artefacts": folders.artefacts(), "compiled": folders.compiled(),
    }  # fmt: skip


def test_without_settings_it_is_the_users_own_folders() -> None:
    data, cache = platformdirs.user_data_path("fulcrum", appauthor=False), platformdirs.user_cache_path("fulcrum")
    assert kept() == {
        "data": data, "interpreters": data / "interpreters", "environments": cache / "environments",
        "artefacts": cache / "artefacts", "compiled": cache / "inductor",
    }  # fmt: skip


def test_one_setting_moves_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.DATA, str(tmp_path))
    found = kept()
    assert found["data"] == tmp_path
    assert all(path.is_relative_to(tmp_path) for path in found.values())
    assert found["interpreters"] == tmp_path / "interpreters", "nothing makes a user's choice anew: no cache"
    assert found["environments"] == tmp_path / "cache" / "environments"


def test_what_can_be_made_anew_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.DATA, str(tmp_path / "mine"))
    monkeypatch.setenv(folders.CACHE, f" {tmp_path / 'shared'} ")
    apart = {name for name, path in kept().items() if path.is_relative_to(tmp_path / "shared")}
    assert apart == {"environments", "artefacts", "compiled"}


def test_a_relative_setting_means_the_same_in_a_child_that_works_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(folders.DATA, "mine")
    given = environment.variables(1, "cpu", str(tmp_path))
    assert folders.DATA not in given
    assert given["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path / "mine" / "cache" / "inductor")
    done = subprocess.run(
        [sys.executable, "-c", "from probes.system import folders; print(folders.artefacts())"],
        cwd=tmp_path / "elsewhere", env=given, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(done.stdout.strip()) == folders.artefacts() == tmp_path / "mine" / "cache" / "artefacts"


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept()
    monkeypatch.setenv(folders.DATA, " ")
    monkeypatch.setenv(folders.CACHE, "")
    assert kept() == before


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_whoever_comes_first_makes_them_for_this_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        deep = folders.made(tmp_path / "data" / "cache" / "environments")
    finally:
        os.umask(before)
    for folder in (deep, deep.parent, deep.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    assert folders.made(deep) == deep
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        folders.made(tmp_path / "file" / "below")


def test_nobody_else_looks_for_the_users_folders() -> None:
    asking = set()
    for path, nodes in source_tree.naming("platformdirs").items():
        named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        named |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        asking |= {path} if "platformdirs" in named else set()
    assert asking == {"probes/system/folders.py"}
