"""The operator's key: made once, for its owner alone, rotated by another process."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from advisor.__main__ import main
from advisor.adapters.operator_key import OperatorKeyFile
from advisor.ports import OperatorKeyError


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = OperatorKeyFile(tmp_path / "data")
    made = key.read()
    assert len(made) * 6 >= 128
    assert OperatorKeyFile(tmp_path / "data").read() == made
    if os.name == "posix":
        assert stat.S_IMODE(key.file.stat().st_mode) == 0o600
        key.file.chmod(0o644)
        key.read()
        assert stat.S_IMODE(key.file.stat().st_mode) == 0o600


def test_rotating_ends_what_the_old_one_gave(tmp_path: Path) -> None:
    here, there = OperatorKeyFile(tmp_path), OperatorKeyFile(tmp_path)
    old, proof = here.read(), here.proof()
    assert here.matches(old)
    assert here.proven(proof)
    there.rotate()
    assert not here.matches(old)
    assert not here.proven(proof)
    assert [file.name for file in tmp_path.iterdir()] == ["operator.key"]


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40])
def test_nobody_has_a_key_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    key = OperatorKeyFile(tmp_path)
    key.file.write_bytes(content)
    with pytest.raises(OperatorKeyError, match="operator"):
        key.read()
    assert not key.matches(content.decode("latin-1"))
    assert not key.proven("x")


def test_the_command_prints_the_link_and_rotates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key"]) == 0
    first = capsys.readouterr().out.strip()
    assert first.startswith("http://localhost:8501/?operate=")
    assert main(["key", "--url", "https://fulcrum.example/base/"]) == 0
    assert capsys.readouterr().out.strip() == first.replace("http://localhost:8501", "https://fulcrum.example/base")
    assert main(["key", "--rotate"]) == 0
    assert capsys.readouterr().out.strip() != first
