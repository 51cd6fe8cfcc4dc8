"""What the command line may be given for an answers file, and what may stand in one: each is refused in one line."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from advisor.__main__ import main
from probes.json_form import to_json
from tests.advisor import runs


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that is said; nothing else is printed, and the status is 2."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert len(printed.err) < 400
    return printed.err


def refused_text(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    return refused(["decide", str(folder / "a.yaml")], capsys)


# ----------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("option", [[], ["--run"], ["--routes"]], ids=["answers", "run", "routes"])
@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/random"])
@pytest.mark.skipif(sys.platform == "win32", reason="no such devices")
def test_a_device_is_refused_at_once(
    path: str, option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text("schema: 1", encoding="utf-8")
    answers = [str(tmp_path / "a.yaml"), *option] if option else []
    assert f"{path} is a device; allowed: a regular file" in refused(["decide", *answers, path], capsys)


@pytest.mark.parametrize("option", [[], ["--run"], ["--routes"]], ids=["answers", "run", "routes"])
@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_a_pipe_that_nobody_writes_into_is_refused_at_once(
    option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.yaml").write_text("schema: 1", encoding="utf-8")
    answers = [str(tmp_path / "a.yaml"), *option] if option else []
    said = refused(["decide", *answers, str(tmp_path / "pipe")], capsys)
    assert "is a pipe; allowed: a regular file" in said
    assert ("or - for standard input" in said) == (not option)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("{folder}", "Is a directory"),
        ("{folder}/none.yaml", "No such file"),
        ("{folder}/" + "x" * 300, "File name too long"),
        ("{folder}/" + "deep/" * 60 + "none.yaml", "No such file"),
        ("no\nsuch\x1b[2J\u202e.yaml", "No such file"),
        ("", "Is a directory"),
        ("a\0b", "null"),
    ],
    ids=["folder", "none", "long name", "long path", "hostile", "empty", "NUL"],
)
def test_what_cannot_be_read_says_why(path: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """However long the path is: the reason stands before what is allowed."""
    said = refused(["decide", path.format(folder=tmp_path)], capsys)
    assert why in said
    assert said.endswith("a file that can be read\n")


def from_stdin(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from_stdin("schema: 1\nproject: {name: Größe}\nstage: scaling".encode(), monkeypatch)
    assert main(["decide", "-", "--format", "markdown"]) == 0
    assert "for Größe" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "an empty file"),
        (b"#" * 70_000, "at most 65,536 bytes"),
        (b"name: Gr\xf6\xdfe", "standard input is not UTF-8 at byte 8"),
        (b"schema: 1\ncolour: red", "colour: unknown key"),
    ],
)
def test_standard_input_is_held_to_the_same(
    content: bytes, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from_stdin(content, monkeypatch)
    assert says in refused(["decide", "-"], capsys)


# --------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    "number", ["010000", "0o10000", "0x2710", "0b101", "12:00", "1:30:00", "190:20:30", "1,000", "12 000", "1e4", "1.5"]
)
@pytest.mark.parametrize("place", ["code:\n  lines: {}", "code: {{lines: {}, plan: keep}}"], ids=["block", "flow"])
def test_a_number_is_decimal_or_refused_as_it_is_written(
    number: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """YAML 1.1 would read 010000 as 4096 and 12:00 as 720."""
    said = refused_text(f"schema: 1\n{place.format(number)}", tmp_path, capsys)
    assert "code.lines: " in said
    assert number in said


@pytest.mark.parametrize(("number", "lines"), [("12_000", 12_000), ("12000", 12_000), ("+5", 5), ("0", 0)])
def test_decimal_numbers_are_taken(number: str, lines: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"schema: 1\ncode: {{framework: pytorch, lines: {number}}}"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert main(["decide", str(tmp_path / "a.yaml")]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)["criteria"]}
    assert f"Your PyTorch code ({lines:,} line" in rows["migration"]["summary"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code: {lines: 12,000}", "code.lines: '12,000' is not allowed; allowed: digits without a comma, as 12000"),
        ("code: {lines: 1,200,000}", "code.lines: '1,200"),
        ("team: {size: 1,000, skills: {}}", "team.size: '1,000' is not allowed"),
    ],
)
def test_a_comma_in_a_number_is_named(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in refused_text(f"schema: 1\n{text}", tmp_path, capsys)


@pytest.mark.parametrize("schema", ["true", "yes", "1.0", "01", "0x1", "1:0", "'1'", "[1]", "{1: 1}", "1e0", "0", "-1"])
def test_a_schema_is_a_whole_number(schema: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused_text(f"schema: {schema}\nstage: scaling", tmp_path, capsys)
    assert "schema: " in said
    assert "allowed: 1" in said


@pytest.mark.parametrize("schema", ["true", "1.0", '"1"', "null", "[1]", "0"])
def test_a_records_schema_is_a_whole_number(schema: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text("schema: 1", encoding="utf-8")
    run = (
        to_json(runs.quick(2.0))
        .replace('"schema":1', f'"schema":{schema}')
        .replace('"schema": 1', f'"schema": {schema}')
    )
    (tmp_path / "run.json").write_text(run, encoding="utf-8")
    said = refused(["decide", str(tmp_path / "a.yaml"), "--run", str(tmp_path / "run.json")], capsys)
    assert f"schema is {'missing' if schema == 'null' else schema}; allowed: 1" in said


# ----------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("team: {size: true}", "team.size: true is not allowed"),
        ("team: {size: {a: 1}}", "team.size: a mapping with a is not allowed"),
        ("team: {size: [1, 2]}", "team.size: a list of 2 is not allowed"),
        ("stage: [scaling]", "stage: a list of 1 is not allowed"),
        ("stage: no", "stage: false is not allowed"),
        ("priorities: {swings: {skills: true}}", "priorities.swings.skills: true is not allowed"),
        ("priorities: {ranges: {skills: {low: no, high: 5}}}", "priorities.ranges.skills.low: false is not allowed"),
        (
            "targets: [{id: ios, latency_ms: {target: on, limit: 5}}]",
            "targets[0].latency_ms.target: true is not allowed",
        ),
        ("targets: {id: ios}", "targets: a mapping with id is not allowed"),
        ("targets: ios", "targets: 'ios' is not allowed; allowed: a list of targets"),
        ("project: []", "project: an empty list is not allowed"),
        ("priorities: {swings: [skills]}", "priorities.swings: a list of 1 is not allowed"),
        ("priorities: {ranking: {skills: 1}}", "priorities.ranking: a mapping with skills is not allowed"),
        ("voices: [Ana]", "voices[0]: 'Ana' is not allowed; allowed: a mapping with name, priorities"),
        ("overrides: [{date: 5}]", "overrides[0]"),
        ("team: {skills: {pytorch: .nan}}", "team.skills.pytorch: nan is not allowed"),
    ],
)
def test_no_message_speaks_python(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused_text(f"schema: 1\n{text}", tmp_path, capsys)
    assert says in said
    assert not any(
        word in said for word in ("True", "False", "None", "{'", "['", "Input should", "<class", "PosixPath")
    )


HOSTILE = ["\0", "\x1b[2J", "\x1b]0;x\x07", "\x9b1m", "\u202e", "\u2066", "\u200f", "\x08", "\r", "\u2028", "\x7f"]


@pytest.mark.parametrize("char", HOSTILE, ids=lambda char: f"U+{ord(char[0]):04X}")
@pytest.mark.parametrize(
    "place",
    [
        'project: {{name: "a{}b"}}',
        'voices: [{{name: "a{}b"}}]',
        'team: {{members: [{{name: "a{}b"}}]}}',
        'stage: "a{}b"',
        '"a{}b": 1',
        'priorities: {{ranking: ["a{}b"]}}',
        'overrides: [{{author: "a{}b", criterion: exit, framework: pytorch, level: 3, statement: x}}]',
    ],
    ids=["project", "voice", "member", "choice", "key", "criterion", "author"],
)
def test_nothing_written_into_the_answers_steers_the_terminal(
    place: str, char: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    escaped = "".join(f"\\u{ord(one):04x}" if ord(one) > 0xFF else f"\\x{ord(one):02x}" for one in char)
    (tmp_path / "a.yaml").write_text(f"schema: 1\n{place.format(escaped)}", encoding="utf-8")
    status = main(["decide", str(tmp_path / "a.yaml"), "--format", "markdown"])
    printed = capsys.readouterr()
    assert status in (0, 2)
    assert not set(printed.out + printed.err) & set("\0\x1b\x07\x9b\u202e\u2066\u200f\x08\r\u2028\x7f")
