"""What waits stands in one line: quotas, order, and who gets what."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from advisor.answers import Answers
from advisor.queue.kinds import CHECK, ENVIRONMENT, MEASURE, ROUTES, CheckRequest, EnvironmentRequest
from advisor.queue.quotas import LONGEST_RUN_S, WAITING_OF_AN_ADDRESS, QuotaError
from advisor.records import NOBODY, Requester
from advisor.storage import SqlStore, database, queue
from probes.deploy.schema import RoutesRequest
from probes.schema import RunRequest
from tests.advisor.storage.conftest import Ticking
from tests.fakes import FixedClock
from tests.stores import measure, the

ANA, BOB, EVE = (Requester(name, f"{name}'s") for name in ("ana", "bob", "eve"))
OPERATOR = Requester("root", "console", operator=True)


def ask(ticking: Ticking, by: Requester) -> str:
    """A run for a decision of its own, a second after whatever was before."""
    ticking.passes(seconds=1)
    return measure(ticking.store, by=by).id


def waiting(ticking: Ticking) -> list[str]:
    return [entry.id for entry in ticking.store.queue() if entry.status == "queued"]


def test_a_browser_waits_once_whatever_it_waits_for(ticking: Ticking) -> None:
    run = ask(ticking, ANA)
    for again in (
        lambda: ask(ticking, ANA),
        lambda: ticking.store.enqueue(CHECK, CheckRequest(), ANA),
        lambda: ask(ticking, Requester("ana", "another network")),
    ):
        with pytest.raises(QuotaError, match="Cancel it"):
            again()
    ticking.store.request_cancel(run)
    assert ticking.store.enqueue(CHECK, CheckRequest(), ANA).owner == "ana"
    with pytest.raises(QuotaError):
        ask(ticking, ANA)
    assert ticking.store.claim("here") is not None
    assert the(ticking.store.job(ask(ticking, ANA))).owner == "ana", "what has begun doesn't wait"


def test_who_asks_for_what_is_active_already_gets_that(ticking: Ticking) -> None:
    made = ticking.store.create_decision(Answers())
    first = measure(ticking.store, RunRequest(), ANA, for_=made.id)
    assert measure(ticking.store, RunRequest(), ANA, for_=made.id) == first
    job = ticking.store.enqueue(CHECK, CheckRequest(), BOB)
    assert ticking.store.enqueue(CHECK, CheckRequest(), BOB) == job


def test_browsers_of_one_address_share_its_places(ticking: Ticking) -> None:
    for number in range(WAITING_OF_AN_ADDRESS):
        ask(ticking, Requester(f"browser-{number}", "office"))
    with pytest.raises(QuotaError, match="5 runs"):
        ask(ticking, Requester("one more", "office"))
    ask(ticking, BOB)


def test_unknown_browsers_are_one_and_so_are_unknown_addresses(ticking: Ticking) -> None:
    ask(ticking, NOBODY)
    with pytest.raises(QuotaError):
        ask(ticking, Requester("", "elsewhere"))
    for number in range(1, WAITING_OF_AN_ADDRESS):
        ask(ticking, Requester(f"browser-{number}"))
    with pytest.raises(QuotaError, match="network"):
        ask(ticking, Requester("one more"))


def test_there_is_an_end_to_waiting(ticking: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.queue.quotas.WAITING_IN_ALL", 2)
    ask(ticking, ANA)
    ask(ticking, BOB)
    with pytest.raises(QuotaError, match="later"):
        ask(ticking, EVE)


def test_a_run_takes_half_an_hour_at_most(ticking: Ticking) -> None:
    made = ticking.store.create_decision(Answers())
    for budget in (LONGEST_RUN_S + 1, 86_400.0, float("inf"), float("nan")):
        with pytest.raises(QuotaError, match="30 minutes"):
            measure(ticking.store, RunRequest(budget=budget), ANA, for_=made.id)
    assert ticking.store.latest(MEASURE, made.id) is None
    assert measure(ticking.store, RunRequest(budget="thorough"), ANA, for_=made.id).active


def test_no_quota_holds_for_operators(ticking: Ticking) -> None:
    made = ticking.store.create_decision(Answers())
    assert measure(ticking.store, RunRequest(budget=86_400.0), OPERATOR, for_=made.id).active
    for _ in range(WAITING_OF_AN_ADDRESS + 1):
        ask(ticking, OPERATOR)
    assert len(waiting(ticking)) == WAITING_OF_AN_ADDRESS + 2


def test_going_on_with_a_run_waits_like_any_other(ticking: Ticking) -> None:
    run = ask(ticking, ANA)
    ticking.store.claim("here")
    ticking.store.finish(run, "interrupted")
    other = ask(ticking, BOB)
    with pytest.raises(QuotaError):
        ticking.store.resume(run, BOB)
    ticking.passes(minutes=1)
    assert ticking.store.resume(run, EVE).owner == "eve"
    assert waiting(ticking) == [other, run], "its place is the one that it takes now"


def test_going_on_with_an_operators_long_run_takes_an_operator(ticking: Ticking) -> None:
    made = ticking.store.create_decision(Answers())
    run = measure(ticking.store, RunRequest(budget=LONGEST_RUN_S + 1), OPERATOR, for_=made.id)
    ticking.store.claim("here")
    ticking.store.finish(run.id, "interrupted")
    with pytest.raises(QuotaError, match="would keep everybody else waiting"):
        ticking.store.resume(run.id, ANA)
    assert waiting(ticking) == []
    assert ticking.store.resume(run.id, OPERATOR).active


def test_the_line_is_fair(ticking: Ticking) -> None:
    many = [ask(ticking, OPERATOR) for _ in range(3)]
    late, later = ask(ticking, ANA), ask(ticking, BOB)
    order = [many[0], late, later, many[1], many[2]]
    assert waiting(ticking) == order
    taken = []
    while run := ticking.store.claim("here"):
        taken.append(run.id)
        ticking.store.finish(run.id, "done")
    assert taken == order


def test_coming_again_at_once_is_another_round(ticking: Ticking) -> None:
    run = ask(ticking, ANA)
    ticking.store.claim("here")
    again, first = ask(ticking, ANA), ask(ticking, BOB)
    assert waiting(ticking) == [first, again], "what is under way counts"
    ticking.store.finish(run, "done")
    assert waiting(ticking) == [first, again], "and what has just ended"
    ticking.passes(minutes=11)
    assert waiting(ticking) == [first, again], "and what others were given while one waits"
    ticking.store.request_cancel(again)
    fresh = ask(ticking, ANA)
    assert waiting(ticking) == [first, fresh], "older first"


def test_what_was_cancelled_while_it_waited_was_no_turn(ticking: Ticking) -> None:
    ticking.store.request_cancel(ask(ticking, ANA))
    again, first = ask(ticking, ANA), ask(ticking, BOB)
    assert waiting(ticking) == [again, first]


def test_all_kinds_stand_in_one_line(ticking: Ticking) -> None:
    job = ticking.store.enqueue(ENVIRONMENT, EnvironmentRequest("executorch"), OPERATOR)
    own, run = ask(ticking, OPERATOR), ask(ticking, ANA)
    ticking.passes(seconds=1)
    routes = ticking.store.enqueue(ROUTES, RoutesRequest(), EVE)
    assert waiting(ticking) == [job.id, run, routes.id, own]
    assert ticking.store.claim("here") is not None
    under_way, *rest = ticking.store.queue()
    assert (under_way.id, under_way.status, under_way.kind, under_way.subject, under_way.worker) == (
        job.id,
        "running",
        "environment",
        "executorch",
        "here",
    )
    assert under_way.since == ticking.clock.now()
    assert [(entry.kind, entry.owner) for entry in rest] == [("run", "ana"), ("routes", "eve"), ("run", "root")]


def test_quotas_hold_when_many_ask_at_once(connect: Callable[[], Engine]) -> None:
    stores = [SqlStore(connect(), FixedClock()) for _ in range(4)]
    decisions = [stores[0].create_decision(Answers()).id for _ in range(12)]

    def knock(number: int) -> bool:
        try:
            measure(stores[number % 4], by=ANA, for_=decisions[number])
        except QuotaError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(knock, range(12))) == 1


def test_whose_turn_it_is_is_found_while_others_write(
    connect: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole line is read for it: a thousand rows, while every other machine waits to keep a round."""
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    store, other = (SqlStore(connect(), FixedClock()) for _ in range(2))
    run, found = measure(store), queue.next_in_turn

    def read(*asked: Any) -> str | None:
        other.beat("there", 1)
        return found(*asked)

    monkeypatch.setattr(queue, "next_in_turn", read)
    assert the(store.claim("here")).id == run.id


def test_one_that_somebody_took_meanwhile_is_left_to_him(
    connect: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, quicker = (SqlStore(connect(), FixedClock()) for _ in range(2))
    first, second = (measure(store, by=by) for by in (ANA, BOB))
    found, taken = queue.next_in_turn, list[str]()

    def read(*asked: Any) -> str | None:
        first = found(*asked)
        if not taken:
            taken.append("")
            taken[0] = the(quicker.claim("there")).id
        return first

    monkeypatch.setattr(queue, "next_in_turn", read)
    assert the(store.claim("here")).id == second.id
    assert taken == [first.id]
