"""Commands that can't take a published model."""

from __future__ import annotations

from pathlib import Path

import pytest

from probes import __main__ as cli


@pytest.mark.parametrize("command", [["routes", "--model-file"], ["serve", "--model-file"], ["compare"]])
def test_what_cannot_take_one_says_so_and_what_can(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"model_type": "bert", "vocab_size": 9}', encoding="utf-8")
    assert cli.main([*command, str(path)]) == 2
    words = "is a published model, which only «python -m probes run» measures so far; allowed: a Python file"
    assert words in capsys.readouterr().err
