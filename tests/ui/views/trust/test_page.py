"""The page on which the engine tests itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.decision import record
from advisor.ports import Services
from advisor.queue.handlers import run_job
from advisor.queue.joining import joined
from advisor.queue.kinds import CHECK, MEASURE, CheckRequest
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts


@pytest.fixture
def services() -> Services:
    return fakes.services()


def test_a_machine_that_was_not_tested_says_so(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "trust", operator=True)
    assert app.title[0].value == "How far to trust this machine"
    assert "not tested yet" in texts(app)


def test_a_check_is_queued_shown_under_way_and_can_be_cancelled(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "trust", operator=True)
    app.button(key="start-check").click().run()
    record = the(services.store.latest(CHECK))
    assert record.active
    assert "You can close this tab" in texts(app)
    app.button(key="cancel-check").click().run()
    assert not app.exception
    cancelled = the(services.store.latest(CHECK))
    assert cancelled.status == "cancelled"


def test_a_finished_check_shows_what_was_found(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    services.store.enqueue(CHECK, CheckRequest())
    claimed = the(services.store.claim("here"))
    run_job(services, claimed, lambda: False)
    app = open_page(monkeypatch, services, "trust", operator=True)
    shown = texts(app)
    assert "1 of 3 failed" in shown
    assert (
        "Telling 5 % from nothing takes, starts of processes included: Inference, batch 1: PyTorch 40 s"
        in shown.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")
    )
    assert "Swapped labels flip the verdict" in shown
    assert ":material/cancel: **failed**" in shown


def test_a_calibration_is_a_form_of_its_own_and_later_runs_reckon_with_it(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "trust", operator=True)
    assert "stated spreads between processes" in texts(app)
    app.segmented_control(key="check-form").set_value("standard").run()
    assert "twelve fresh pairs" in texts(app)
    app.button(key="start-check").click().run()
    claimed = the(services.store.claim("here"))
    assert claimed.request.form == "standard"
    run_job(services, claimed, lambda: False)
    said = texts(open_page(monkeypatch, services, "trust", operator=True)).replace("\\", "")
    assert "this machine's own spreads between processes: Training step 3.0\u00a0%" in said
    app = open_page(monkeypatch, services, "probes")
    app.button(key="start-run").click().run()
    run = the(services.store.latest(MEASURE, app.query_params["decision"]))
    assert joined(services, run).calibration.spreads == {"mlp.train_step": 0.03}


def test_where_there_is_a_gpu_it_is_tested_and_calibrated_by_itself(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    assert not [
        c for c in open_page(monkeypatch, services, "trust", operator=True).segmented_control if c.key == "check-device"
    ]
    with_gpu = replace(services.runner.machine(), gpus=("NVIDIA Sample, 80 GiB",))
    monkeypatch.setattr(services.runner, "machine", lambda name="": with_gpu)
    app = open_page(monkeypatch, services, "trust", operator=True)
    app.segmented_control(key="check-form").set_value("standard").run()
    app.button(key="start-check").click().run()
    claimed = the(services.store.claim("here"))
    assert claimed.request == CheckRequest("standard", "cuda")
    run_job(services, claimed, lambda: False)
    app = open_page(monkeypatch, services, "trust", operator=True)
    assert "standard form on the GPU" in texts(app)
    assert "this machine's own spreads" in texts(app)
    app.segmented_control(key="check-device").set_value("cpu").run()
    assert "stated spreads between processes" in texts(app)


def test_a_check_that_broke_says_why(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("tensorflow: No module named 'keras'")

    monkeypatch.setattr(services.runner, "check", broken)
    claimed = (services.store.enqueue(CHECK, CheckRequest()), services.store.claim("here"))[1]
    assert claimed is not None
    run_job(services, claimed, lambda: False)
    app = open_page(monkeypatch, services, "trust", operator=True)
    assert "No module named 'keras'" in app.error[0].value.replace("\\", "")


def test_the_record_of_the_advice_is_shown_with_every_decision(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services, "trust", operator=True)
    assert "## How good the advice is" in texts(app)
    assert "finished decisions of other teams" in texts(app)
    app.session_state["record"] = True
    app.run()
    said = texts(app)
    assert not app.exception
    for line in record.record().lines:
        assert f"[Source]({line.source})" in said
