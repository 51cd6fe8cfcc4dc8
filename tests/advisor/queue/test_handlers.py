"""What the executor makes of a job of each kind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from advisor.ports import Services
from advisor.queue import handlers
from advisor.queue.kinds import ENVIRONMENT, LEFT, ROUTES, EnvironmentRequest, Job
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun
from tests import fakes, ways
from tests.fakes import FakeDeployment


def do(services: Services, kind: Any, request: Any, *, stopping: bool = False) -> Job[Any, Any]:
    queued = services.jobs.enqueue(kind, request)
    claimed = services.jobs.claim("here")
    assert claimed is not None
    assert claimed.id == queued.id
    handlers.run_job(services, claimed, lambda: stopping)
    ended = services.jobs.latest(kind)
    assert ended is not None
    return ended


@dataclass
class Broken(FakeDeployment):
    """Nothing works."""

    error: Exception = field(default_factory=lambda: ValueError("ways: 'x' doesn't exist; allowed: y"))

    def routes(self, request: RoutesRequest, **_: Any) -> RoutesRun | None:
        raise self.error

    def create_runtime(self, runtime_id: str, **_: Any) -> bool:
        raise self.error


@dataclass
class CutOff(FakeDeployment):
    """Stops where it is told to, as the real one does: with what there is."""

    def routes(self, request: RoutesRequest, **doors: Any) -> RoutesRun | None:
        return ways.cut_off(self.recording) if doors["cancelled"]() else self.recording


def test_routes_are_tried_as_asked_and_the_run_is_kept() -> None:
    deployment = FakeDeployment()
    asked = RoutesRequest(models=("cnn",), ways=("pytorch_eager",))
    ended = do(fakes.services(deployment=deployment), ROUTES, asked)
    assert deployment.asked == [asked]
    assert (ended.status, ended.result) == ("done", replace(ways.run(), request=asked))


def test_what_was_seen_before_a_cancel_is_kept() -> None:
    ended = do(fakes.services(deployment=CutOff()), ROUTES, RoutesRequest(), stopping=True)
    assert (ended.status, ended.result) == ("cancelled", ways.cut_off(ways.run()))


def test_records_show_while_the_run_goes_on() -> None:
    services = fakes.services()
    seen: list[Job[RoutesRequest, RoutesRun] | None] = []

    class Watched(FakeDeployment):
        def routes(self, request: RoutesRequest, **doors: Any) -> RoutesRun | None:
            record, *_ = self.recording.records
            doors["on_progress"](RoutesProgress("mlp: exporting", 0.25, (record,), self.recording.references))
            seen.append(services.jobs.latest(ROUTES))
            return self.recording

    services = replace(services, deployment=Watched())
    do(services, ROUTES, RoutesRequest())
    (under_way,) = seen
    assert under_way is not None
    assert under_way.result is not None
    assert (under_way.message, under_way.fraction) == ("mlp: exporting", 0.25)
    assert under_way.result.records == ways.run().records[:1]
    assert under_way.result.references == ways.run().references
    assert under_way.result.machine == services.runner.machine()


def test_a_job_that_was_taken_away_ends_in_good_order_without_a_word() -> None:
    """Somebody took this executor for dead: the environment that it was making must not stay half made."""
    services = fakes.services()
    told: list[bool] = []

    class Lost(FakeDeployment):
        def create_runtime(self, runtime_id: str, **doors: Any) -> bool:
            services.jobs.recover("here")
            doors["tell"]("Installing", 0.5)
            told.append(doors["cancelled"]())
            return False

    ended = do(replace(services, deployment=Lost()), ENVIRONMENT, EnvironmentRequest("executorch"))
    assert told == [True]
    assert (ended.status, ended.reason, ended.message) == ("failed", LEFT, "")


def test_results_are_written_sparingly() -> None:
    """A run over all routes says hundreds of things, and what it has grows to a megabyte."""
    services = fakes.services()

    class Chatty(FakeDeployment):
        def routes(self, request: RoutesRequest, **doors: Any) -> RoutesRun | None:
            for step in range(1000):
                doors["on_progress"](RoutesProgress(f"step {step}", step / 1000, self.recording.records))
            return self.recording

    assert do(replace(services, deployment=Chatty()), ROUTES, RoutesRequest()).version < 20


def test_an_environment_is_made_or_cancelled_with_nothing_left() -> None:
    deployment = FakeDeployment()
    services = fakes.services(deployment=deployment)
    assert do(services, ENVIRONMENT, EnvironmentRequest("executorch"), stopping=True).status == "cancelled"
    assert deployment.environments["executorch"].state == "missing"
    assert do(services, ENVIRONMENT, EnvironmentRequest("executorch")).status == "done"
    assert deployment.environments["executorch"].state == "ready"


def test_a_refusal_is_shown_as_it_was_written_and_anything_else_by_its_kind() -> None:
    refused = do(fakes.services(deployment=Broken()), ROUTES, RoutesRequest())
    assert (refused.status, refused.reason) == ("failed", "ways: 'x' doesn't exist; allowed: y")
    full = Broken(error=OSError("no space left on device"))
    broken = do(fakes.services(deployment=full), ENVIRONMENT, EnvironmentRequest("executorch"))
    assert (broken.status, broken.reason) == ("failed", "OSError: no space left on device")
