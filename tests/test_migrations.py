"""How ``scripts.migrations`` counts, in a history of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from scripts import migrations

OLD, NEW = ["tensorflow", "keras"], ["torch"]


class History:
    """A repository with commits by whom and when a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet")

    def git(self, *arguments: str, **variables: str) -> str:
        settings = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "HOME": str(self.folder)}
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env={**settings, **variables})
        return done.stdout.strip()

    def commit(self, author: str, day: str, **files: str | None) -> str:
        for name, text in files.items():
            path = self.folder / f"{name}.py"
            if text is None:
                path.unlink()
            else:
                path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        who = {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (
                ("NAME", author),
                ("EMAIL", f"{author}@x.example.org"),
                ("DATE", f"{day}T12:00:00+00:00"),
            )
        }
        self.git("commit", "--quiet", "--allow-empty", "-m", "x", **who)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def test_files_lines_days_and_authors_are_counted(history: History) -> None:
    before = history.commit(
        "ann",
        "2020-01-01",
        model="import tensorflow as tf\n\n\nx = 1\n",
        layers="    from keras.layers import Dense\n",
        plain="import json, tensorflow_datasets  # torch\n",
    )
    history.commit("ann", "2020-02-01", model="import torch\n\nx = 1\ny = 2\n")
    history.commit("Ann", "2020-02-01", model="import torch\n\nx = 1\ny = 3\n")
    history.commit("bob", "2020-02-01", layers="from torch.nn import Linear\n")
    history.commit("bob", "2020-02-03", plain="import json\n")  # no file of a framework
    after = history.commit("bob", "2020-03-02", layers=None, model="from torch import nn\nx = 1\n")
    found = migrations.counted(history.folder, before, after, OLD, NEW)
    assert found == {
        "begun": "2020-02-01",
        "ended": "2020-03-02",
        "months": 1.0,
        "files_before": 2,
        "files_after": 1,
        "lines_before": 3,
        "lines_after": 2,
        "author_days": 3,
        "authors": 2,
        "commits": 4,
    }


@pytest.mark.parametrize(
    ("old", "message"), [(["mxnet"], "no file imports mxnet"), (OLD, "no file imports tensorflow")]
)
def test_nothing_to_count_is_said(history: History, old: list[str], message: str) -> None:
    before = history.commit("ann", "2020-01-01", plain="import json\n")
    after = history.commit("ann", "2020-01-02", plain="import re\n")
    with pytest.raises(SystemExit, match=message):
        migrations.counted(history.folder, before, after, old, NEW)


def test_a_commit_that_is_missing_is_said(history: History) -> None:
    history.commit("ann", "2020-01-01", plain="import json\n")
    with pytest.raises(SystemExit, match="git grep: "):
        migrations.counted(history.folder, "0" * 40, "HEAD", OLD, NEW)


def test_only_the_counts_of_that_row_are_written_anew() -> None:
    text = "migrations:\n\n- id: a\n  note: x\n  counted: {}\n\n- id: ab\n  counted: {}\n"
    found = yaml.safe_load(migrations.written(text, "ab", {"begun": "2020-01-01", "months": 1.5}))
    assert found["migrations"] == [
        {"id": "a", "note": "x", "counted": {}},
        {"id": "ab", "counted": {"begun": "2020-01-01", "months": 1.5}},
    ]
