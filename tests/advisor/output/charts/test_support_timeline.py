"""What stops a project's pins, on a line of time."""

from __future__ import annotations

from datetime import date

import pytest

from advisor.lifecycle.clock import SupportClock, support_clock
from advisor.lifecycle.dates import lifecycle
from advisor.lifecycle.lock_files import parsed
from advisor.lifecycle.machine import machine
from advisor.lifecycle.wheels import wheels
from advisor.output.charts.support_timeline import dated, support_timeline, support_words

DAY = date(2026, 11, 29)


def clock(text: str, python: str) -> SupportClock:
    known, lock = lifecycle(), parsed(text)
    return support_clock(lock, machine(known.pythons, lock.python, python=python), known, wheels(), DAY)


@pytest.mark.parametrize("python", ["3.7", "3.11", "3.13"])
def test_rows_have_days_in_their_order_and_each_is_told(python: str) -> None:
    found = clock("tensorflow==1.15.0\ntorch==2.1.0\nnumpy==1.26.4\n", python)
    rows = dated(found)
    assert [one.day for one in rows] == sorted(one.day for one in found.findings if one.day)
    figure = support_timeline(found, "light")
    words = " ".join(note.text for note in figure.layout.annotations)
    assert "today" in words
    for one in rows:
        assert one.version in words
    assert support_words(found).count(".") >= len(rows)


def test_what_blocks_is_marked_by_shape_and_word() -> None:
    figure = support_timeline(clock("tensorflow==1.15.0\n", "3.11"), "dark")
    assert "x" in [trace.marker.symbol for trace in figure.data if trace.mode == "markers"]
    assert any("stops it since" in note.text for note in figure.layout.annotations)


def test_of_many_those_stand_that_stop_something_or_are_near() -> None:
    found = clock("tensorflow==2.4.0\ntorch==1.7.0\nkeras==2.4.3\nnumpy==1.19.0\nscipy==1.5.0\njax==0.2.0\n", "3.8")
    assert len(dated(found)) <= 12
    blocking = {one.subject for one in found.findings if one.bearing == "blocks" and one.day}
    assert blocking <= {one.subject for one in dated(found)}
