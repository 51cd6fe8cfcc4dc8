"""What a run goes by: joined where it begins, and kept until it is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor import questionnaire
from advisor.answers import Answers, Project
from advisor.decision.decide import decide
from advisor.decision.evidence.scanned_code import with_effort
from advisor.decision.priority import priority
from advisor.effort.estimate import estimate
from advisor.knowledge import load
from advisor.ports import Services
from advisor.queue.handlers import run_job
from advisor.queue.joining import joined
from advisor.queue.kinds import CHECK, CheckRequest
from advisor.storage.sweeps import Sweeps
from probes.schema import Calibration, Priority, ProbeId, RunRequest, RunSetup
from tests import fakes, samples, team_code
from tests.stores import Run, measure, the

#: Of no kind of network but the one that the fake runner has.
ANSWERED = questionnaire.examples()[2].answers.model_copy(update={"project": Project()})
REQUEST = RunRequest(threads=2)


@pytest.fixture
def services() -> Services:
    return fakes.services()


def claimed(services: Services, answers: Answers) -> Run:
    measure(services.store, REQUEST, for_=services.store.create_decision(answers).id)
    return the(services.store.claim("here"))


def checked(services: Services) -> None:
    services.store.enqueue(CHECK, CheckRequest("standard"))
    run_job(services, the(services.store.claim("here")), lambda: False)


def test_nobody_answered_and_the_machine_was_not_looked_at(services: Services) -> None:
    assert joined(services, claimed(services, Answers())) == RunSetup(REQUEST)


def test_where_nothing_was_answered_no_run_is_read_for_it(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last parts of a sweep would read dozens, as each begins."""
    run = claimed(services, Answers())
    monkeypatch.delattr(Sweeps, "runs")
    assert joined(services, run).priority == Priority()


def test_the_machines_own_check_and_the_decisions_own_gains_are_joined(services: Services) -> None:
    checked(services)
    setup = joined(services, claimed(services, ANSWERED))
    assert setup.request == REQUEST
    assert setup.calibration == Calibration(spreads={"mlp.train_step": 0.03})
    assert setup.priority.gains
    assert set(setup.priority.gains) <= {offer.probe.id for offer in services.runner.catalog()}


def test_what_was_measured_already_has_a_say(services: Services) -> None:
    before = joined(services, claimed(services, ANSWERED)).priority
    services.store.finish(services.store.queue()[0].id, "cancelled")
    decision = services.store.create_decision(ANSWERED)
    services.store.adopt(decision.id, samples.run_result())
    measure(services.store, REQUEST, for_=decision.id)
    after = joined(services, the(services.store.claim("here"))).priority
    steps = [probe for probe in before.gains if ProbeId.parse(probe).measure == "train_step"]
    assert steps
    assert all(after.gains.get(step, 0.0) < before.gains[step] for step in steps), "that is decided"


def test_the_scan_of_a_decisions_code_has_a_say_as_on_the_pages() -> None:
    services = fakes.services(scanner=fakes.FakeScanner(team_code.scan()))
    record = services.store.create_decision(ANSWERED)
    team_code.read(services, record)
    measure(services.store, REQUEST, for_=record.id)
    setup = joined(services, the(services.store.claim("here")))
    effort = estimate(the(team_code.scan().report), ANSWERED, survival=ANSWERED.code_parts)
    known = load(on=services.clock.now().date())
    probes = {offer.probe.id for offer in services.runner.catalog()}
    read, unread = (
        priority(ANSWERED, lambda have=have: decide(ANSWERED, have), probes)  # type: ignore[misc]
        for have in (with_effort(known, effort), known)
    )
    assert read != unread
    assert setup.priority == read


def test_a_run_goes_on_with_what_it_began_with(services: Services) -> None:
    """Its rounds were planned by that, whatever was answered or found out since."""
    run = claimed(services, ANSWERED)
    calibration, priority = Calibration(margin=0.03), Priority({"mlp.startup": 0.2})
    begun = replace(samples.run_result(), request=REQUEST, calibration=calibration, priority=priority)
    services.store.finish(run.id, "interrupted", result=begun)
    checked(services)
    services.store.resume(run.id)
    again = the(services.store.claim("here"))
    assert joined(services, again) == RunSetup(REQUEST, calibration, priority)


def test_a_decision_that_was_deleted_wants_nothing(services: Services) -> None:
    run = claimed(services, ANSWERED)
    services.store.delete_decision(run.subject)
    assert joined(services, run) == RunSetup(REQUEST)
