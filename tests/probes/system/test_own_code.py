"""The digest of what measures."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from probes.system import own_code


def copied(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Two files of each kind in place of the house."""
    probes, data = folder / "probes", folder / "data"
    (probes / "inner").mkdir(parents=True)
    data.mkdir()
    (probes / "a.py").write_text("one = 1\n", encoding="utf-8")
    (probes / "inner" / "b.py").write_text("two = 2\n", encoding="utf-8")
    (data / "c.yaml").write_text("three: 3\n", encoding="utf-8")
    monkeypatch.setattr(own_code, "_PROBES", probes)
    monkeypatch.setattr(own_code, "DATA", data)
    return folder


def test_it_goes_by_names_and_contents_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = {}
    here = copied(monkeypatch, tmp_path / "here")
    seen["first"] = own_code.digest.__wrapped__()
    (here / "probes" / "a.py").write_bytes(b"one = 1\r\n")
    assert own_code.digest.__wrapped__() == seen["first"], "as a checkout under Windows has it"
    shutil.move(here, tmp_path / "there")
    monkeypatch.setattr(own_code, "_PROBES", tmp_path / "there" / "probes")
    monkeypatch.setattr(own_code, "DATA", tmp_path / "there" / "data")
    assert own_code.digest.__wrapped__() == seen["first"]
    (tmp_path / "there" / "probes" / "a.py").write_text("one = 2\n", encoding="utf-8")
    assert own_code.digest.__wrapped__() != seen["first"]


def test_of_this_house_it_is_known_at_once() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", own_code.digest())
