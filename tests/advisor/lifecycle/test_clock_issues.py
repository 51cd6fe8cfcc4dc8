"""Lock files made after real issues: the first blocker is what people ran into (``locks/``, each with its issue)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.lifecycle import lock_files, report
from advisor.lifecycle.clock import SupportClock, support_clock
from advisor.lifecycle.dates import lifecycle
from advisor.lifecycle.machine import machine
from advisor.lifecycle.wheels import wheels

CASES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(Path(__file__).parent.glob("locks/*"))}


def clock_of(case: dict[str, Any]) -> SupportClock:
    lock = lock_files.parsed(case["content"], case["file"])
    where = machine(lifecycle().pythons, lock.python, **case["options"])
    return support_clock(lock, where, lifecycle(), wheels(), date.fromisoformat(case["day"]))


@pytest.mark.parametrize("name", CASES)
def test_the_first_blocker_is_what_the_issue_is_about(name: str) -> None:
    case, found = CASES[name], clock_of(CASES[name])
    assert case["issue"].startswith("https://github.com/")
    assert case["says"]
    assert found.first
    said = {
        "kind": found.first.kind,
        "subject": found.first.subject,
        "version": found.first.version,
        "day": found.first.day,
        "instead": found.first.values.get("instead"),
    }
    assert {key: said[key] for key in case["first"]} == case["first"]
    if stay := case.get("stay"):
        assert {key: getattr(found.stay, key) for key in stay} == stay


def test_there_are_ten_and_the_kinds_of_files_are_all_among_them() -> None:
    assert len(CASES) >= 10
    kinds = {lock_files.parsed(case["content"], case["file"]).kind for case in CASES.values()}
    assert kinds == {"requirements", "poetry.lock", "uv.lock", "Pipfile.lock", "conda environment", "conda-lock"}


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_names_the_blocker_the_day_and_the_way_out(name: str) -> None:
    text = report.to_text(clock_of(CASES[name]))
    assert "Until when can we stay?" in text
    assert ("First blocker: " in text) != ("What ends first: " in text)
    assert "What to do: " in text
    assert "{" not in text
