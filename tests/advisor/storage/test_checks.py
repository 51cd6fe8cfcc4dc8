"""Self-checks in the store: both stores keep the same rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.checking import CheckStore
from advisor.storage import SqlChecks
from tests import databases, samples
from tests.fakes import FixedClock
from tests.memory_checks import MemoryChecks


@pytest.fixture(params=[*databases.SQL, "memory"])
def checks(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CheckStore]:
    if request.param == "memory":
        yield MemoryChecks(FixedClock())
        return
    with databases.opened(request.param, tmp_path) as connect:
        yield SqlChecks(connect(), FixedClock())


def test_one_check_at_a_time(checks: CheckStore) -> None:
    assert checks.latest() is checks.done() is checks.version() is checks.claim("a") is None
    first = checks.enqueue()
    assert checks.enqueue().id == first.id
    claimed = checks.claim("a")
    assert claimed is not None
    assert (claimed.id, claimed.status) == (first.id, "running")
    assert checks.claim("b") is None
    assert checks.enqueue().id == first.id, "it is still active"


def test_progress_and_result_are_kept(checks: CheckStore) -> None:
    check_id = checks.enqueue().id
    checks.claim("a")
    checks.tell(check_id, "PyTorch against itself", 0.25)
    under_way, version = checks.latest(), checks.version()
    assert under_way is not None
    assert (under_way.message, under_way.fraction) == ("PyTorch against itself", 0.25)
    checks.finish(check_id, "done", result=samples.check())
    done = checks.done()
    assert done is not None
    assert (done.result, done.status, done.fraction) == (samples.check(), "done", 1.0)
    assert checks.version() != version
    checks.enqueue()
    assert checks.done() == done, "the last result stays until there is another"


def test_cancel(checks: CheckStore) -> None:
    waiting = checks.enqueue()
    checks.request_cancel(waiting.id)
    latest = checks.latest()
    assert latest is not None
    assert latest.status == "cancelled"
    running = checks.enqueue()
    assert running.id != waiting.id
    checks.claim("a")
    assert not checks.cancel_requested(running.id)
    checks.request_cancel(running.id)
    checks.tell(running.id, "too late", 0.5)
    assert checks.cancel_requested(running.id)
    latest = checks.latest()
    assert latest is not None
    assert latest.message == "Cancelling"


def test_what_a_dead_executor_left_has_failed(checks: CheckStore) -> None:
    checks.enqueue()
    checks.claim("a")
    checks.recover("b")
    latest = checks.latest()
    assert latest is not None
    assert latest.status == "running", "another machine's"
    checks.recover("a")
    latest = checks.latest()
    assert latest is not None
    assert (latest.status, latest.reason) == ("failed", "the measuring process ended unexpectedly")


def test_an_unknown_check_is_named(checks: CheckStore) -> None:
    with pytest.raises(LookupError, match="nothing"):
        checks.finish("nothing", "done")
