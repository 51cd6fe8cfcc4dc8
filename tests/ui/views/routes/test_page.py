"""The page on which ways out of the frameworks are tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue.handlers import run_job
from advisor.queue.kinds import CHECK, ENVIRONMENT, ROUTES, CheckRequest, EnvironmentRequest
from advisor.records import Requester
from probes.deploy.schema import RoutesRequest, RoutesRun
from probes.schema import Outcome
from tests import fakes, ways
from tests.stores import measure, the
from tests.ui.driving import BROWSER, open_page, texts

ANDROID = Answers.model_validate(
    {
        "project": {"domain": "tabular"},
        "targets": [{"id": "android", "importance": 5, "latency_ms": {"target": 1, "limit": 9}}],
    }
)


@pytest.fixture
def services() -> Services:
    return fakes.services()


def plain(app: Any) -> str:
    """What is written, without Markdown's escapes."""
    return texts(app).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")


def tried(services: Services, run: RoutesRun | None = None) -> None:
    """A run over routes that came to its end."""
    job = services.store.enqueue(ROUTES, RoutesRequest())
    services.store.claim("here")
    services.store.finish(job.id, "done", result=run or ways.run())


def decided(services: Services, answers: Answers = ANDROID) -> dict[str, str]:
    """The query of an owner's link."""
    record = services.store.create_decision(answers)
    return {"decision": record.id, "edit": record.edit_key}


def test_before_anything_was_tried_every_target_stands_with_what_is_known(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "routes")
    said = plain(app)
    assert app.title[0].value == "From trained model to target"
    assert "No way was tried with this network on this machine yet" in said
    assert "### Android" in said
    assert "Not tried with this network yet" in said
    assert "### LLM serving" not in said, "nothing here bears on it"
    assert app.button(key="start-routes").label == "Try the routes here"


def test_light_ways_are_queued_with_the_projects_network(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "routes")
    assert "9 of 11 ways" not in plain(app)
    assert "10 of 11 ways can be tried here as it is. Environments that would help: executorch" in plain(app)
    app.button(key="start-routes").click().run()
    job = the(services.store.latest(ROUTES))
    assert job.request.models == ("mlp",)
    assert "pytorch_executorch" not in job.request.ways
    assert "tensorflow_litert" in job.request.ways
    assert "Waiting to start" in plain(app)


def test_all_ways_are_asked_for_by_naming_none(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "routes")
    app.segmented_control(key="routes-which").set_value("all").run()
    app.button(key="start-routes").click().run()
    job = the(services.store.latest(ROUTES))
    assert job.request.ways == ()


