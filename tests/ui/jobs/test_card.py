"""What work under way says of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advisor.ports import Services
from advisor.queue.kinds import CHECK, ROUTES, CheckRequest
from advisor.records import Job, Requester
from probes.deploy.schema import RoutesRequest
from tests import fakes
from tests.stores import measure, the
from ui.jobs import card

ANA, BOB = Requester("ana", "office"), Requester("bob", "home")


@pytest.fixture
def services() -> Services:
    return fakes.services()


def said(services: Services, job: Job[Any, Any]) -> str:
    """Without Markdown's escapes."""
    return card.doing(services, job).replace("\\", "")


def test_runs_are_told_how_many_are_ahead_of_them(services: Services) -> None:
    store = services.store
    first, second, third = measure(store), measure(store, by=ANA), measure(store, by=BOB)
    soon = "Waiting for the machine: it starts in a moment"
    assert said(services, first) == soon
    store.claim("here")
    assert [said(services, run) for run in (second, third)] == ["Waiting: 1 ahead", "Waiting: 2 ahead"]
    store.finish(first.id, "done")
    assert [said(services, run) for run in (second, third)] == [soon, "Waiting: 1 ahead"]


def test_a_run_waits_for_what_was_begun_before_it(services: Services) -> None:
    store = services.store
    check = store.enqueue(CHECK, CheckRequest())
    store.claim("here")
    store.tell(check.id, "identical sides", 0.25)
    waits = "Waiting: a self-check is under way (25\u00a0%), and the run starts after that"
    assert said(services, measure(store)) == waits


def test_other_work_is_told_what_it_waits_for(services: Services) -> None:
    store = services.store
    routes = store.enqueue(ROUTES, RoutesRequest(), ANA)
    assert "python -m advisor agent" in said(services, routes), "nobody is there"
    store.beat("here", 1)
    assert said(services, routes) == "Waiting: it starts in a moment, after the run that has the machine"
    services.clock.time -= timedelta(seconds=1)  # type: ignore[attr-defined] # a check that was asked for before
    store.enqueue(CHECK, CheckRequest(), BOB)
    assert the(store.claim("here")).kind is CHECK
    assert said(services, routes) == "Waiting: a self-check is under way"


def test_what_runs_says_what_it_does_until_it_is_cancelled(services: Services) -> None:
    store = services.store
    routes = store.enqueue(ROUTES, RoutesRequest())
    store.claim("here")
    store.tell(routes.id, "exporting <LiteRT>", 0.5)
    assert said(services, the(store.latest(ROUTES))) == "exporting <LiteRT>"
    store.request_cancel(routes.id)
    assert said(services, the(store.latest(ROUTES))) == "Cancelling …"
