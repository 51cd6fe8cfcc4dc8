"""Your own: what a visitor learns, what an operator may have looked at, and what is known of a file then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.answers import Answers, Project
from advisor.queue.handlers import run_job
from advisor.queue.kinds import DESCRIBE, MEASURE, DescribeRequest
from advisor.records import JobStatus
from probes.compare.schema import ModelReport
from probes.schema import Outcome
from tests import fakes, own_models
from tests.own_models import LISTED
from tests.stores import measure, the
from tests.ui.driving import open_page, texts


def test_where_it_is_off_it_says_what_it_is_and_how_it_is_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, fakes.services(), "own", operator=True)
    said = texts(app)
    assert "a folder that whoever runs this Fulcrum names when it is started" in said
    assert "def pytorch():" in said, "there is a file to begin with"
    assert "python -m probes run --model-file our_network.py --budget 120" in said
    assert not [button for button in app.button if button.key == "start-describe"]
    assert app.expander[0].label == "How it is enabled"


def test_who_may_not_have_code_run_gets_the_file_and_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    services = own_models.services()
    own_models.looked_at(services)
    said = texts(open_page(monkeypatch, services, "own"))
    assert "only its operators can have one measured here" in said
    assert "def pytorch():" in said
    assert "Our ranker" not in said
    assert LISTED.name not in said


def test_an_empty_folder_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    services = fakes.services(own_models=fakes.FakeOwnModels())
    assert "holds no file that ends in .py yet" in texts(open_page(monkeypatch, services, "own", operator=True))


def test_the_file_to_begin_with_follows_the_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    services = fakes.services()
    project = Project(name="Shelf scanner", domain="vision", parameters=60_000)
    record = services.store.create_decision(Answers(project=project))
    app = open_page(monkeypatch, services, "own", decision=record.id)
    said = texts(app)
    assert 'SPEC = {"title": "Shelf scanner"}' in said
    assert "nn.Conv2d" in said
    assert "--model-file shelf_scanner.py" in said
    assert "as large as the brief says" in said
    app.segmented_control(key="own-halves").set_value("once").run()
    assert "def keras():" in texts(app)
    assert "def pytorch():" not in texts(app)


def test_a_look_is_queued_for_that_very_file_followed_and_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    services = own_models.services()
    app = open_page(monkeypatch, services, "own", operator=True)
    app.button(key="start-describe").click().run()
    job = the(services.store.latest(DESCRIBE))
    assert job.request == DescribeRequest(LISTED.name, LISTED.sha256)
    assert "## Waiting to start" in texts(app)
    app.button(key="cancel-describe").click().run()
    assert the(services.store.latest(DESCRIBE)).status == "cancelled"
    assert "The look at this file was cancelled" in texts(open_page(monkeypatch, services, "own", operator=True))


def test_what_is_known_stands_there_before_anything_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    services = own_models.services()
    own_models.looked_at(services)
    app = open_page(monkeypatch, services, "own", operator=True)
    said = texts(app)
    assert "## Our ranker" in said
    assert "Both halves compute the same" in said
    assert "Weights go across by the order of layers" in said
    for figure in ("2.37 thousand", "4.61 thousand", "1.00 ms", "12.0 ms", "20.0 MiB", "32 · float64", "4 · float32"):
        assert figure in said
    offers = services.deployment.ways_of(own_models.report())
    to_try = sum(offer.outcome is Outcome.OK for offer in offers)
    ways = f"Ways out: {to_try} to try, {len(offers) - to_try} ruled out"
    assert {one.label for one in app.expander} >= {"Layers: 3", ways}


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (own_models.parting(), ("Not shown to be the same", "Both sides differ in outputs", "They part at dense")),
        (own_models.report("pytorch"), ("One half", "There is no other side")),
        (replace(own_models.report(), carrying="once"), ("Written once", "Both sides have the same variables")),
        (
            replace(own_models.report(), verdict="unknown", reason="PyTorch: it takes longer", outlines={}),
            ("Not shown to be the same", "it takes longer"),
        ),
    ],
    ids=["parting", "one half", "once", "unknown"],
)
def test_a_report_says_which_comparisons_the_file_gives(
    monkeypatch: pytest.MonkeyPatch, report: ModelReport, says: tuple[str, ...]
) -> None:
    services = own_models.services(report)
    own_models.looked_at(services)
    said = texts(open_page(monkeypatch, services, "own", operator=True)).replace("\\", "")
    for words in says:
        assert words in said


def test_what_stands_in_the_way_of_a_look_is_said_with_a_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    services = own_models.services("model_file: ranker.py, line 3: NameError: name 'nn' is not defined")
    own_models.looked_at(services)
    app = open_page(monkeypatch, services, "own", operator=True)
    said = texts(app).replace("\\", "")
    assert "line 3: NameError: name 'nn' is not defined" in said
    assert app.button(key="start-describe").label == "Look at it again"


def test_a_file_that_cant_be_used_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(monkeypatch, own_models.services(), "own", operator=True)
    app.selectbox(key="own-file").set_value("torch.py").run()
    assert "can't be the name of a model file" in texts(app)
    assert not [button for button in app.button if button.key == "start-describe"]


def test_a_changed_file_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    services = own_models.services()
    own_models.looked_at(services)
    folder = services.own_models.folder
    folder[replace(LISTED, sha256="b" * 64)] = folder.pop(LISTED)
    app = open_page(monkeypatch, services, "own", operator=True)
    app.selectbox(key="own-file").set_value(LISTED.name).run()
    assert "## Our ranker" not in texts(app)
    assert app.button(key="start-describe").label == "Look at it"


def test_it_is_planned_and_queued_as_a_network_beside_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    services = own_models.services()
    own_models.looked_at(services)
    file = own_models.report().file
    for operator in (False, True):
        app = open_page(monkeypatch, services, "probes", operator=operator)
        networks = next(box for box in app.selectbox if box.label == "Which network?").options
        assert ("Your own: Our ranker" in networks) is operator
    box = next(box for box in app.selectbox if box.label == "Which network?")
    box.set_value(file.id).run()
    app.button(key="start-run").click().run()
    run = the(services.store.latest(MEASURE, app.query_params["decision"]))
    assert (run.request.model, run.request.model_file, run.request.sizes) == (file.id, file, {})


def test_a_file_that_left_the_folder_is_no_network_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    services = own_models.services()
    own_models.looked_at(services)
    services.own_models.folder.clear()
    app = open_page(monkeypatch, services, "probes", operator=True)
    assert next(box for box in app.selectbox if box.label == "Which network?").options == ["The article's network"]


@pytest.mark.parametrize("doubt", ["", "the outputs differ"])
def test_what_was_measured_stands_beside_the_nearest_network(monkeypatch: pytest.MonkeyPatch, doubt: str) -> None:
    services = own_models.services()
    own_models.looked_at(services)
    record = services.store.create_decision(Answers())
    measure(services.store, for_=record.id)
    run_job(services, the(services.store.claim("here")), lambda: False)
    own_models.measured(services, record.id, own_models.report(), doubt=doubt)
    app = open_page(monkeypatch, services, "own", operator=True, decision=record.id)
    said = texts(app).replace("\\", "")
    assert "## What was measured" in said
    assert "Beside it «The article's network», because both are fully connected" in said
    assert ("The outputs differ. No recommendation rests on these figures." in said) is bool(doubt)
    (chart,) = app.get("plotly_chart")
    assert "Our ranker" in chart.proto.spec


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_an_earlier_report_outlives_a_later_look_without_one(
    monkeypatch: pytest.MonkeyPatch, status: JobStatus
) -> None:
    services = own_models.services()
    own_models.looked_at(services)
    services.store.enqueue(DESCRIBE, DescribeRequest(LISTED.name, LISTED.sha256), own_models.OPERATOR)
    services.store.finish(the(services.store.claim("here")).id, status, reason="it took too long")
    said = texts(open_page(monkeypatch, services, "own", operator=True))
    assert "## Our ranker" in said
    assert ("it took too long" in said) is (status == "failed")


def test_a_look_that_is_cancelled_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    services = own_models.services()
    services.store.enqueue(DESCRIBE, DescribeRequest(LISTED.name, LISTED.sha256), own_models.OPERATOR)
    job = the(services.store.claim("here"))
    services.store.request_cancel(job.id)
    run_job(services, job, lambda: False)
    assert the(services.store.latest(DESCRIBE)).status == "cancelled"
    assert services.store.done(DESCRIBE) is None
