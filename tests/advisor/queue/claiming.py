"""A job that is claimed and done at once, in the test's own process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue import handlers
from advisor.queue.kinds import MEASURE
from advisor.records import Job, Requester
from probes.results import RunResult
from probes.schema import RunRequest
from tests import fakes
from tests.fakes import FakeRunner
from tests.stores import the

OPERATOR = Requester(operator=True)
PATIENCE = 60.0  # seconds; a test waits for events and fails after this


def claimed(services: Services, kind: Any, request: Any) -> Job[Any, Any]:
    """For a decision of its own."""
    decision_id = services.store.create_decision(Answers()).id
    queued = services.store.enqueue(kind, request, OPERATOR, decision_id=decision_id)
    taken = the(services.store.claim("here", getattr(request, "machine", "")))
    assert taken.id == queued.id
    return taken


def do(
    services: Services,
    kind: Any,
    request: Any,
    *,
    stopping: Callable[[], bool] = lambda: False,
    cancel: bool = False,
) -> Job[Any, Any]:
    taken = claimed(services, kind, request)
    if cancel:
        services.store.request_cancel(taken.id)
    handlers.run_job(services, taken, stopping)
    return the(services.store.job(taken.id))


def measured(runner: FakeRunner, **how: Any) -> Job[RunRequest, RunResult]:
    return do(fakes.services(runner=runner), MEASURE, RunRequest(), **how)
