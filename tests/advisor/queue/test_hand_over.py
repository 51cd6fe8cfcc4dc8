"""Records of other machines become runs of a decision, each round once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.answers import Answers
from advisor.measured.conditions import asked
from advisor.measured.result_sets import result_sets
from advisor.ports import Services
from advisor.queue.hand_over import HandOverError, hand_over
from advisor.queue.kinds import MEASURE
from probes.schema import RunRequest
from tests import fakes
from tests.fakes import FakeRunner
from tests.stores import the
from tests.travelling import file_of, measured_on, named, recorded


@pytest.fixture
def services() -> Services:
    return fakes.services(runner=FakeRunner(recorded()))


@pytest.fixture
def decision(services: Services) -> str:
    return services.store.create_decision(Answers()).id


def test_a_record_is_a_run_with_its_rounds_its_machine_and_its_file(services: Services, decision: str) -> None:
    run = measured_on(cpu="Other CPU")
    kept = hand_over(services, decision, file_of(run), "other.json")
    result = the(the(services.store.job(kept.id)).result)
    assert (result.machine, result.rounds, result.file) == (run.machine, run.rounds, "other.json")
    body = result_sets([kept], here=recorded().machine.fingerprint, judge=services.runner)[0]
    assert (body.files, body.taken_over) == (("other.json",), frozenset())


def test_the_same_record_twice_is_refused_and_so_is_its_longer_self(services: Services, decision: str) -> None:
    run = measured_on(cpu="Other CPU")
    hand_over(services, decision, file_of(replace(run, seconds=run.seconds + 1)), "first.json")
    with pytest.raises(HandOverError, match=r"second\.json: \d+ rounds? of it (is|are) part of this decision already"):
        hand_over(services, decision, file_of(run), "second.json")
    other = services.store.create_decision(Answers()).id
    assert hand_over(services, other, file_of(run), "second.json").status == "done", "another decision has its own"


def test_the_same_figures_under_another_machines_name_are_refused(services: Services, decision: str) -> None:
    run = measured_on(cpu="Other CPU")
    hand_over(services, decision, file_of(run), "first.json")
    renamed = replace(run, machine=named(run.machine, cpu="Third CPU"))
    with pytest.raises(HandOverError, match=r"second\.json: \d+ rounds? of it .* they would count twice"):
        hand_over(services, decision, file_of(renamed), "second.json")


def test_a_version_that_nobody_released_is_refused(services: Services, decision: str) -> None:
    run = measured_on(versions={**recorded().machine.versions, "torch": "2.12.7"})
    told = tuple(
        replace(one, environment={side: {**said, "version": {"pytorch": "2.12.7"}.get(side, said["version"])}
                                  for side, said in one.environment.items()})
        for one in run.rounds
    )  # fmt: skip
    with pytest.raises(HandOverError, match=r"run\.json: torch 2\.12\.7 was never released"):
        hand_over(services, decision, file_of(replace(run, rounds=told)), "run.json")


def test_what_is_edited_is_refused_in_the_words_of_who_looked(services: Services, decision: str) -> None:
    with pytest.raises(HandOverError, match=r"run\.json: its checksum isn't that of its content"):
        hand_over(services, decision, file_of(recorded()).replace(b'"seconds": ', b'"seconds": 1'), "run.json")
    assert services.store.history(MEASURE, decision) == ()


def test_it_waits_for_the_measurement_under_way(services: Services, decision: str) -> None:
    services.store.enqueue(MEASURE, RunRequest(), decision_id=decision)
    with pytest.raises(HandOverError, match="under way: hand it over when that has ended"):
        hand_over(services, decision, file_of(measured_on(cpu="Other CPU")), "run.json")


def test_a_file_says_nothing_of_this_machine_to_other_decisions(services: Services, decision: str) -> None:
    """Whoever forges a whole record may forge this machine's: it stays where it was brought."""
    run = recorded()
    hand_over(services, decision, file_of(run), "run.json")
    conditions = asked(run.request, run.machine)
    assert {known.own for known in services.store.known(conditions, decision_id=decision)} == {True}
    other = services.store.create_decision(Answers()).id
    assert services.store.known(conditions, decision_id=other) == ()


def test_as_many_are_taken_as_count(services: Services, decision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.queue.hand_over.MOST", 2)
    for day in (20, 21):
        hand_over(services, decision, file_of(measured_on(cpu="Other CPU", day=day)), f"{day}.json")
    with pytest.raises(HandOverError, match="2 records were handed over for this decision already"):
        hand_over(services, decision, file_of(measured_on(cpu="Other CPU", day=22)), "22.json")
