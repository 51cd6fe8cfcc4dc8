"""Drivers and their orders: a program in the place of one that has Ray."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from advisor.adapters import ray_process
from advisor.adapters.ray_process import Drivers, GivenOrder
from tests.processes import over, wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in is started by its first line")
PATIENCE = 60.0
#: Tells whoever gives an order which process has it; «die» kills it, «quit» ends the order, «stop» is never answered.
STAND_IN = """
import json, os, sys
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"say": asked["do"], "pid": os.getpid(), "id": asked["id"]}), flush=True)
    if asked["do"] == "die":
        os.kill(os.getpid(), 9)
    if asked["do"] == "all":
        print(json.dumps({"say": "refused", "reason": "no"}), flush=True)
    if asked["do"] in ("quit", "cancel"):
        print(json.dumps({"say": "end", "id": asked["id"]}), flush=True)
"""


@pytest.fixture
def drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drivers]:
    monkeypatch.setattr(ray_process, "LINGER_SECONDS", 0.0)
    program = tmp_path / "driver"
    program.write_text(f"#!{sys.executable}\n{STAND_IN}", encoding="utf-8")
    program.chmod(0o755)
    made = Drivers(str(program), "127.0.0.1:1")
    yield made
    for driver in made._drivers:
        driver.close()


def process(order: GivenOrder) -> psutil.Process:
    said = order.next(PATIENCE)
    assert said is not None
    return psutil.Process(said["pid"])


def test_orders_share_a_driver_and_each_hears_its_own(drivers: Drivers) -> None:
    with drivers.given({"do": "one"}) as one, drivers.given({"do": "other"}) as other:
        first, second = one.next(PATIENCE), other.next(PATIENCE)
        assert first is not None
        assert second is not None
        assert (first["say"], second["say"], first["pid"]) == ("one", "other", second["pid"])


def test_a_driver_has_so_many_orders_and_no_more(drivers: Drivers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_process, "MOST_ORDERS", 2)
    with ExitStack() as stack:
        orders = [stack.enter_context(drivers.given({"do": "one"})) for _ in range(5)]
        assert len({process(order).pid for order in orders}) == 3


def test_a_driver_that_dies_ends_its_own_orders_and_no_other_s(
    drivers: Drivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_process, "MOST_ORDERS", 2)
    with drivers.given({"do": "one"}) as one, drivers.given({"do": "die"}) as killer:
        with drivers.given({"do": "quit"}) as spared:
            for order in (one, killer):
                assert [said["say"] for said in order.heard(lambda: False)] in (["one"], ["die"])
            assert [said["say"] for said in spared.heard(lambda: False)] == ["quit"]
        with drivers.given({"do": "quit"}) as next_one:
            assert [said["say"] for said in next_one.heard(lambda: False)] == ["quit"], "a new one takes its place"


def test_what_names_no_order_is_about_all_of_them(drivers: Drivers) -> None:
    with drivers.given({"do": "one"}) as one, drivers.given({"do": "all"}):
        assert process(one).is_running()
        assert one.next(PATIENCE) == {"say": "refused", "reason": "no"}


def test_a_driver_without_an_order_is_kept_for_the_next_and_then_goes(
    drivers: Drivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_process, "LINGER_SECONDS", 2.0)
    with drivers.given({"do": "one"}) as one:
        first = process(one)
    with drivers.given({"do": "one"}) as again:
        assert process(again) == first
    wait_until(lambda: over(first), "the end of a driver that has nothing to do", PATIENCE)
    with drivers.given({"do": "one"}) as late:
        assert process(late) != first


def test_one_for_a_single_look_goes_at_once(drivers: Drivers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_process, "LINGER_SECONDS", PATIENCE)
    with drivers.given({"do": "look"}, keep=False) as look:
        driver = process(look)
    assert over(driver)


@pytest.mark.parametrize("ends", [True, False])
def test_one_that_is_cancelled_is_asked_and_given_up_if_it_does_not_end(
    ends: bool, drivers: Drivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_process, "LINGER_SECONDS", PATIENCE)
    monkeypatch.setattr(ray_process, "_GRACE_SECONDS", PATIENCE if ends else 0.3)
    told, tell = list[str](), ray_process._Driver.tell

    def deaf(self: Any, what: dict[str, Any]) -> None:
        told.append(what["do"])
        if ends or what["do"] != "cancel":
            tell(self, what)

    monkeypatch.setattr(ray_process._Driver, "tell", deaf)
    with drivers.given({"do": "one"}) as order:
        driver = process(order)
        heard = [said["say"] for said in order.heard(lambda: True)]
    assert heard == (["cancel"] if ends else [])
    assert told == ["one", "cancel", "drop"]
    assert over(driver) is not ends, "one that doesn't do what it is asked gets no more orders"


def test_a_driver_that_can_not_start_says_why(tmp_path: Path) -> None:
    program = tmp_path / "driver"
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.exit(\"ModuleNotFoundError: No module named 'ray'\")\n")
    program.chmod(0o755)
    with Drivers(str(program), "127.0.0.1:1").given({"do": "look"}) as order:
        assert order.next(PATIENCE) is None
        assert order.first
        assert order.why_silent() == "Ray isn't installed here: pip install -r requirements-fleet.txt"
