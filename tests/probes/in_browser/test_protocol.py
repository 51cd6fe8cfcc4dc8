"""What a browser may send at which moment, and what no browser that keeps to the protocol can have sent."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.in_browser import messages, protocol
from probes.in_browser.messages import RefusedMessageError
from probes.in_browser.schema import Visit
from probes.schema import Outcome
from tests import visits
from tests.visits import accepted, begin, message, report

CELL = "onnxruntime-web.wasm.1"
ALONE = "tfjs.wasm.1"
TIMES = {"pytorch": 0.001, "tensorflow": 0.0012}


@pytest.fixture
def started() -> Visit:
    return accepted(accepted(visits.visit(), begin(CELL, ALONE)), message(event="started", cell=CELL, round=0))


def cell_of(visit: Visit, name: str = CELL) -> Any:
    return next(cell for cell in visit.plan.cells if cell.id == name)


def test_a_whole_visit_is_kept_round_by_round() -> None:
    found = visits.measured(CELL, ALONE, times=TIMES)
    assert [len(found.records[name].rounds) for name in (CELL, ALONE)] == [found.plan.rounds] * 2
    assert found.conditions is not None
    assert found.conditions.name == "Chrome 142 on Android 16"
    over = accepted(found, message(event="over", why="done"))
    assert (over.state, over.reason) == ("over", "")
    assert all(record.end is None for record in over.records.values())


def test_a_message_that_comes_twice_changes_nothing(started: Visit) -> None:
    told = report(started, cell_of(started), 0, times=TIMES)
    once = accepted(started, told, 60.0)
    assert accepted(once, told, 61.0) == once
    assert accepted(once, begin(CELL, ALONE)) == once
    with pytest.raises(RefusedMessageError, match="is kept already, and it was another one"):
        accepted(once, report(started, cell_of(started), 0, times={"pytorch": 0.002, "tensorflow": 0.002}), 62.0)


def forged(change: Callable[[dict[str, Any]], None]) -> Callable[[Visit], dict[str, Any]]:
    def made(visit: Visit) -> dict[str, Any]:
        told = copy.deepcopy(report(visit, cell_of(visit), 0, times=TIMES))
        change(told)
        return told

    return made


def first(told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = told["report"]["instances"][0]
    return found


FORGED = {
    "another kit": (lambda t: t.update(kit="0" * 64), "kit: '0000.*allowed: what this visit was to load"),
    "other runtimes": (lambda t: t.update(runtimes="x"), "runtimes: 'x'; allowed"),
    "another round": (lambda t: t.update(round=1), "round: .*, 1; allowed: the one that was started"),
    "a cell that nobody chose": (lambda t: t.update(cell="litertjs.wasm.1"), "cell: 'litertjs.wasm.1'; allowed"),
    "blocks too short": (lambda t: first(t)["steps"].update(pytorch=50), "one of 50 ms; allowed: 100 ms and more"),
    "more work than time": (lambda t: first(t)["steps"].update(pytorch=100_000), "s of work; allowed: the 60.0 s"),
    "a number that is none": (lambda t: first(t)["superblocks"][0]["wall"].__setitem__(0, float("nan")), "finite|NaN"),
    "a time below zero": (lambda t: first(t)["superblocks"][0]["wall"].__setitem__(0, -1.0), "greater than 0"),
    "a text for a number": (lambda t: first(t)["superblocks"][0]["wall"].__setitem__(0, "1"), "valid number"),
    "a superblock less": (lambda t: first(t)["superblocks"].pop(), "superblocks: .*; allowed"),
    "no instance": (
        lambda t: t["report"]["instances"].clear(),
        r"round\.report\.instances: List should have at least 1 item",
    ),
    "an instance more": (
        lambda t: t["report"]["instances"].append(first(t)),
        "instances: 2; allowed: 1, as planned",
    ),
    "no answers": (lambda t: t["report"].update(answers={}), "answers: of \\[\\]; allowed"),
    "answers cut short": (lambda t: t["report"]["answers"].update(pytorch="AAAA"), "answers: 3 bytes of pytorch"),
    "a heap of more than a terabyte": (
        lambda t: t["report"].update(heap_bytes=1 << 41),
        r"round\.report\.heap_bytes: .*1099511",
    ),
    "a start that took an hour": (lambda t: t["report"]["starts"]["pytorch"].update(build_s=3600.0), "600"),
    "starts longer than the round": (
        lambda t: t["report"]["starts"]["pytorch"].update(first_s=120.0),
        "s of work; allowed: the 60.0 s",
    ),
    "calls without end": (lambda t: first(t)["steps"].update(pytorch=10**12), "10000000"),
    "no calls": (lambda t: first(t)["steps"].update(pytorch=0), "greater than or equal to 1"),
    "blocks beside superblocks": (lambda t: first(t)["blocks"].update(pytorch=[0.1]), "superblocks: .*; allowed"),
    "answers in a later round's place": (lambda t: t["report"]["answers"].pop("tensorflow"), "answers: of"),
    "a key that isn't there": (lambda t: t["report"].update(verdict="pytorch"), "no such key"),
    "a framework that isn't there": (
        lambda t: t["report"]["starts"].update(jax={"build_s": 1, "first_s": 1}),
        "got 'jax'",
    ),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_the_protocol_cannot_produce_is_refused(started: Visit, what: str) -> None:
    change, reason = FORGED[what]
    with pytest.raises(RefusedMessageError, match=reason):
        accepted(started, forged(change)(started), 60.0)


def test_the_order_of_turns_is_the_planned_one(started: Visit) -> None:
    def turned(told: dict[str, Any]) -> None:
        block = first(told)["superblocks"][0]
        block["order"] = {"ABBA": "BAAB", "BAAB": "ABBA"}[block["order"]]

    with pytest.raises(RefusedMessageError, match=r"superblocks: .*; allowed: "):
        accepted(started, forged(turned)(started), 60.0)


def test_ten_megabytes_are_refused_unread() -> None:
    with pytest.raises(RefusedMessageError, match=r"10,000,\d+ bytes; allowed: at most 262,144"):
        messages.read(b'{"event": "' + b"x" * 10_000_000 + b'"}')


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{}", b'{"event": "grant"}', b"\xff\xfe", b"[" * 5000])
def test_what_is_no_message_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(RefusedMessageError) as refused:
        messages.read(content)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) <= 300


def test_what_a_browser_told_of_itself_stays(started: Visit) -> None:
    with pytest.raises(RefusedMessageError, match="event: 'begin'; allowed: once"):
        accepted(started, begin(CELL, ALONE, gpu="another one"))
    with pytest.raises(RefusedMessageError, match="cells: 'gpu'; allowed: onnxruntime-web"):
        accepted(visits.visit(), begin("gpu"))


@given(st.text(max_size=200))
def test_whatever_a_browser_calls_itself_is_shown_on_one_line(text: str) -> None:
    try:
        found = accepted(visits.visit(), json.dumps({
            "event": "begin", "conditions": {"user_agent": "", "gpu": text}, "cells": [CELL],
        }).encode())  # fmt: skip
    except RefusedMessageError:
        return
    assert found.conditions is not None
    assert found.conditions.gpu.isprintable()
    assert len(found.conditions.gpu) <= 120


def test_other_answers_than_the_sources_end_the_cell(started: Visit) -> None:
    told = report(started, cell_of(started), 0, times=TIMES, deviation=2e-3)
    end = accepted(started, told, 60.0).records[CELL].end
    assert end is not None
    assert end.outcome is Outcome.NOT_COMPARABLE
    assert "differs from its source by up to 0.002; allowed: 0.0001" in end.reason


@pytest.mark.parametrize("off", [2e-3, float("nan"), float("inf")])
def test_one_side_that_answers_otherwise_is_out_and_the_other_goes_on(started: Visit, off: float) -> None:
    told = report(started, cell_of(started), 0, times=TIMES, deviation={"tensorflow": off})
    record = accepted(started, told, 60.0).records[CELL]
    assert record.end is None
    assert record.playing == ("pytorch",)
    assert record.ended["tensorflow"].outcome is Outcome.NOT_COMPARABLE
    assert "What TensorFlow's export answers in this browser differs" in record.ended["tensorflow"].reason


def test_a_side_that_fails_leaves_the_other_at_the_clock(started: Visit) -> None:
    end = {"event": "end", "cell": CELL, "side": "tensorflow", "outcome": "failed", "reason": "No kernel for Erf."}
    found = accepted(started, end)
    assert found.running is None
    assert found.records[CELL].end is None, "the cell goes on"
    assert found.records[CELL].playing == ("pytorch",)
    assert accepted(found, end) == found, "one that comes twice changes nothing"
    both = report(started, cell_of(started), 0, times=TIMES)
    found = accepted(found, message(event="started", cell=CELL, round=0))
    with pytest.raises(RefusedMessageError, match=r"starts: \['pytorch', 'tensorflow'\]; allowed: \['pytorch'\]"):
        accepted(found, both, 60.0)
    found = accepted(found, report(found, cell_of(found), 0, times=TIMES), 60.0)
    (kept,) = found.records[CELL].rounds
    assert set(kept.answers) == set(kept.starts) == {"pytorch"}


def test_a_side_that_fails_in_the_middle_keeps_the_rounds_of_both() -> None:
    found = visits.measured(CELL, times=TIMES, rounds=2)
    end = message(event="end", cell=CELL, side="pytorch", outcome="out of memory", reason="memory access out of bounds")
    found = accepted(accepted(found, message(event="started", cell=CELL, round=2), 200.0), end)
    found = accepted(found, message(event="started", cell=CELL, round=2), 200.0)
    told = report(found, cell_of(found), 2, times=TIMES)
    found = accepted(found, told, 260.0)
    played = [set(kept.starts) for kept in found.records[CELL].rounds]
    assert played == [{"pytorch", "tensorflow"}] * 2 + [{"tensorflow"}]
    assert accepted(found, told, 261.0) == found
    first_round = report(visits.visit(), cell_of(found), 0, times=TIMES)
    assert accepted(found, first_round, 262.0) == found, "a round of both that comes again is known as that"


def test_with_both_sides_ended_the_cell_has_ended(started: Visit) -> None:
    for side in ("pytorch", "tensorflow"):
        end = message(event="end", cell=CELL, side=side, outcome="failed", reason=f"{side} fails")
        started = accepted(started, end)
    assert started.records[CELL].end is not None
    with pytest.raises(RefusedMessageError, match="has ended"):
        accepted(started, message(event="started", cell=CELL, round=0))


@pytest.mark.parametrize(("cell", "side", "reason"), [(ALONE, "pytorch", "allowed: tensorflow"), (CELL, "jax", "jax")])
def test_a_side_that_isnt_the_cells_cannot_end(started: Visit, cell: str, side: str, reason: str) -> None:
    with pytest.raises(RefusedMessageError, match=reason):
        accepted(started, message(event="end", cell=cell, side=side, outcome="failed", reason="x"))


def test_a_page_that_is_closed_says_what_was_under_way(started: Visit) -> None:
    over = accepted(started, message(event="over", why="closed"))
    assert over.records[CELL].end is not None
    assert over.records[CELL].end.reason == "The page was closed on the device. This was under way."
    assert over.records[ALONE].end is not None
    assert over.records[ALONE].end.outcome is Outcome.CANCELLED
    with pytest.raises(RefusedMessageError, match="allowed: while it runs, and this is over"):
        accepted(over, message(event="started", cell=CELL, round=0))


def test_one_that_falls_silent_is_over_and_says_what_it_had_started(started: Visit) -> None:
    later = visits.NOW.replace(hour=11)
    assert protocol.gone(started, visits.NOW, visits.NOW) is started
    over = protocol.gone(started, visits.NOW, later)
    assert over.state == "over"
    assert over.records[CELL].end is not None
    assert over.records[CELL].end.outcome is Outcome.FAILED
    assert "it ended the page, or lost its connection. This was under way." in over.records[CELL].end.reason


def test_what_was_finished_stays_when_the_page_ends() -> None:
    found = visits.measured(CELL, times=TIMES, rounds=2)
    over = accepted(found, message(event="over", why="closed"))
    assert len(over.records[CELL].rounds) == 2


def test_a_browser_without_a_gpu_has_a_stated_outcome(started: Visit) -> None:
    end = message(event="end", cell=ALONE, outcome="unsupported", reason="This browser has no\n\u202eWebGPU.")
    record = accepted(started, end).records[ALONE]
    assert record.end is not None
    assert (record.end.outcome, record.end.reason) == (Outcome.UNSUPPORTED, "This browser has no WebGPU.")


AGENTS = {  # as these browsers send them
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": ("Firefox 140", "Linux"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 "
    "Mobile/15E148 Safari/604.1": ("Safari 26", "iOS 26"),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 "
    "Edg/142.0.0.0": ("Edge 142", "Windows"),
    visits.AGENT: ("Chrome 142", "Android 16"),
    "curl/8": ("an unknown browser", "an unknown system"),
}  # fmt: skip


@pytest.mark.parametrize("agent", AGENTS)
def test_browsers_are_told_by_their_own_name(agent: str) -> None:
    assert (messages.browser_of(agent), messages.system_of(agent)) == AGENTS[agent]


def trained(step_s: float = 0.05) -> bytes:
    return message(event="trained", backend="webgl", steps=10, step_s=[step_s] * 6, first_loss=2.4, last_loss=0.2)


def test_training_is_told_apart_from_what_is_compared() -> None:
    found = accepted(visits.visit(labels=True), begin(CELL, train=True))
    with pytest.raises(RefusedMessageError, match="allowed: after it was started"):
        accepted(found, trained())
    found = accepted(found, message(event="started", cell="tfjs.training", round=0))
    with pytest.raises(RefusedMessageError, match=r"30\.0 s of work; allowed: the 20\.0 s"):
        accepted(found, trained(0.5), 20.0)
    done = accepted(found, trained(), 20.0)
    assert done.training is not None
    assert (done.training.outcome, done.training.backend, done.training.step_s[0]) == (Outcome.OK, "webgl", 0.05)
    assert accepted(done, trained(), 30.0) == done
    closed = accepted(found, message(event="over", why="closed"))
    assert closed.training is not None
    assert closed.training.reason == "The page was closed on the device."


def test_a_network_without_labels_is_not_trained() -> None:
    found = accepted(visits.visit(), begin(CELL, train=True))
    with pytest.raises(RefusedMessageError, match=r"cell: 'tfjs\.training'; allowed"):
        accepted(found, message(event="started", cell="tfjs.training", round=0))
