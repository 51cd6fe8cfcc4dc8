"""Probes: planning, the live view, results, and every way in which a run can end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from advisor import questionnaire
from advisor.answers import Answers, Project
from advisor.ports import FleetMachine, Services
from advisor.queue.joining import joined
from advisor.queue.kinds import MEASURE
from advisor.records import DecisionRecord
from probes import catalog
from probes.schema import RunRequest
from tests import fakes, samples
from tests.fakes import FakeRunner
from tests.pages import PAGES
from tests.stores import OpenStore, measure, the
from tests.ui.driving import open_page, texts
from tests.ui.ticking import box, offered, opened


@pytest.fixture
def services() -> Services:
    return fakes.services()


def with_run(services: Services, **changes: Any) -> tuple[Services, DecisionRecord]:
    record = services.store.create_decision(Answers())
    run = measure(services.store, for_=record.id)
    assert isinstance(services.store, OpenStore)
    services.store.change(run.id, **changes)
    return services, record


def test_the_plan_shows_machine_budget_sizes_and_why_not(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "probes")
    assert "1 can't run here; the questions say why" in texts(app)
    said = texts(opened(app))
    assert samples.MACHINE.name in said
    assert "can't run here" in said
    assert "No C\\+\\+ compiler was found" in said
    assert app.segmented_control(key="budget").value == "quick"
    assert app.number_input(key="size-mlp-width").value == 256


OTHERS = (
    FleetMachine("desk", replace(samples.MACHINE, name="Desk CPU", physical_cores=8)),
    FleetMachine("attic", None, "it has another Fulcrum"),
)


def test_a_run_can_be_sent_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    services = fakes.services(runner=FakeRunner(others=OTHERS))
    app = open_page(monkeypatch, services, "probes", operator=True)
    assert app.selectbox(key="where").options == ["This machine", "desk"]
    assert "attic: it has another Fulcrum." in texts(app).replace("\\", "")
    app.selectbox(key="where").set_value("desk").run()
    assert app.number_input(key="threads").max == 8, "as many as it has"
    app.button(key="start-run").click().run()
    run = the(services.store.latest(MEASURE, str(app.query_params["decision"])))
    assert run.request.machine == "desk"


def test_other_machines_are_for_who_operates_them(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, fakes.services(runner=FakeRunner(others=OTHERS)), "probes")
    assert "where" not in [box.key for box in app.selectbox]


def test_the_gpu_is_offered_where_one_was_seen(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "probes")
    assert app.segmented_control(key="device").options == ["auto", "cpu"]
    assert "No NVIDIA GPU with a driver was seen here" in texts(app)
    machine = replace(samples.MACHINE, gpus=("NVIDIA Sample, 80 GiB",))
    monkeypatch.setattr("ui.session.catalog.machine", lambda services: machine)
    app = open_page(monkeypatch, services, "probes")
    assert app.segmented_control(key="device").options == ["auto", "cpu", "cuda"]
    assert "No NVIDIA GPU" not in texts(app)


def test_start_queues_what_was_chosen(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "probes")
    app.number_input(key="size-mlp-width").set_value(512)
    app.number_input(key="threads").set_value(2)
    app.button(key="start-run").click().run()
    assert not app.exception
    decision_id = app.query_params["decision"]
    run = the(services.store.latest(MEASURE, decision_id))
    assert run.request == RunRequest(threads=2, sizes={"mlp": {"width": 512, "classes": 10}})
    assert "Waiting to start" in texts(app)


def test_chosen_probes_are_named_in_the_request(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = opened(open_page(monkeypatch, services, "probes"))
    for probe in offered(app) - {"mlp.train_step"}:
        box(app, probe).uncheck()
    app.button(key="start-run").click().run()
    run = the(services.store.latest(MEASURE, app.query_params["decision"]))
    assert run.request.probes == ("mlp.train_step",)


def test_a_run_that_cannot_be_planned_is_refused_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    def refuse(request: RunRequest) -> None:
        raise ValueError("threads: 2 is more than this machine has; allowed: 1")

    monkeypatch.setattr(services.runner, "validate", refuse)
    app = open_page(monkeypatch, services, "probes")
    app.button(key="start-run").click().run()
    assert "threads" in app.error[0].value
    assert "decision" not in app.query_params, "nothing is stored"


def test_visitors_see_no_start_button(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers())
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    assert not [button for button in app.button if button.key == "start-run"]
    assert "Nothing was measured" in texts(app)


def test_the_live_view_shows_progress_and_provisional_ratios(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    live, record = with_run(
        services, status="running", message="Round 1 of 2: training step", fraction=0.4,
        planned_rounds=2, finished_rounds=1, result=samples.run_result(provisional=True),
    )  # fmt: skip
    app = open_page(monkeypatch, live, "probes", decision=record.id, edit=record.edit_key)
    said = texts(app)
    assert "1 of 2 rounds done" in said
    assert app.progress[0].value == 40
    assert "f-live-interval pytorch" in said
    assert "provisional" in said
    assert "First ratios show" not in said, "they are there"
    assert not app.get("plotly_chart"), "plotly would flicker"


def test_cancel_asks_the_executor_to_stop(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers())
    run = measure(services.store, for_=record.id)
    app = open_page(monkeypatch, services, "probes", decision=record.id, edit=record.edit_key)
    app.button(key="cancel-run").click().run()
    now = the(services.store.job(run.id))
    assert now.cancel_requested or now.status == "cancelled"


def test_only_the_owner_can_cancel(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers())
    measure(services.store, for_=record.id)
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    assert not [button for button in app.button if button.key == "cancel-run"]


def test_a_run_under_way_shows_on_the_other_pages(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    live, record = with_run(services, status="running", message="Round 1 of 2", fraction=0.25)
    for page in set(PAGES) - {"probes"}:
        app = open_page(monkeypatch, live, page, decision=record.id)
        assert app.progress[0].value == 25
        assert app.progress[0].text == "Round 1 of 2"


def test_results_show_every_probe_and_the_last_words_of_a_failure(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    done, record = with_run(services, status="done", fraction=1.0, result=samples.run_result())
    app = open_page(monkeypatch, done, "probes", decision=record.id)
    assert "Of 5 measures, PyTorch is ahead in 2, TensorFlow (Keras 3) is ahead in 1, 1 equal, 1 undecided" in texts(
        app
    )
    table = app.dataframe[0].value
    assert list(table["Probe"]) == [r.title for r in samples.run_result().results]
    assert table.set_index("Probe").loc["Time to accuracy", "PyTorch"] == "failed"
    assert "RuntimeError: <b>out of luck</b>" in [code.value.partition(": ")[2] for code in app.code]
    assert len(app.get("plotly_chart")) == 4, "forest, memory, start-up, blocks"


def test_the_owner_can_measure_again(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    done, record = with_run(services, status="done", fraction=1.0, result=samples.run_result())
    app = open_page(monkeypatch, done, "probes", decision=record.id, edit=record.edit_key)
    assert app.button(key="start-run").label == "Measure again"


def test_a_probe_that_another_page_asked_for_is_ticked(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = fakes.FakeRunner()
    slow = fakes.Availability(replace(runner.offers[0].probe, id="mlp.slow", budget="standard"), fakes.Outcome.OK)
    services = fakes.services(runner=fakes.FakeRunner(offers=(*runner.offers, slow)))
    app = opened(open_page(monkeypatch, services, "probes"))
    assert not box(app, "mlp.slow").value
    asking = open_page(monkeypatch, services, "evidence")
    asking.session_state["fulcrum_wanted"] = ("probes", "mlp.slow")
    asking._page_hash = calc_hash("probes")
    asking.run()
    assert box(asking, "mlp.slow").value


def test_a_recorded_run_is_drawn_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = fakes.FakeRunner.replay("quick.json")
    done, record = with_run(fakes.services(runner=runner), status="done", fraction=1.0, result=runner.recording)
    app = open_page(monkeypatch, done, "probes", decision=record.id)
    assert list(app.dataframe[0].value["Probe"]) == [r.title for r in runner.recording.results]
    assert "One probe in detail" in texts(app)


def test_an_interrupted_run_goes_on_at_a_click(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    stopped, record = with_run(
        services, status="interrupted", finished_rounds=1, planned_rounds=2, result=samples.run_result(provisional=True)
    )
    resumed: list[str] = []
    monkeypatch.setattr(services.store, "resume", lambda run_id, by: resumed.append(run_id), raising=False)
    app = open_page(monkeypatch, stopped, "probes", decision=record.id, edit=record.edit_key)
    assert "1 of 2 rounds are finished and kept" in texts(app)
    app.button(key="resume").click().run()
    assert resumed == [stopped.store.latest(MEASURE, record.id).id]


def test_a_failed_run_shows_its_last_words(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    failed, record = with_run(services, status="failed", reason="The child was killed (signal 9)")
    app = open_page(monkeypatch, failed, "probes", decision=record.id)
    assert "The child was killed (signal 9)" in [code.value for code in app.code]


def test_nobody_takes_the_run(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    waiting, record = with_run(services, status="queued")
    late = replace(waiting, clock=fakes.FixedClock(services.clock.now().replace(year=2100)))
    app = open_page(monkeypatch, late, "probes", decision=record.id)
    assert "python -m advisor agent" in app.warning[0].value
    late.store.beat("here", 1)
    app = open_page(monkeypatch, late, "probes", decision=record.id)
    assert not app.warning, "somebody is there and will take it"


def test_what_is_planned_stands_there_before_its_first_ratio(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    recording = fakes.FakeRunner().recording
    first = replace(recording, results=recording.results[:1])
    titles = {offer.probe.id: offer.probe.title for offer in fakes.FakeRunner().offers if offer.probe.budget == "quick"}
    for result, waiting in ((None, len(titles)), (first, len(titles) - 1)):
        live, record = with_run(services, status="running", message="Round 1 of 2", result=result)
        said = texts(open_page(monkeypatch, live, "probes", decision=record.id))
        assert all(f"<b>{title}</b>" in said for title in titles.values())
        assert said.count("<span>waiting</span>") == waiting


def test_a_long_run_is_followed_under_its_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    base = fakes.FakeRunner().offers[0]
    groups = ("Speed", "Memory", "Speed")
    offers = [replace(base, probe=replace(base.probe, id=f"mlp.p{i}", group=groups[i % 3])) for i in range(12)]
    for count, expected in ((12, 2), (6, 0)):
        services = fakes.services(runner=fakes.FakeRunner(offers=tuple(offers[:count])))
        live, record = with_run(services, status="running", message="Round 1 of 2", result=samples.run_result())
        said = texts(open_page(monkeypatch, live, "probes", decision=record.id))
        assert said.count("f-live-group") == expected
        assert said.count("<span>waiting</span>") == count
        assert "Peak memory" in said, "what isn't in the catalog any more is still shown"


def test_a_run_knows_what_the_decision_could_gain_by_it(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(
        questionnaire.examples()[2].answers.model_copy(update={"project": Project()})
    )
    app = open_page(monkeypatch, services, "probes", decision=record.id, edit=record.edit_key)
    assert "First " in texts(app), "the order is explained before the start"
    app.button(key="start-run").click().run()
    run = the(services.store.latest(MEASURE, record.id))
    gains = joined(services, run).priority.gains
    assert gains
    assert all(0 < gain <= 1 for gain in gains.values())


def every_network(services: Services) -> Services:
    return replace(services, runner=fakes.FakeRunner(offers=catalog.availability(), networks=catalog.models()))


def network(app: AppTest) -> Any:
    (box,) = [box for box in app.selectbox if str(box.key).startswith("network-")]
    return box


def test_the_project_chooses_the_network_and_people_may_choose_another(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    services = every_network(services)
    record = services.store.create_decision(Answers(project=Project(domain="language")))
    app = opened(open_page(monkeypatch, services, "probes", decision=record.id, edit=record.edit_key))
    assert network(app).value == "transformer"
    assert {probe.partition(".")[0] for probe in offered(app)} == {"transformer"}
    assert app.number_input(key="size-transformer-layers").value == 4
    network(app).select("lstm").run()
    assert {probe.partition(".")[0] for probe in offered(app)} == {"lstm"}
    assert "packed sequences of different lengths" in texts(app)
    app.button(key="start-run").click().run()
    run = the(services.store.latest(MEASURE, record.id))
    assert (run.request.model, set(run.request.sizes), run.request.probes) == ("lstm", {"lstm"}, ())


def test_a_probe_that_is_asked_for_brings_its_network(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    services = every_network(services)
    app = open_page(monkeypatch, services, "probes")
    assert network(app).value == "mlp"
    app.session_state["fulcrum_wanted"] = ("probes", "unet.train_step.tuned")
    app.run()
    assert network(app).value == "unet"
    assert box(app, "unet.train_step.tuned").value
