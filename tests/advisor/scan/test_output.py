"""Text, Markdown and JSON: what wasn't seen stands first, and what stands in a tree steers nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from advisor.scan import output
from advisor.scan.report import ScanReport
from tests.advisor.trees import scanned

FILES: dict[str, str | bytes] = {
    "a.py": "import tensorflow as tf\ntf.Session()\ngetattr(tf, name)\n" + "tf.placeholder(1)\n" * 5,
    "requirements.txt": "tensorflow==1.15\n",
    "m.tflite": b"\x1c\0\0\0TFL3" + b"\0" * 50,
    "a.ipynb": '{"cells": [{"cell_type": "code", "source": "import torch\\ntorch.rfft(x, 1)"}]}',
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ScanReport:
    return scanned(tmp_path_factory.mktemp("tree"), FILES)


def test_json_is_as_other_programs_read_it(report: ScanReport) -> None:
    whole = json.loads(output.to_json(report))
    assert list(whole) == [
        "schema", "blind_spots", "primary", "coverage", "frameworks", "areas", "dependencies", "artefacts", "activity",
        "findings", "sources", "migration",
    ]  # fmt: skip
    assert whole["schema"] == 1
    assert whole["primary"] == "tensorflow"
    assert {"files", "parsed", "unreadable"} <= whole["coverage"].keys()
    assert {"file", "line", "rule", "message", "severity"} <= whole["findings"][0].keys()
    assert whole["blind_spots"][0]["kind"] == "dynamic-attribute"
    unknown = {"low": None, "likely": None, "high": None, "unit": "person-days", "reason": "not estimated"}
    assert whole["migration"] == {"pytorch": unknown, "tensorflow": unknown}


def test_text_begins_with_what_was_not_seen(report: ScanReport) -> None:
    text = output.to_text(report)
    assert text.startswith("TensorFlow. 2 source files with 10 lines; 2 with 10 lines were parsed")
    assert text.index("Not seen:") < text.index("Frameworks:") < text.index("On today's versions")
    assert "a.py:3: takes an attribute of tensorflow whose name is known only when it runs" in text
    assert "5 places: a.py:4, a.py:5, a.py:6 and 2 more" in text
    assert "a.ipynb cell 1, line 2" in text
    assert "m.tflite: LiteRT, 58 bytes" in text


def test_markdown_begins_with_what_was_not_seen(report: ScanReport) -> None:
    text = output.to_markdown(report)
    assert text.index("## Not seen") < text.index("## Frameworks") < text.index("## On today's versions")
    assert "| has to change |" in text


def test_what_is_parsed_is_told_with_its_lines(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"a.py": "import torch\n\n", "b.py": "x = 1\n" * 7})
    assert output.to_text(report).startswith("PyTorch. 2 source files with 9 lines; 1 with 2 lines were parsed")


def test_what_only_a_test_or_a_notebook_uses_is_told_with_it(tmp_path: Path) -> None:
    layer = "import torch\nclass Net(torch.nn.Module): pass\n"
    notebook = '{"cells": [{"cell_type": "code", "source": "import torch, tried"}]}'
    report = scanned(tmp_path, {
        "p/__init__.py": "", "p/a.py": layer, "tried.py": layer, "idle.py": layer, "n.ipynb": notebook,
        "tests/test_a.py": "import torch\nimport p.a\ndef test_it(): pass\n",
    })  # fmt: skip
    lines = output.to_text(report).splitlines()
    assert "  - reached from tests alone: p/a.py (by tests/test_a.py)." in lines
    assert "  - reached from a notebook and by no program: tried.py (by n.ipynb)." in lines
    assert any(line.startswith("  - reached by nothing: idle.py") for line in lines)


def test_names_of_a_tree_are_no_markup(tmp_path: Path) -> None:
    name = "[x](http:evil)`|<b>.py"
    text = output.to_markdown(scanned(tmp_path, {name: "import torch\ntorch.rfft(x, 1)\n"}))
    assert "[x](" not in text
    assert "<b>" not in text


def test_nothing_found_is_said(tmp_path: Path) -> None:
    text = output.to_text(scanned(tmp_path, {}))
    assert text.startswith("No framework. 0 source files")
    assert "nothing was left out" in text


def test_a_source_has_the_hash_of_its_bytes(report: ScanReport) -> None:
    hashes = {one["file"]: one["sha256"] for one in json.loads(output.to_json(report))["sources"]}
    content = FILES["a.py"]
    assert isinstance(content, str)
    assert hashes["a.py"] == hashlib.sha256(content.encode()).hexdigest()
