"""The record: each finished migration estimated from the others alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

import numpy as np
import pytest

from advisor.effort import record
from advisor.effort.migrations import migrations
from advisor.effort.rates import rates
from benchmarks import effort
from tests.places import ROOT


def test_p10_to_p90_holds_in_seven_of_ten_and_is_no_barn_door() -> None:
    """Rows whose history is squashed say «at least», which any wide interval holds: they don't count."""
    found = record.record("port")
    assert found.of == sum(not one.squashed for one in migrations())
    assert found.of >= 15
    assert found.held / found.of >= 0.7
    assert found.width < 8  # of a lower bound of a week the upper one is two months
    assert f"on {found.of} finished migrations" in found.sentence
    assert f"{found.held} lay between P10 and P90" in found.sentence


def test_a_migration_has_no_say_in_its_own_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the days of one move every other line and not its own."""
    before = record.lines()
    rows = record._rows()
    spoilt = record._Row(rows[0].migration, rows[0].days / 10)
    monkeypatch.setattr(record, "_rows", lambda **_: (spoilt, *rows[1:]))
    after = record.lines.__wrapped__()
    assert after[0].p50 == pytest.approx(before[0].p50 / 10)
    assert all(one.p50 > other.p50 for one, other in zip(after[1:], before[1:], strict=True))


def test_level_and_spread_are_found_again() -> None:
    """Rows whose days are three times the estimate, give or take a known spread, say so."""
    row = record._rows()[0]
    days = np.full(100, 10.0)
    off = np.exp(np.log(3) + 0.5 * np.array([-1.0, 1.0] * 50))
    rows = [record._Row(row.migration, days * row.migration.counted.author_days / 10 / one) for one in off]
    found = record._fit(rows)
    assert found.location == pytest.approx(np.log(3))
    assert found.spread == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("move", [one.id for one in rates().moves])
def test_how_many_were_alike_is_said_of_every_move(move: str) -> None:
    alike = record.record(move).alike
    assert (alike > 0) == (move in {"port", "backend", "to-keras", "convert"})


def test_the_document_has_the_figures_of_the_record() -> None:
    """docs/effort.md beside ``python -m benchmarks.effort``."""

    def row(lines: Sequence[record.RecordLine]) -> tuple[int, float]:
        told = [line for line in lines if line.held is not None]
        return sum(bool(line.held) for line in told), median(line.p90 / line.p10 for line in told)

    counted = [one.counted for one in migrations() if not one.squashed]
    by_lines = effort.by_lines([(one.lines_before, one.author_days) for one in counted])
    figures = [row(record.lines()), row(record.lines(told=False)), by_lines]
    text = (ROOT / "docs" / "effort.md").read_text(encoding="utf-8")
    written = [(int(held), float(width)) for held, width in re.findall(r"\| (\d+) of 15.* \| ([\d.]+) \|", text)]
    assert written == [(held, pytest.approx(width, abs=0.05)) for held, width in figures]
    assert len(counted) == 15
