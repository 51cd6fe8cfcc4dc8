"""``python -m advisor stale``: what it lists, in which order, and how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pytest

from advisor.__main__ import main
from advisor.knowledge import load, stale
from tests.conftest import ROOT

DAY = "2026-11-23"


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["stale", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_stale_facts_are_listed_oldest_first(capsys: pytest.CaptureFixture[str]) -> None:
    head, blank, columns, *rows = listed(capsys, "--on", DAY)
    assert head.startswith(f"{len(rows)} of {len(load().facts)} facts are stale on {DAY}")
    assert blank == ""
    assert columns.split() == ["age", "half-life", "topic", "fact", "source"]
    ages = [float(row.split()[0]) for row in rows]
    assert ages == sorted(ages, reverse=True)
    for row in rows:
        age, half_life, topic, name, *source = row.split()
        fact = load().facts[name]
        assert float(age) >= float(half_life)
        assert topic == fact.topic
        assert " ".join(source) == " ".join((fact.source.url or fact.source.title).split())


def test_the_oldest_fact_and_its_age(capsys: pytest.CaptureFixture[str]) -> None:
    """``papers-bias`` is of October 2019: from its middle to 23 November 2026 are 7 years, a month and a week."""
    row = listed(capsys, "--on", DAY)[3]
    assert row.split()[:4] == ["85.3", "36", "research.papers", "papers-bias"]


def test_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stale", "--json", "--on", DAY]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["schema"], content["day"], content["facts"]) == (1, DAY, len(load().facts))
    first = content["stale"][0]
    assert set(first) == {
        "id", "topic", "statement", "as_of", "age_months", "half_life_months", "freshness", "source",
    }  # fmt: skip
    assert first["freshness"] == pytest.approx(0.5 ** (first["age_months"] / first["half_life_months"]), abs=1e-3)
    assert [row["id"] for row in content["stale"]] == [fact.id for fact in stale.stale(load(on=date(2026, 11, 23)))]


def test_before_anything_was_old_nothing_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = listed(capsys, "--on", "2019-01-01")
    assert line.startswith(f"0 of {len(load().facts)} facts are stale on 2019-01-01")


def test_in_twenty_years_everything_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(listed(capsys, "--on", "2046-11-23")) == len(load().facts) + 3


def test_without_a_day_it_is_today(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.commands.arguments.today", lambda: date(2031, 5, 6))
    assert "on 2031-05-06" in listed(capsys)[0]


def test_a_reader_may_stop_early() -> None:
    command = f"{sys.executable} -m advisor stale --json --on 2046-01-01 | head -n 1"
    found = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (found.stdout, found.stderr) == ("{\n", "")
