"""The line of each finding, as it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.scan.found_lines import LONGEST, found_lines, without_secrets
from tests.advisor.trees import scanned

NOTEBOOK = json.dumps({
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": "text"},
        {"cell_type": "code", "source": ["import tensorflow as tf\n", "s = tf.Session()\n"]},
    ],
})  # fmt: skip


def lines_of(folder: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    """By «file:line», what is kept."""
    report = scanned(folder, files)
    kept = found_lines(folder, report.findings)
    return {f"{one.file}:{one.line}": line for one, line in zip(report.findings, kept, strict=True)}


def test_it_is_the_very_line_without_its_indentation(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.py": "import tensorflow as tf\ndef f():\n    return tf.Session()\n"}
    assert lines_of(tmp_path, files)["a.py:3"] == "return tf.Session()"


def test_in_a_notebook_lines_count_within_their_cell(tmp_path: Path) -> None:
    assert lines_of(tmp_path, {"a.ipynb": NOTEBOOK})["a.ipynb:2"] == "s = tf.Session()"


def test_a_long_line_is_cut(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a.py": f"import tensorflow as tf\ns = tf.Session({'x, ' * 200})\n"}
    kept = lines_of(tmp_path, files)["a.py:2"]
    assert len(kept) == LONGEST
    assert kept.startswith("s = tf.Session(")


def test_a_file_that_is_gone_has_no_lines(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"a.py": "import tensorflow as tf\ntf.Session()\n"})
    (tmp_path / "a.py").unlink()
    assert set(found_lines(tmp_path, report.findings)) == {""}


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Session(password='hunter2')", "Session(password=…)"),
        ('os.environ["AWS_SECRET_ACCESS_KEY"] = "abc"', 'os.environ["AWS_SECRET_ACCESS_KEY"] = …'),
        ("api_key: 0af3", "api_key: …"),
        ("--token=abcdef tf.Session()", "--token=… tf.Session()"),
        ("tf.Session('grpc://user:pw@host:1')", "tf.Session('grpc://…@host:1')"),
        ("f('AKIAIOSFODNN7EXAMPLE0000')", "f('…')"),
    ],
)  # the key is the one of AWS' own documentation
def test_what_may_be_a_secret_is_blanked(line: str, kept: str) -> None:
    assert without_secrets(line) == kept


@pytest.mark.parametrize(
    "line",
    [
        "x = tf.contrib.layers.convolution2d_transpose(inputs, 64)",
        "tf.saved_model.load('models/resnet')",
        "y = tf.nn.softmax_cross_entropy_with_logits(labels=a, logits=b)",
        "tokens = tokenizer(text)",
        "token = tokenizer.encode(text)",
        "if token == other:",
        "tf.keras.layers.Embedding(num_tokens=500)",
    ],
)
def test_plain_code_is_left_alone(line: str) -> None:
    assert without_secrets(line) == line
