"""``python -m advisor scan``: the four formats, and bad input as one line with status 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.__main__ import main
from tests.advisor.trees import written

FILES: dict[str, str | bytes] = {"a.py": "import torch\ntorch.rfft(x, 1)\n"}


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        ([], "PyTorch. 1 source file"),
        (["--format", "text"], "PyTorch. 1 source file"),
        (["--format", "json"], "{"),
        (["--format", "sarif"], "{"),
        (["--format", "markdown"], "# What the code holds"),
    ],
)
def test_each_format(options: list[str], begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(written(tmp_path, FILES)), *options]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(begins)
    assert said.err == ""
    if begins == "{":
        assert json.loads(said.out)


@pytest.mark.parametrize("path", ["nowhere", "a.txt"])
def test_what_is_no_tree_is_one_line_and_status_2(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert main(["scan", str(tmp_path / path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("python -m advisor scan: PATH: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["scan"], ["scan", ".", "--format", "xml"]])
def test_bad_arguments_are_one_line_and_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