def test_what_there_is_shows_while_the_rest_is_to_come_and_can_be_cancelled(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    job = services.store.enqueue(ROUTES, RoutesRequest(), by=Requester(browser=BROWSER))
    services.store.claim("here")
    services.store.tell(job.id, "mlp: exporting <LiteRT> (5 of 11)", 0.4, result=ways.cut_off(ways.run()))
    app = open_page(monkeypatch, services, "routes", **decided(services))
    said = plain(app)
    assert "Trying routes" in said
    assert "50.0 µs" in said, "the ONNX Runtime row has its figures already"
    assert "LiteRT: exported, 2.00 MiB" in said
    assert "It is still to come" in said
    assert not app.get("plotly_chart"), "it would flicker"
    app.button(key="cancel-routes").click().run()
    assert services.store.cancel_requested(job.id)


def test_a_finished_run_shows_both_sides_of_each_target_with_their_figures(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    tried(services)
    app = open_page(monkeypatch, services, "routes", **decided(services))
    said = plain(app)
    assert "## Your targets" in said
    assert "Importance 5 of 5, 1 ms wanted, 9 ms at most" in said
    assert "**LiteRT 2.3.0**" in said
    assert "**ONNX Runtime Mobile 1.32.0**" in said, "of ways worth the same, one that was seen to work"
    assert "<dt>Batch 1</dt><dd>30.0 µs<small>28.0 µs to 32.1 µs</small></dd>" in said
    assert "Sample CPU, 2 cores, 8 GiB, 30 minutes ago" in said
    assert "handwritten digits" in said
    (table,) = app.dataframe
    assert list(table.value["Way"]) == [record.way.title for record in ways.records()]
    litert = table.value.set_index("Way").loc["LiteRT"]
    assert litert["Batch 1, µs"] == pytest.approx(30, rel=0.02)
    assert app.get("plotly_chart")


def test_failures_stand_with_their_reasons_and_nothing_of_them_is_markup(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    tried(services)
    app = open_page(monkeypatch, services, "routes")
    said = texts(app)
    assert "What failed, and why" in said
    assert "RuntimeError: <b>no such op</b>: Erfc" in [block.value for block in app.code]
    assert not any("<b>no such op" in str(element.value) for element in app.get("html"))
    assert "differ from the source's by up to 3.1" in said
    assert "**PyTorch: ExecuTorch, XNNPACK**: Its environment «executorch» was not made yet." in plain(app)


def test_a_target_whose_ways_all_failed_says_so(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    way = ways.way("tensorflow_litert", "LiteRT")
    tried(services, ways.run(ways.record(way, outcome=Outcome.FAILED, reason="no room on the disk")))
    answers = Answers.model_validate({"project": {"domain": "tabular"}, "targets": [{"id": "ios", "importance": 5}]})
    app = open_page(monkeypatch, services, "routes", **decided(services, answers))
    assert "Doesn't work here: LiteRT: no room on the disk" in plain(app)


def test_other_networks_have_their_own_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    cnn = replace(fakes.MLP, id="cnn", title="A small image network")
    services = fakes.services(runner=fakes.FakeRunner(networks=(fakes.MLP, cnn)))
    tried(services)
    app = open_page(monkeypatch, services, "routes")
    assert app.dataframe
    app.selectbox(key="routes-network-mlp").set_value("cnn").run()
    assert not app.dataframe
    assert "No way was tried with this network" in plain(app)


def test_another_machines_run_is_neither_shown_nor_counted(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    tried(services, replace(ways.run(), machine=replace(ways.MACHINE, fingerprint="f" * 16, name="Far CPU")))
    app = open_page(monkeypatch, services, "routes", **decided(services))
    assert "Ways were tried with this network on Far CPU" in plain(app)
    assert not app.dataframe
    assert "LiteRT, 30.0" not in plain(open_page(monkeypatch, services, "recommendation", **decided(services)))


def test_the_recommendation_goes_by_what_was_tried(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    tried(services)
    app = open_page(monkeypatch, services, "recommendation", **decided(services))
    assert "Measured here with the network «mlp»: LiteRT, 30.0 µs" in plain(app)


def test_what_would_ship_is_a_list_for_both_sides(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    tried(services)
    app = open_page(monkeypatch, services, "routes", **decided(services))
    said = plain(app)
    assert "2 files, 2.00 MiB, numbers kept as float32" in said
    assert "Tested with onnxruntime 1.32.0" in said
    assert "slowest phone that you support" in said


def test_a_reader_sees_everything_and_starts_nothing(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    tried(services)
    record = services.store.create_decision(ANDROID, owner="somebody else")
    app = open_page(monkeypatch, services, "routes", decision=record.id)
    keys = {button.key for button in app.button}
    assert not keys & {"start-routes", "make-executorch", "remove-tfjs", "use-executorch"}
    assert app.dataframe
    assert "ExecuTorch" in plain(app)
    services.store.enqueue(ROUTES, RoutesRequest())
    app = open_page(monkeypatch, services, "routes", decision=record.id)
    assert "cancel-routes" not in {button.key for button in app.button}
    assert "Waiting to start" in plain(app)


def test_how_the_last_one_ended_is_said(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    job = services.store.enqueue(ROUTES, RoutesRequest())
    services.store.claim("here")
    services.store.finish(job.id, "failed", reason="no space left on <device>")
    app = open_page(monkeypatch, services, "routes")
    assert app.error[0].value.replace("\\", "") == "no space left on <device>"
    job = services.store.enqueue(ROUTES, RoutesRequest())
    services.store.claim("here")
    services.store.finish(job.id, "cancelled", result=ways.cut_off(ways.run()))
    said = plain(open_page(monkeypatch, services, "routes"))
    assert "The last time was cancelled. What was seen until then is kept" in said
    assert "50.0 µs" in said


def test_who_begins_anew_and_cancels_takes_no_figures_away(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    tried(services)
    job = services.store.enqueue(ROUTES, RoutesRequest())
    services.store.claim("here")
    services.store.finish(job.id, "cancelled", result=ways.cut_off(ways.run()))
    whole = plain(open_page(monkeypatch, services, "routes", **decided(services)))
    assert "30.0 µs" in whole, "LiteRT's, which the run that was cut off hadn't come to"


# ------------------------------------------------------------------------------------------- environments


def test_an_environment_is_made_with_progress_and_then_it_can_be_removed(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "routes", operator=True)
    assert "About 1100 MB on disk: executorch==1.5.1, torch==2.13.0." in plain(app)
    app.button(key="make-executorch").click().run()
    claimed = the(services.store.claim("here"))
    assert claimed.request == EnvironmentRequest("executorch")
    services.store.tell(claimed.id, "Installing 12 packages", 0.5)
    app = open_page(monkeypatch, services, "routes", operator=True)
    assert app.button(key="cancel-environment-executorch").label == "Cancel making ExecuTorch"
    run_job(services, claimed, lambda: False)
    app = open_page(monkeypatch, services, "routes", operator=True)
    app.button(key="remove-executorch").click().run()
    assert [offer.state for offer in services.deployment.runtimes()] == ["missing", "ready"]


def test_an_environment_that_could_not_be_made_says_why(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    job = services.store.enqueue(ENVIRONMENT, EnvironmentRequest("executorch"))
    services.store.claim("here")
    services.store.finish(job.id, "failed", reason="needs about 1,100 MB, and 20 MB are free")
    app = open_page(monkeypatch, services, "routes")
    assert "20 MB are free" in app.error[0].value.replace("\\", "")


def test_an_interpreter_is_named_on_the_command_line_and_can_be_given_up_here(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    services.deployment.environments["executorch"] = replace(  # type: ignore[attr-defined]
        services.deployment.runtimes()[0], state="yours", interpreter="/opt/et/bin/python"
    )
    assert "/opt/et/bin/python" not in texts(open_page(monkeypatch, services, "routes")), "a path is the operator's"
    app = open_page(monkeypatch, services, "routes", operator=True)
    assert "/opt/et/bin/python" in texts(app)
    assert not [field for field in app.text_input if "point" in str(field.key)]
    app.button(key="unpoint-executorch").click().run()
    assert services.deployment.runtimes()[0].state == "missing"


def test_who_does_not_operate_sees_environments_and_how_to_get_the_right(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "routes", **decided(services))
    assert "python -m advisor key" in texts(app)
    assert "ExecuTorch" in plain(app)
    assert not {button.key for button in app.button} & {"make-executorch", "remove-tfjs", "start-serving"}


def test_a_run_that_waits_for_an_environment_says_so(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    services.store.enqueue(ENVIRONMENT, EnvironmentRequest("executorch"))
    job = the(services.store.claim("here"))
    services.store.tell(job.id, "Installing", 0.25)
    query = decided(services)
    measure(services.store, for_=query["decision"])
    app = open_page(monkeypatch, services, "probes", **query)
    assert "an environment is being made" in app.get("progress")[0].proto.text


def test_routes_wait_for_a_self_check(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    services.store.enqueue(CHECK, CheckRequest())
    services.store.claim("here")
    services.store.enqueue(ROUTES, RoutesRequest())
    app = open_page(monkeypatch, services, "routes")
    assert "is under way" in app.get("progress")[0].proto.text
