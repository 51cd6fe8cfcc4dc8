"""What was measured before: offered, taken over, and shown apart where the conditions were others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue.kinds import MEASURE
from advisor.records import DecisionRecord
from probes.results import RunResult
from probes.schema import RunRequest
from tests import fakes, samples
from tests.stores import measure, the
from tests.ui.driving import open_page
from tests.ui.driving import texts as written
from tests.ui.ticking import opened

SIZES = {"mlp": {"width": 256, "classes": 10}}  # what the page starts with


@pytest.fixture
def services() -> Services:
    return fakes.services()


def texts(app: AppTest) -> str:
    return plain(written(app))


def plain(text: str) -> str:
    """Without Markdown's escapes."""
    return text.replace("\\", "")


def result(services: Services, *, days: float = 3, **changes: Any) -> RunResult:
    then = (services.clock.now() - timedelta(days=days)).isoformat()
    whole = replace(samples.run_result(), request=RunRequest(sizes=SIZES), **changes)
    return replace(whole, results=tuple(replace(row, measured_at=then) for row in whole.results), started_at=then)


def measured(services: Services, what: RunResult, record: DecisionRecord | None = None) -> DecisionRecord:
    record = record or services.store.create_decision(Answers())
    run = measure(services.store, what.request, for_=record.id)
    services.store.claim("here")
    services.store.finish(run.id, "done", result=what)
    return record


def test_what_another_decision_measured_here_is_offered_and_taken_over(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    measured(services, result(services))
    app = open_page(monkeypatch, services, "probes")
    assert "Measured on this machine 3 days ago, with the same versions" in texts(app)
    app.button(key="use-known").click().run()
    assert not app.exception
    taken = the(services.store.latest(MEASURE, app.query_params["decision"]))
    assert taken.taken_over
    said = texts(app)
    assert "Taken over from another decision on this installation: All of it" in said
    assert "3 days ago" in said


def test_nothing_is_offered_where_the_conditions_are_others(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    elsewhere = replace(samples.MACHINE, fingerprint="f" * 16)
    measured(services, result(services, machine=elsewhere))
    app = open_page(monkeypatch, services, "probes")
    assert not any(button.key == "use-known" for button in app.button)
    measured(services, result(services))
    app = open_page(monkeypatch, services, "probes")
    app.number_input(key="size-mlp-width").set_value(512).run()
    assert not any(button.key == "use-known" for button in app.button)


def test_ages_stand_beside_the_probes(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    measured(services, result(services))
    app = opened(open_page(monkeypatch, services, "probes"))
    assert any("measured 3 days ago" in box.label for box in app.checkbox)


def test_results_of_another_state_of_the_machine_are_apart_and_named(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    before = replace(samples.MACHINE, fingerprint="f" * 16, versions={**samples.MACHINE.versions, "torch": "2.12.0"})
    record = measured(services, result(services, days=9, machine=before))
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    assert "torch 2.12.0 instead of 2.13.0" in texts(app)
    assert "feed the recommendation all the same" in texts(app)
    measured(services, result(services, days=1), record)
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    said = texts(app)
    assert "Measured under other conditions" in said
    section = next(e for e in app.expander if "The same machine: torch" in plain(e.label))
    assert "14 November 2026" in section.label
    assert not section.proto.expanded


def test_results_of_here_go_first_even_when_they_are_older(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    other = replace(samples.MACHINE, fingerprint="f" * 16, name="Another CPU", cpu="Another CPU")
    record = measured(services, result(services, days=5))
    measured(services, result(services, days=1, machine=other), record)
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    said = texts(app)
    assert f"Measured on {samples.MACHINE.name}" in said
    assert any(plain(e.label).startswith("Another CPU, 22 November 2026") for e in app.expander)


def test_a_decision_of_another_browser_is_offered_nothing(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    measured(services, result(services))
    theirs = services.store.create_decision(Answers(), owner="someone else")
    app = open_page(monkeypatch, services, "probes", decision=theirs.id)
    assert not any(button.key == "use-known" for button in app.button)
