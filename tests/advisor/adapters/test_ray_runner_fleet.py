"""Two hosts of a cluster, each a network namespace with an address and a core of its own: a sweep over both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from advisor.adapters.ray_runner import RayRunner
from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue import executor
from advisor.records import Requester, SweepPart, SweepStatus
from probes.schema import RunRequest
from tests import fakes, fleets
from tests.fleets import Fleet
from tests.processes import wait_until
from tests.stores import the

pytestmark = [
    pytest.mark.slow,
    pytest.mark.framework,
    pytest.mark.timeout(1200),
    pytest.mark.alone,
    pytest.mark.skipif(bool(fleets.why_not()), reason=fleets.why_not()),
    pytest.mark.skipif(not os.environ.get("FULCRUM_TEST_FLEET"), reason="six minutes: FULCRUM_TEST_FLEET=1 runs it"),
]
ASKED = RunRequest(probes=("mlp.train_step",), budget=30.0)
PATIENCE = 600.0


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with fleets.fleet("a", "b") as made:
        yield made


@pytest.fixture
def services(fleet: Fleet) -> Iterator[Services]:
    """With an executor that works, in this process."""
    services = replace(fakes.services(), runner=RayRunner(fleet.address, python=fleets.PYTHON))
    assert [(one.name, one.why_not, one.here) for one in services.runner.look()] == [("a", "", False), ("b", "", False)]
    stop = executor.Stop()
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(executor.work, services, "here", stop)
        yield services
        stop.asked.set()
        working.result()


def begin(services: Services, number: int) -> SweepStatus:
    """So many runs for whichever host is free. Each has another core, so that they aren't one kind by themselves."""
    asked = [SweepPart(replace(ASKED, seed=seed, machine="a"), ("a", "b")) for seed in range(number)]
    return services.store.begin_sweep(services.store.create_decision(Answers()).id, asked, Requester(operator=True))


def ended(services: Services, sweep: SweepStatus) -> SweepStatus:
    def over() -> SweepStatus | None:
        found = the(services.store.sweep(sweep.decision_id))
        return None if found.active else found

    return wait_until(over, "the end of the sweep", PATIENCE)


def when(services: Services, job_id: str) -> list[tuple[datetime, datetime]]:
    """From when to when each round of a run was measured."""
    rounds = the(the(services.store.job(job_id)).result).rounds
    begun = [datetime.fromisoformat(one.started_at) for one in rounds]
    return [(start, start + timedelta(seconds=one.seconds)) for start, one in zip(begun, rounds, strict=True)]


def test_equal_hosts_share_a_sweep_and_each_measures_one_thing_at_a_time(services: Services) -> None:
    sweep = ended(services, begin(services, 4))
    assert [(part.status, part.reason) for part in sweep.parts] == [("done", "")] * 4
    assert {part.machine for part in sweep.parts} == {"a", "b"}
    for host in ("a", "b"):
        spans = sorted(span for part in sweep.parts if part.machine == host for span in when(services, part.job_id))
        assert all(end <= start + timedelta(seconds=1) for (_, end), (start, _) in pairwise(spans))
    by_host = {host: [s for p in sweep.parts if p.machine == host for s in when(services, p.job_id)] for host in "ab"}
    assert max(min(start for start, _ in spans) for spans in by_host.values()) < min(
        max(end for _, end in spans) for spans in by_host.values()
    ), "they worked side by side"


def test_a_host_that_dies_leaves_its_rounds_and_the_other_does_the_rest(services: Services, fleet: Fleet) -> None:
    sweep = begin(services, 3)

    def on_a() -> bool:
        return any(p.machine == "a" and p.finished_rounds for p in the(services.store.sweep(sweep.decision_id)).parts)

    wait_until(on_a, "a finished round on a", PATIENCE)
    fleet.hosts["a"].kill()
    try:
        found = ended(services, sweep)
        assert [(part.status, part.machine) for part in found.parts if part.status != "done"] == []
        runs = [the(services.store.job(job_id)) for job_id, _ in services.store.runs(sweep.decision_id)]
        lost = [run for run in runs if run.status == "interrupted"]
        assert lost
        assert all(run.reason.startswith("a is gone") and run.result.rounds for run in lost if run.result)
    finally:
        fleet.start("a")


def test_a_cable_that_is_pulled_leaves_no_process_behind(services: Services, fleet: Fleet) -> None:
    """The host goes on for as long as it hopes for the head, and then ends what it measures by itself."""
    sweep, host = begin(services, 2), fleet.hosts["b"]
    wait_until(host.measured, "a measurement on b", PATIENCE)
    host.cut()
    try:
        found = ended(services, sweep)
        assert {part.status for part in found.parts} == {"done"}
        assert {part.machine for part in found.parts if part.reason == ""} <= {"a", "b"}
        wait_until(lambda: not host.measured(), "the end of what b measured", PATIENCE)
    finally:
        host.cut(back=True)
        host.kill()
        fleet.start("b")


def test_cancelling_ends_it_on_every_host(services: Services, fleet: Fleet) -> None:
    sweep = begin(services, 3)
    wait_until(lambda: all(host.measured() for host in fleet.hosts.values()), "a measurement on both", PATIENCE)
    services.store.cancel_sweep(sweep.id)
    found = ended(services, sweep)
    assert {part.status for part in found.parts} <= {"cancelled", "done"}
    wait_until(lambda: not any(host.measured() for host in fleet.hosts.values()), "the end of all", PATIENCE)
