"""Many runs at once, on the page «Machines»."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from advisor.answers import Answers
from advisor.ports import FleetMachine, Services
from advisor.records import Requester, SweepPart
from probes.schema import RunRequest
from tests import fakes
from tests.fakes import FakeRunner
from tests.stores import the
from tests.travelling import measured_on, recorded
from tests.ui.driving import BROWSER, open_page, texts

OPERATOR = Requester(operator=True)


@pytest.fixture
def services() -> Services:
    here = recorded().machine
    others = (FleetMachine("twin", here), FleetMachine("server", measured_on(cpu="Server CPU").machine))
    return fakes.services(runner=FakeRunner(recorded(), others=others))


def decided(services: Services) -> str:
    return services.store.create_decision(Answers(), owner=BROWSER).id


def opened(monkeypatch: pytest.MonkeyPatch, services: Services, decision: str, *, operator: bool = True) -> AppTest:
    return open_page(monkeypatch, services, "machines", browser=BROWSER, operator=operator, decision=decision)


def test_one_click_asks_for_every_network_on_every_kind(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    decision = decided(services)
    app = opened(monkeypatch, services, decision)
    app.session_state["sweep-plan"] = True
    app.run()
    app.button_group(key="sweep-where").set_value("kinds").run()
    said = texts(app).replace("\\", "")
    assert "Equal machines share the work" in said
    assert "2 runs, at least 1 min" in said
    app.button(key="sweep-start").click().run()
    sweep = the(services.store.sweep(decision))
    assert [(part.request.model, part.places) for part in sweep.parts] == [("mlp", ("", "twin")), ("mlp", ("server",))]
    assert "0 of 2 runs done" in texts(app)


def test_its_progress_is_seen_and_only_operators_end_it(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    decision = begun(services)
    job = the(services.store.claim("here", "twin"))
    services.store.tell(job.id, "Round 2", 0.5, planned_rounds=4)
    app = opened(monkeypatch, services, decision, operator=False)
    assert "0 of 2 runs done" in texts(app)
    assert not [button for button in app.button if button.key == "sweep-cancel"]
    app = opened(monkeypatch, services, decision)
    table = app.dataframe[0]
    assert list(table.value.iloc[0]) == ["The article's network", "round 1 of 4 on twin", "waits"]
    app.button(key="sweep-cancel").click().run()
    assert services.store.cancel_requested(job.id)


def test_the_rest_is_gone_on_with(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    decision = begun(services)
    done, lost = the(services.store.claim("here", "twin")), the(services.store.claim("here", "server"))
    services.store.finish(done.id, "done", result=recorded())
    services.store.finish(lost.id, "interrupted", reason="server is gone: it died")
    app = opened(monkeypatch, services, decision)
    said = texts(app).replace("\\", "")
    assert "1 of 2 runs done" in said
    assert "Server is gone: it died." in said
    app.button(key="sweep-go-on").click().run()
    assert [part.status for part in the(services.store.sweep(decision)).parts] == ["done", "queued"]


def test_who_waits_for_the_executor_and_not_for_a_machine_reads_so(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    decision = begun(services)
    services.store.claim("here", "twin")
    assert "as many as one executor sends it to" not in texts(opened(monkeypatch, services, decision))
    monkeypatch.setattr("advisor.queue.sweeps.MOST_MACHINES", 1)
    assert "as many as one executor sends it to" in texts(opened(monkeypatch, services, decision))


def begun(services: Services) -> str:
    decision = decided(services)
    parts = [SweepPart(RunRequest(machine=one[0]), one) for one in (("", "twin"), ("server",))]
    services.store.begin_sweep(decision, parts, OPERATOR)
    return decision
