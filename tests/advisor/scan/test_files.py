"""A scan's JSON is read back as it was; a foreign, broken or edited one is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.scan import output
from advisor.scan.files import ScanFileError, read
from advisor.scan.report import ScanReport
from tests.advisor.trees import scanned

FILES: dict[str, str | bytes] = {
    "a.py": "import tensorflow as tf\ntf.Session()\nx = tf.keras.layers.Dense(1)\ngetattr(tf, name)\n",
    "b.py": "import torch\ntorch.rfft(torch.ones(1), 1)\n",
    "notes.ipynb": '{"cells": [{"cell_type": "code", "source": "import torch\\ntorch.rfft(x, 1)"}]}',
    "requirements.txt": "tensorflow==1.15\n",
    "m.tflite": b"\x1c\0\0\0TFL3" + b"\0" * 50,
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ScanReport:
    return scanned(tmp_path_factory.mktemp("tree"), FILES)


def test_what_was_written_is_read_back(report: ScanReport, tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    path.write_text(output.to_json(report), encoding="utf-8")
    assert read(path) == report


def test_keys_of_later_versions_are_passed_over(report: ScanReport, tmp_path: Path) -> None:
    whole = output.as_data(report) | {"later": 1}
    whole["sources"][0]["later"] = 1
    path = tmp_path / "scan.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    assert read(path) == report


def _more_names(whole: dict[str, Any]) -> None:
    whole["areas"]["training_loop"]["uses"]["tensorflow"] += 5


def _more_uses(whole: dict[str, Any]) -> None:
    whole["frameworks"]["tensorflow"]["uses"] = 1_000


def _fewer_files(whole: dict[str, Any]) -> None:
    whole["sources"].pop()


def _more_lines(whole: dict[str, Any]) -> None:
    whole["sources"][0]["lines"] = 100_000


def _another_rule(whole: dict[str, Any]) -> None:
    whole["findings"][0]["rule"] = "tf9-session"


def _surer(whole: dict[str, Any]) -> None:
    whole["findings"][0]["severity"] = "perhaps"


def _words(whole: dict[str, Any]) -> None:
    whole["coverage"]["lines"] = "many"


def _without_sources(whole: dict[str, Any]) -> None:
    del whole["coverage"]


def _of_schema_2(whole: dict[str, Any]) -> None:
    whole["schema"] = 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_more_names, r"areas\.training_loop: names 6, and the files of sources 1; it was edited"),
        (_more_uses, r"frameworks: 1,\d+ uses, and the files of sources have \d+; it was edited"),
        (_fewer_files, r"frameworks: \d+ uses, and the files of sources have \d+; it was edited"),
        (_more_lines, r"coverage\.lines: \d+, and the files of sources have 100,0\d\d; it was edited"),
        (_another_rule, r"findings\.0\.rule: there is no rule 'tf9-session'; it was edited, or another version"),
        (_surer, r"findings\.0\.probability: None of a finding that is 'perhaps'"),
        (_words, r"coverage\.lines: Input should be a valid integer \(got 'many'\); scan the code again"),
        (_without_sources, r"coverage: is missing; scan the code again"),
        (_of_schema_2, r"schema: 2 is not allowed; allowed: 1; scan the code again"),
    ],
)
def test_what_was_edited_is_refused_by_its_field(
    change: Callable[[dict[str, Any]], None], said: str, report: ScanReport, tmp_path: Path
) -> None:
    whole = json.loads(output.to_json(report))
    change(whole)
    path = tmp_path / "scan.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(ScanFileError, match=rf"scan\.json: {said}") as refused:
        read(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe{}", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1, 2]", "it holds list, not an object"),
        (b'{"$schema": "sarif", "version": "2.1.0"}', "schema: None is not allowed"),
        (b'{"schema": 1, "results": []}', "blind_spots: is missing"),
    ],
)
def test_what_is_no_scan_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "scan.json"
    path.write_bytes(content)
    with pytest.raises(ScanFileError, match=said):
        read(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ScanFileError, match=r"none\.json can't be read \(No such file"):
        read(tmp_path / "none.json")
