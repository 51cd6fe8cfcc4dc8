"""Links that open once, and what browsers send by them: on each database."""

from __future__ import annotations

from datetime import datetime

import pytest

from advisor.answers import Answers
from advisor.ports import VisitError
from advisor.storage.visits import LINKS_OF_A_DECISION
from probes.in_browser import messages, planning, protocol
from probes.in_browser.messages import RefusedMessageError
from probes.in_browser.schema import Visit
from tests import visits
from tests.advisor.storage.conftest import Ticking

CELL = "onnxruntime-web.wasm.1"
PLAN = planning.plan(visits.kit(), visits.RUNTIMES, seed=1)


def say(ticking: Ticking, key: str, content: bytes) -> Visit:
    def how(visit: Visit, now: datetime) -> Visit:
        return protocol.accepted(visit, messages.read(content), now)

    return ticking.store.change_visit(key, how).visit


@pytest.fixture
def decision(ticking: Ticking) -> str:
    return ticking.store.create_decision(Answers()).id


def test_a_link_opens_once(ticking: Ticking, decision: str) -> None:
    made, token = ticking.store.invite(decision, PLAN)
    opened, key = ticking.store.open_visit(token)
    assert (made.visit.state, opened.visit.state) == ("waiting", "open")
    assert opened.visit.plan == PLAN
    assert ticking.store.visit_of(key).id == made.id
    with pytest.raises(VisitError, match="was used already"):
        ticking.store.open_visit(token)
    for nobody in ("", token, "x" * 32, "\0", "\ud800"):
        with pytest.raises(VisitError, match="has run out"):
            ticking.store.visit_of(nobody)


def test_a_link_lasts_a_quarter_of_an_hour(ticking: Ticking, decision: str) -> None:
    _, token = ticking.store.invite(decision, PLAN)
    ticking.passes(minutes=15, seconds=1)
    with pytest.raises(VisitError, match="has run out: it may be opened for a quarter of an hour"):
        ticking.store.open_visit(token)
    assert ticking.store.visits(decision) == ()
    assert ticking.store.visits_version(decision) == ""


def test_what_was_sent_is_kept_and_what_was_refused_is_not(ticking: Ticking, decision: str) -> None:
    _, token = ticking.store.invite(decision, PLAN)
    _, key = ticking.store.open_visit(token)
    say(ticking, key, visits.begin(CELL))
    started = say(ticking, key, visits.message(event="started", cell=CELL, round=0))
    before = ticking.store.visits_version(decision)
    ticking.passes(seconds=60)
    cell = PLAN.cells[0]
    with pytest.raises(RefusedMessageError):
        say(ticking, key, visits.message(event="started", cell=CELL, round=7))
    assert ticking.store.visits_version(decision) == before
    told = visits.report(started, cell, 0, times={"pytorch": 0.001, "tensorflow": 0.001})
    found = say(ticking, key, visits.message(**told))
    assert ticking.store.visits_version(decision) != before
    (kept,) = ticking.store.visits(decision)
    assert kept.visit == found
    assert len(kept.visit.records[CELL].rounds) == 1


def test_one_that_falls_silent_is_over_without_a_word(ticking: Ticking, decision: str) -> None:
    _, token = ticking.store.invite(decision, PLAN)
    _, key = ticking.store.open_visit(token)
    say(ticking, key, visits.begin(CELL))
    say(ticking, key, visits.message(event="started", cell=CELL, round=0))
    before = ticking.store.visits_version(decision)
    ticking.passes(minutes=10)
    assert ticking.store.visits_version(decision) != before, "who looks sees that it is over"
    (kept,) = ticking.store.visits(decision)
    assert kept.visit.state == "over"
    assert kept.visit.reason.startswith("Nothing was heard of the browser any more")


def test_a_key_is_of_no_use_after_two_hours_of_silence(ticking: Ticking, decision: str) -> None:
    _, token = ticking.store.invite(decision, PLAN)
    _, key = ticking.store.open_visit(token)
    ticking.passes(hours=2, seconds=1)
    with pytest.raises(VisitError, match="right to send results has run out"):
        say(ticking, key, visits.begin(CELL))


def test_visits_go_with_their_decision_and_touch_no_other(ticking: Ticking, decision: str) -> None:
    other = ticking.store.create_decision(Answers()).id
    _, token = ticking.store.invite(decision, PLAN)
    _, key = ticking.store.open_visit(token)
    assert ticking.store.visits(other) == ()
    ticking.store.delete_decision(decision)
    with pytest.raises(VisitError):
        ticking.store.visit_of(key)


def test_links_that_nobody_opens_give_way_to_newer_ones(ticking: Ticking, decision: str) -> None:
    tokens = [ticking.store.invite(decision, PLAN)[1] for _ in range(LINKS_OF_A_DECISION + 1)]
    with pytest.raises(VisitError, match="not valid"):
        ticking.store.open_visit(tokens[0])
    for token in tokens[1:]:
        ticking.store.open_visit(token)
    assert len(ticking.store.visits(decision)) == LINKS_OF_A_DECISION
