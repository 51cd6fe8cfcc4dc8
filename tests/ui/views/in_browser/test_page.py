"""The page of browsers that measure: each state says what it is, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue.kinds import KIT
from probes.in_browser import planning
from probes.in_browser.messages import read
from probes.in_browser.protocol import accepted
from probes.in_browser.schema import Kit, KitRequest
from probes.schema import Outcome
from tests import fakes, visits
from tests.ui.driving import open_page, texts

CELLS = ("onnxruntime-web.wasm.1", "litertjs.webgpu.1")


@pytest.fixture
def services() -> Services:
    return fakes.services()


def deployment(services: Services) -> fakes.FakeDeployment:
    assert isinstance(services.deployment, fakes.FakeDeployment)
    return services.deployment


def exported(services: Services, made: Kit | None = None) -> None:
    job = services.store.enqueue(KIT, KitRequest())
    services.store.claim("here")
    services.store.finish(job.id, "done", result=made or visits.kit())


def decided(services: Services) -> dict[str, str]:
    """The query of an owner's link."""
    record = services.store.create_decision(Answers())
    return {"decision": record.id, "edit": record.edit_key}


def sent(services: Services, decision: str, *contents: bytes, train: bool = False, done: bool = False) -> str:
    """A browser that opened a link, began and said this; the key it says more with."""
    made = replace(visits.kit(), labels=tuple(n % 10 for n in range(256)))
    _, token = services.store.invite(decision, planning.plan(made, visits.RUNTIMES, 1))
    _, key = services.store.open_visit(token)
    for content in (visits.begin(*CELLS, train=train), *contents):
        say(services, key, content)
    return key


def say(services: Services, key: str, content: bytes) -> None:
    services.store.change_visit(key, lambda visit, now: accepted(visit, read(content), now))


def plain(app: Any) -> str:
    """What is written, without Markdown's escapes."""
    return texts(app).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")


def keys(app: Any) -> set[str]:
    return {button.key for button in app.button}


def test_before_the_runtimes_were_fetched_that_is_said_and_nothing_is_offered(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    deployment(services).fetched = False
    app = open_page(monkeypatch, services, "browser", **decided(services))
    assert "Whoever runs this server does it with `python -m probes browser`" in plain(app)
    assert "start-kit" not in keys(app)
    assert not app.selectbox


def test_then_the_export_is_offered_and_after_it_a_link(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    owner = decided(services)
    app = open_page(monkeypatch, services, "browser", **owner)
    assert "start-kit" in keys(app)
    assert "invite" not in keys(app)
    exported(services)
    app.run()
    assert "invite" in keys(app)
    app.button(key="invite").click().run()
    assert not app.exception
    assert "In a tab of its own; keep that one in front while it measures." in plain(app)


def test_exports_that_were_tidied_away_can_be_made_again(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    exported(services)
    deployment(services).kept = False
    app = open_page(monkeypatch, services, "browser", **decided(services))
    assert "tidied away after a month. Export it again" in plain(app)
    assert "invite" not in keys(app)


def test_an_export_that_failed_says_why(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    job = services.store.enqueue(KIT, KitRequest())
    services.store.claim("here")
    services.store.finish(job.id, "failed", reason="The disk is full.")
    app = open_page(monkeypatch, services, "browser", **decided(services))
    assert "The disk is full." in plain(app)
    assert "start-kit" in keys(app)


def test_a_side_that_could_not_be_exported_is_said_at_once(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    made = visits.kit()
    first, *others = made.exports
    refused = replace(first, outcome=Outcome.FAILED, reason="no op *Erf*", files=())
    exported(services, replace(made, exports=(refused, *others)))
    app = open_page(monkeypatch, services, "browser", **decided(services))
    assert "PyTorch for ONNX Runtime Web: failed: no op *Erf*" in plain(app)
    assert "the other is timed alone" in plain(app)
    assert "invite" in keys(app)


def test_a_visit_under_way_says_what_runs_and_what_is_to_come(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    owner = decided(services)
    sent(services, owner["decision"], visits.message(event="started", cell=CELLS[0], round=0))
    app = open_page(monkeypatch, services, "browser", **owner)
    assert list(app.dataframe[0].value["Outcome"]) == ["still to come"] * 2
    assert "cancelled" not in plain(app)


def test_each_sides_end_stands_in_its_own_place_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    owner = decided(services)
    sent(
        services,
        owner["decision"],
        visits.message(event="end", cell=CELLS[0], side="tensorflow", outcome="failed", reason="No kernel for Erf."),
        visits.message(event="end", cell=CELLS[1], outcome="unsupported", reason="This browser has no WebGPU."),
        visits.message(event="over", why="closed"),
    )
    app = open_page(monkeypatch, services, "browser", **owner)
    frame = app.dataframe[0].value
    assert list(frame["TensorFlow, a call"]) == ["failed"], "what isn't there is said below, and takes no row"
    said = plain(app)
    assert "**failed**: TensorFlow's export. No kernel for Erf. (ONNX Runtime Web, WebAssembly, 1 thread" in said
    assert "**unsupported**: This browser has no WebGPU." in said
    assert "The page was closed on the device. What was finished is kept." in said


def test_one_that_fell_silent_says_so(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    owner = decided(services)
    sent(services, owner["decision"], visits.message(event="started", cell=CELLS[0], round=0))
    assert isinstance(services.clock, fakes.FixedClock)
    services.clock.time += timedelta(minutes=10)
    app = open_page(monkeypatch, services, "browser", **owner)
    assert "Nothing was heard of the browser any more" in plain(app)


def trained(step_s: float) -> tuple[bytes, ...]:
    return (
        visits.message(event="started", cell="tfjs.training", round=0),
        visits.message(
            event="trained", backend="cpu", steps=1, step_s=[step_s] * 2, first_loss=2.4, last_loss=0.2
        ),
    )  # fmt: skip


def test_training_works_and_counts_for_nothing(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    owner = decided(services)
    sent(services, owner["decision"], *trained(0.103), train=True)
    said = plain(open_page(monkeypatch, services, "browser", **owner))
    assert "It works: a step of 64 inputs takes 103 ms on the processor, in plain JavaScript" in said
    assert "the loss went from 2.40 to 0.20. It counts for nothing." in said


def test_training_that_failed_says_why(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    owner = decided(services)
    end = visits.message(event="end", cell="tfjs.training", outcome="failed", reason="WebGL lost its context.")
    sent(services, owner["decision"], end, train=True)
    assert "failed: WebGL lost its context." in plain(open_page(monkeypatch, services, "browser", **owner))
