"""Every file that the command line reads: what is none is refused at once, in one line, whichever option names it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.__main__ import main, parser

ANSWERS, TREE = "{folder}/a.yaml", "{folder}/tree"
#: Each option and argument that names a file to be read, and a command that gives it.
READ: dict[str, list[str]] = {
    "decide answers": ["decide", "{}"],
    "decide --run": ["decide", ANSWERS, "--run", "{}"],
    "decide --routes": ["decide", ANSWERS, "--routes", "{}"],
    "decide --scan": ["decide", ANSWERS, "--scan", "{}"],
    "scan path": ["scan", "{}"],
    "scan --answers": ["scan", TREE, "--answers", "{}"],
    "scan --rehearsal": ["scan", TREE, "--rehearsal", "{}"],
    "clock file": ["clock", "{}"],
}
WRITTEN = {"backup file"}


def named(root: argparse.ArgumentParser) -> Iterator[str]:
    """Each option and argument of all commands that is a path."""
    for action in root._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command, below in action.choices.items():
                paths = (one for one in below._actions if one.type is Path)
                yield from (f"{command} {next(iter(one.option_strings), one.dest)}" for one in paths)


def test_each_path_that_can_be_named_is_tried_here() -> None:
    assert set(named(parser())) == READ.keys() | WRITTEN


@pytest.mark.parametrize("asked", READ.values(), ids=READ)
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/dev/zero", marks=pytest.mark.skipif(sys.platform == "win32", reason="no such device")),
        pytest.param("{folder}/pipe", marks=pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")),
        "{folder}/none",
        "{folder}/" + "x" * 300,
        "{folder}/" + "deep/" * 900 + "none",
        "a\0b",
        "no\x1b[2J\u202e",
    ],
    ids=["device", "pipe", "none", "long name", "long path", "NUL", "hostile"],
)
def test_what_is_no_file_is_refused_at_once(
    path: str, asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text("schema: 1", encoding="utf-8")
    (tmp_path / "tree").mkdir()
    os.mkfifo(tmp_path / "pipe")
    path = path.format(folder=tmp_path)
    assert main([path if word == "{}" else word.format(folder=tmp_path) for word in asked]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "allowed: " in printed.err
    assert len(printed.err) < 400
    assert not {"\0", "\x1b", "\u202e"} & set(printed.err)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["stale", "--look", ""], "--look: '' says nothing of a package"),
        (["agent", "--parent", "-1"], "'-1' is not allowed; allowed: the number of a process"),
        (["agent", "--parent", "\u0663"], "allowed: the number of a process"),
        (["agent", "--parent", "9" * 5000], "allowed: the number of a process"),
        (["key", "--url", "localhost:8501"], "'localhost:8501' is not allowed; allowed: an address, as http://"),
        (["key", "--url", "http://a/?b=c"], "allowed: an address"),
        (["decide", "none.yaml", "--seed", "\u0663"], "allowed: whole numbers from 0"),
        (["purge", "--older-than", "\u0663"], "allowed: whole days from 1"),
    ],
)
def test_what_no_option_can_mean_is_one_line(asked: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status: object = main(asked)
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
