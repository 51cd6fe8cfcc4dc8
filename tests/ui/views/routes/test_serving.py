"""Servers under load, on the page of routes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.answers import Answers
from advisor.deployment import serving
from advisor.ports import OwnDataFile, Services
from advisor.queue.handlers import run_job
from advisor.queue.kinds import SERVING
from probes.schema import Outcome
from probes.serving.schema import ServingRequest, Trace, TraceReplay
from tests import fakes, servers
from tests.stores import the
from tests.ui.driving import open_page, texts
from tests.ui.views.routes.test_page import decided, plain

SERVER = Answers.model_validate(
    {
        "project": {"domain": "tabular"},
        "targets": [{"id": "server_rest_grpc", "importance": 4, "latency_ms": {"target": 20, "limit": 80}}],
    }
)


@pytest.fixture
def services() -> Services:
    return fakes.services()


def loaded(services: Services, *, stopping: bool = False) -> None:
    services.store.enqueue(SERVING, ServingRequest())
    claimed = the(services.store.claim("here"))
    run_job(services, claimed, lambda: stopping)


def test_servers_are_started_with_the_teams_limit_and_what_is_missing_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "routes", operator=True, **decided(services, SERVER))
    assert f"TensorFlow Serving, REST**: {servers.INSTALL}" in plain(app)
    assert "LitServe, PyTorch; LitServe, Keras; TorchServe: about 3 minutes" in plain(app)
    app.button(key="start-serving").click().run()
    job = the(services.store.latest(SERVING))
    assert (job.request.model, job.request.limit_ms, job.request.tensorflow_serving) == ("mlp", 80.0, "")
    assert job.active
    app.button(key="cancel-serving").click().run()
    ended = the(services.store.latest(SERVING))
    assert ended.status == "cancelled"


def test_a_teams_own_requests_are_replayed_with_the_time_that_they_need(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    trace = Trace("log.csv", "a" * 64, 400, 3600.0, 400, 1, fewest_seconds=22.0)
    log, rows = OwnDataFile("log.csv", "trace"), OwnDataFile("rows.npz", "npz", ("x",))
    services = replace(
        services, own_models=fakes.FakeOwnModels(), own_data=fakes.FakeOwnData({log: trace, rows: "not asked"})
    )
    app = open_page(monkeypatch, services, "routes", operator=True, **decided(services, SERVER))
    box = app.selectbox(key="serving-trace")
    assert box.options == ["No, only random times", "log.csv"]
    box.set_value("log.csv").run()
    app.button(key="start-serving").click().run()
    request = the(services.store.latest(SERVING)).request
    assert (request.trace, request.seconds) == (trace, 100.0), "22 % of them are the trace's"


def test_how_a_teams_own_requests_fared_stands_with_the_best_server(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    found = servers.run()
    replay = TraceReplay(400, 30.0, 13.3, servers.issued(0.5), servers.issued(0.05))
    records = tuple(replace(one, trace=replay) if one.outcome is Outcome.OK else one for one in found.records)
    services.store.enqueue(SERVING, ServingRequest())
    services.store.finish(the(services.store.claim("here")).id, "done", result=replace(found, records=records))
    said = plain(open_page(monkeypatch, services, "routes", operator=True, **decided(services, SERVER)))
    assert "Your requests at their own times: 500 ms at p99" in said
    assert "At random times: 50.0 ms at p99" in said


def test_no_visitor_names_an_address_for_this_machine_to_ask(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    for operator in (False, True):
        app = open_page(monkeypatch, services, "routes", operator=operator, **decided(services, SERVER))
        assert not [field for field in app.text_input if "tfs" in str(field.key)]
        assert "probes serve --tensorflow-serving" in texts(app)


def test_the_largest_rate_that_kept_the_limit_stands_in_the_section_and_in_the_targets_row(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    loaded(services)
    app = open_page(monkeypatch, services, "routes", **decided(services, SERVER))
    said = plain(app)
    assert "Under load: LitServe, PyTorch, 200 queries/s, 20.0 ms at p99; 100 ms allowed." in said
    assert "Under load: LitServe, Keras, 100 queries/s, 50.0 ms at p99; 100 ms allowed." in said
    assert "No rate broke the limit in the time that there was: it may serve more." in said
    assert "it never answered within <60 s>" in [block.value for block in app.code]
    table = next(frame.value for frame in app.dataframe if "Largest rate, /s" in frame.value)
    assert list(table["Largest rate, /s"]) == ["200", "100", "–", "–"]


def loaded_on(services: Services, machine: str, fingerprint: str) -> None:
    """A run that another machine of the cluster was asked for."""
    request = ServingRequest(machine=machine)
    found = servers.run(request)
    services.store.enqueue(SERVING, request)
    told = replace(found, machine=replace(found.machine, fingerprint=fingerprint, name="Far CPU"))
    services.store.finish(the(services.store.claim("here", machine)).id, "done", result=told)


def test_an_equal_machine_of_the_cluster_tells_the_same(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    loaded_on(services, "shed", services.runner.machine().fingerprint)
    said = plain(open_page(monkeypatch, services, "routes", **decided(services, SERVER)))
    assert "Under load: LitServe, PyTorch, 200 queries/s" in said


def test_another_machine_s_servers_are_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    loaded_on(services, "shed", "f" * 16)
    said = plain(open_page(monkeypatch, services, "routes", **decided(services, SERVER)))
    assert "Servers were under load with this network on Far CPU" in said
    assert "200 queries/s" not in said


def test_nobody_who_deploys_elsewhere_is_asked_about_servers(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    phones = Answers.model_validate({"targets": [{"id": "android"}]})
    app = open_page(monkeypatch, services, "routes", **decided(services, phones))
    assert "Serving under load" not in plain(app)


def test_a_reader_sees_the_rates_and_starts_nothing(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    loaded(services)
    record = services.store.create_decision(SERVER, owner="somebody else")
    app = open_page(monkeypatch, services, "routes", decision=record.id)
    assert "200 queries/s" in plain(app)
    assert "start-serving" not in {button.key for button in app.button}


def test_what_was_seen_before_a_cancel_is_kept(services: Services) -> None:
    loaded(services, stopping=True)
    job = the(services.store.done(SERVING, "mlp"))
    assert job.result is not None
    assert (job.status, [one.outcome for one in job.result.records][:2]) == (
        "cancelled", [Outcome.OK, Outcome.CANCELLED]
    )  # fmt: skip


def test_the_best_server_of_a_side_is_that_with_the_largest_rate() -> None:
    slow, fast = servers.record(servers.LIT, (50.0, 0.02)), servers.record(servers.OLD, (90.0, 0.02))
    never = servers.record(servers.KERAS, (10.0, 9.0))
    run = replace(servers.run(), records=(slow, fast, never))
    found = serving.best(serving.read(run))
    assert {side: one.record.server.id for side, one in found.items()} == {"pytorch": "torchserve"}
    assert serving.rate(serving.read(run)[2]) == "no rate that was tried kept the limit"
