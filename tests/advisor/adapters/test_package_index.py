"""What is made of pip's answers, and of none."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from importlib import metadata

import pytest

from advisor.adapters.package_index import PipIndex
from advisor.knowledge.looking import Package

Answer = Callable[[Sequence[str]], subprocess.CompletedProcess[str]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """pip, as it answers for ``monai``; what it was asked."""
    asked: list[Sequence[str]] = []
    report = {
        "install": [{"metadata": {"version": "1.6.1", "requires_dist": ["torch>=2.8"], "classifier": ["A :: B"]}}]
    }

    def run(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        if "monai" not in command:
            return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found")
        text = "monai (1.6.1)\nAvailable versions: 1.6.1, 1.6.0\n" if "index" in command else json.dumps(report)
        return subprocess.CompletedProcess(command, 0, text, "WARNING: experimental")

    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_pip_tells_the_newest_version_and_its_description(calls: list[Sequence[str]]) -> None:
    index = PipIndex()
    assert index.newest("monai") == "1.6.1"
    assert index.described("monai") == Package("1.6.1", True, "", ("torch>=2.8",), ("A :: B",))
    assert all("--dry-run" in call or "index" in call for call in calls), "nothing is ever installed"


def test_each_package_is_asked_for_once(calls: list[Sequence[str]]) -> None:
    index = PipIndex()
    index.read_ahead(["monai", "monai"], ["monai"])
    index.newest("monai")
    index.described("monai")
    assert len(calls) == 2


def test_without_an_answer_what_is_installed_describes_itself(calls: list[Sequence[str]]) -> None:
    index = PipIndex()
    here = index.described("pydantic")
    assert here is not None
    assert (here.version, here.newest) == (metadata.version("pydantic"), False)
    assert here.python.startswith(">=3")
    assert any(text.startswith(("pydantic-core", "pydantic_core")) for text in here.requires)
    assert any(name.startswith(("License", "Programming")) for name in here.classifiers)
    assert (index.newest("pydantic"), index.described("no-such-package")) == (None, None)
    assert calls


def test_a_pip_that_hangs_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", run)
    assert (PipIndex().newest("monai"), PipIndex().described("no-such-package")) == (None, None)
