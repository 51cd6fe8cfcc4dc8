"""What a project's own code says of the versions that it runs on."""

from __future__ import annotations

from datetime import date

import pytest

from advisor.lifecycle import lock_files, report
from advisor.lifecycle.clock import SupportClock, support_clock
from advisor.lifecycle.code_bounds import CodeBound
from advisor.lifecycle.dates import lifecycle
from advisor.lifecycle.machine import machine
from advisor.lifecycle.wheels import wheels

OLD = CodeBound("tensorflow", "2.0", 124, "model.py:12")
NEWER = CodeBound("tensorflow", "2.16", 3, "train.py:7")


def clock(pinned: str, *code: CodeBound, python: str = "3.10") -> SupportClock:
    where = machine(lifecycle().pythons, "", python=python)
    return support_clock(lock_files.parsed(pinned), where, lifecycle(), wheels(), date(2026, 11, 30), code=code)


@pytest.mark.parametrize("package", ["tensorflow", "tensorflow-gpu", "tensorflow-cpu"])
def test_code_of_tensorflow_1_does_not_stay_because_nobody_pinned_it(package: str) -> None:
    """Without a pin the newest installs, and the code meets none of what it uses."""
    assert clock(package).first is None or clock(package).first.bearing == "ends"  # type: ignore[union-attr]
    found = clock(package, OLD)
    assert found.first is not None
    assert found.first.bearing == "blocks"
    assert report.answer(found).startswith("It can't: as it is pinned and written, it doesn't install")
    assert "once the code is changed for it" in report.advice(found.first, found)
    said = "The code needs tensorflow below 2.0: 124 places use what 2.0 no longer has, the first in model.py:12."
    assert said in report.to_text(found)
    assert report.as_data(found)["code"] == [
        {"package": "tensorflow", "below": "2.0", "places": 124, "first": "model.py:12"}
    ]


def test_the_tightest_bound_that_the_pins_leave_a_release_holds() -> None:
    assert clock("tensorflow", NEWER, OLD).code == (OLD,)
    assert clock("tensorflow>=2.4", NEWER, OLD).code == (NEWER,)
    assert clock("tensorflow==2.20.0", NEWER, OLD).code == ()
    assert clock("torch", NEWER, OLD).code == ()


def test_pins_that_agree_with_the_code_stay_as_they_are() -> None:
    found = clock("tensorflow<2", OLD, python="3.7")
    assert found.pins == clock("tensorflow<2", python="3.7").pins
    assert found.code == (OLD,)
