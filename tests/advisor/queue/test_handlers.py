"""What the executor makes of a job of each kind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from advisor.answers import Answers
from advisor.queue import handlers
from advisor.queue.kinds import (
    CHECK,
    DESCRIBE,
    ENVIRONMENT,
    KINDS,
    MEASURE,
    ROUTES,
    SCAN,
    SERVING,
    SWEPT,
    CheckRequest,
    DescribeRequest,
    EnvironmentRequest,
    ScanRequest,
)
from advisor.records import Job
from advisor.storage.executing import LEFT
from probes.deploy.schema import RoutesProgress, RoutesRequest, RoutesRun
from probes.results import Progress, RunResult
from probes.schema import RunRequest, RunSetup
from probes.serving.schema import ServingRequest
from probes.system.plaintext import visible
from tests import fakes, own_models, samples, servers, team_code, ways
from tests.advisor.queue.claiming import OPERATOR, claimed, do, measured
from tests.fake_deployment import FakeDeployment
from tests.fakes import FakeRunner
from tests.stores import the


def test_every_kind_has_a_handler() -> None:
    assert handlers.HANDLERS.keys() == KINDS.keys()


@dataclass
class Broken(FakeDeployment):
    """Nothing works."""

    error: Exception = field(default_factory=lambda: ValueError("ways: 'x' doesn't exist; allowed: y"))

    def routes(self, request: RoutesRequest, **_: Any) -> RoutesRun | None:
        raise self.error

    def create_runtime(self, runtime_id: str, **_: Any) -> bool:
        raise self.error


@dataclass
class BrokenRunner(FakeRunner):
    """Something nobody thought of."""

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        raise OSError("no space left on device")


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
    ended = do(fakes.services(deployment=CutOff()), ROUTES, RoutesRequest(), stopping=lambda: True)
    assert (ended.status, ended.result) == ("cancelled", ways.cut_off(ways.run()))


def test_records_show_while_the_run_goes_on() -> None:
    services = fakes.services()
    seen: list[Job[RoutesRequest, RoutesRun] | None] = []

    class Watched(FakeDeployment):
        def routes(self, request: RoutesRequest, **doors: Any) -> RoutesRun | None:
            record, *_ = self.recording.records
            doors["on_progress"](RoutesProgress("mlp: exporting", 0.25, (record,), self.recording.references))
            seen.append(services.store.latest(ROUTES))
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
            services.store.recover("here")
            doors["tell"]("Installing", 0.5)
            told.append(doors["cancelled"]())
            return False

    ended = do(replace(services, deployment=Lost()), ENVIRONMENT, EnvironmentRequest("executorch"))
    assert told == [True]
    assert (ended.status, ended.reason, ended.message) == ("failed", LEFT, "")


@dataclass
class ChattyRunner(FakeRunner):
    """Tells progress far more often than anybody could read."""

    def run(self, setup: RunSetup, **doors: Any) -> RunResult:
        for step in range(1000):
            doors["on_progress"](Progress(f"step {step}", None, 1, 2, step / 1000, self.recording.results))
        return self.recording


class ChattyDeployment(FakeDeployment):
    """A run over all routes says hundreds of things, and what it has grows to a megabyte."""

    def routes(self, request: RoutesRequest, **doors: Any) -> RoutesRun | None:
        for step in range(1000):
            doors["on_progress"](RoutesProgress(f"step {step}", step / 1000, self.recording.records))
        return self.recording


@pytest.mark.parametrize(("kind", "request_"), [(MEASURE, RunRequest()), (ROUTES, RoutesRequest())])
def test_progress_is_written_sparingly(kind: Any, request_: Any) -> None:
    services = fakes.services(runner=ChattyRunner(), deployment=ChattyDeployment())
    assert do(services, kind, request_).version < 20


def test_servers_and_self_checks_end_with_what_there_is() -> None:
    served = do(fakes.services(), SERVING, ServingRequest())
    assert (served.status, served.result) == ("done", servers.run())
    cut = do(fakes.services(), SERVING, ServingRequest(), cancel=True)
    assert (cut.status, cut.result) == ("cancelled", servers.cut_off(servers.run()))
    checked = do(fakes.services(), CHECK, CheckRequest("standard"))
    assert (checked.status, checked.result) == ("done", replace(samples.check(), form="standard"))
    assert do(fakes.services(), CHECK, CheckRequest(), stopping=lambda: True).status == "cancelled"


def test_an_environment_is_made_or_cancelled_with_nothing_left() -> None:
    deployment = FakeDeployment()
    services = fakes.services(deployment=deployment)
    assert do(services, ENVIRONMENT, EnvironmentRequest("executorch"), stopping=lambda: True).status == "cancelled"
    assert deployment.environments["executorch"].state == "missing"
    assert do(services, ENVIRONMENT, EnvironmentRequest("executorch")).status == "done"
    assert deployment.environments["executorch"].state == "ready"


def test_a_refusal_is_shown_as_it_was_written_and_anything_else_by_its_kind() -> None:
    refused = do(fakes.services(deployment=Broken()), ROUTES, RoutesRequest())
    assert (refused.status, refused.reason) == ("failed", "ways: 'x' doesn't exist; allowed: y")
    full = Broken(error=OSError("no space left on device"))
    broken = do(fakes.services(deployment=full), ENVIRONMENT, EnvironmentRequest("executorch"))
    assert (broken.status, broken.reason) == ("failed", "OSError: no space left on device")
    assert measured(BrokenRunner()).reason == "OSError: no space left on device"


@pytest.mark.parametrize(
    "said", ["photos/cats holds b\udcff.png", "it said \0 and \x1b[2J"], ids=["half of a pair", "control"]
)
def test_whatever_characters_a_reason_has_it_is_kept(said: str) -> None:
    """Names of files are bytes, and words of other programs anything: no database takes all of that."""
    ended = do(fakes.services(deployment=Broken(error=ValueError(said))), ROUTES, RoutesRequest())
    assert (ended.status, ended.reason) == ("failed", visible(said))


def test_a_result_that_no_database_takes_is_a_failure_and_nobodys_end() -> None:
    odd = replace(own_models.report(), reason="half of a pair: \udcff")
    ended = do(own_models.services(odd), DESCRIBE, DescribeRequest(own_models.LISTED.name, own_models.LISTED.sha256))
    assert ended.status == "failed"
    assert ended.reason.startswith(("UnicodeEncodeError: ", "'utf-8' codec can't encode"))


def test_a_look_at_a_model_file_ends_with_its_report_its_reason_or_nothing() -> None:
    asked = DescribeRequest(own_models.LISTED.name, own_models.LISTED.sha256)
    done = do(own_models.services(), DESCRIBE, asked)
    assert (done.status, done.result) == ("done", own_models.report())
    refused = do(own_models.services("ranker.py, line 3: no Python"), DESCRIBE, asked)
    assert (refused.status, refused.reason) == ("failed", "ranker.py, line 3: no Python")
    cancelled = do(own_models.services(), DESCRIBE, asked, cancel=True)
    assert (cancelled.status, cancelled.result) == ("cancelled", None)


def test_a_report_is_kept_as_it_was_made() -> None:
    asked = DescribeRequest(own_models.LISTED.name, own_models.LISTED.sha256)
    for report in (own_models.report(), own_models.report("pytorch"), own_models.parting()):
        assert do(own_models.services(report), DESCRIBE, asked).result == report


def test_a_scan_ends_with_what_was_found_and_its_upload_is_gone() -> None:
    scanner = fakes.FakeScanner()
    name = scanner.keep(team_code.upload())
    ended = do(fakes.services(scanner=scanner), SCAN, ScanRequest("archive", name, "shop.zip"))
    assert (ended.status, ended.result) == ("done", team_code.scan())
    assert scanner.uploads == {}


@pytest.mark.parametrize("cancel", [True, False])
def test_whatever_becomes_of_a_scan_its_upload_is_gone(cancel: bool) -> None:
    scanner = fakes.FakeScanner("'shop.zip' is neither a folder nor a zip or tar archive")
    name = scanner.keep(team_code.upload())
    if cancel:
        scanner.finds = team_code.scan()
    ended = do(fakes.services(scanner=scanner), SCAN, ScanRequest("archive", name, "shop.zip"), cancel=cancel)
    assert ended.status == ("cancelled" if cancel else "failed")
    assert ended.reason == (ended.reason if cancel else scanner.finds)
    assert scanner.uploads == {}


def test_what_others_wait_for_is_left_alone() -> None:
    scanner = fakes.FakeScanner()
    services = fakes.services(scanner=scanner)
    names = [scanner.keep(team_code.upload()) for _ in range(2)]
    do(services, SCAN, ScanRequest("archive", names[0], "shop.zip"))
    decision_id = services.store.create_decision(Answers()).id
    services.store.enqueue(SCAN, ScanRequest("archive", names[1], "a.zip"), OPERATOR, decision_id=decision_id)
    assert handlers._uploads(services.store) == {names[1]}
    assert set(scanner.uploads) == {names[1]}


@pytest.mark.parametrize(("every", "told"), [(3600.0, ["Round 1"]), (0.0, ["Round 1", "Round 2", "Round 3"])])
def test_a_kind_says_how_often_words_are_written(every: float, told: list[str]) -> None:
    """Dozens of machines may be at work on a sweep, and a database has one writer."""
    services = fakes.services()
    job = replace(claimed(services, MEASURE, RunRequest()), kind=replace(MEASURE, words_every=every))
    work = handlers.JobContext(services, job, lambda: False)
    seen = []
    for number in range(1, 4):
        work.tell(f"Round {number}", number / 3)
        seen.append(the(services.store.job(job.id)).message)
    assert list(dict.fromkeys(seen)) == told


def test_the_runs_of_a_sweep_write_fewer_words_than_one_that_is_watched() -> None:
    assert SWEPT.words_every > MEASURE.words_every
