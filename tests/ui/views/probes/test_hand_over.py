"""The plan goes to another machine and its record comes back, on the page «Probes»."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from advisor.answers import Answers
from advisor.ports import Services
from advisor.queue.kinds import MEASURE
from probes.results import RunResult
from tests import fakes
from tests.fakes import FakeRunner
from tests.stores import the
from tests.travelling import file_of, measured_on, recorded
from tests.ui.driving import open_page, texts

ELSEWHERE = measured_on(cpu="Other CPU")


@pytest.fixture
def services() -> Services:
    return fakes.services(runner=FakeRunner(recorded()))


def opened(monkeypatch: pytest.MonkeyPatch, services: Services) -> tuple[AppTest, str]:
    record = services.store.create_decision(Answers())
    return open_page(monkeypatch, services, "probes", decision=record.id, edit=record.edit_key), record.id


def result(services: Services, decision: str) -> RunResult:
    return the(the(services.store.latest(MEASURE, decision)).result)


def test_it_says_what_to_type_there(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app, _ = opened(monkeypatch, services)
    assert "python -m probes run --plan fulcrum-plan.json --out fulcrum-run.json" in texts(app)
    assert app.get("download_button")


def test_a_record_is_taken_and_shown_as_that_machine_s(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app, decision = opened(monkeypatch, services)
    app.file_uploader(key="run-record").upload("other.json", file_of(ELSEWHERE)).run()
    assert not app.exception
    assert result(services, decision).file == "other.json"
    said = texts(app).replace("\\", "")
    assert "Measured on Other CPU" in said
    assert "Brought as a file («other.json»); its verdicts were recomputed from its rounds" in said
    assert "They come from another machine (Other CPU" in said


def test_the_first_record_makes_the_decision(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "probes")
    app.file_uploader(key="run-record").upload("other.json", file_of(ELSEWHERE)).run()
    assert result(services, str(app.query_params["decision"])).machine == ELSEWHERE.machine


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (file_of(ELSEWHERE)[:-30], "is not JSON, or it was cut off"),
        (file_of(ELSEWHERE).replace(b"Other CPU", b"Better CPU"), "its checksum isn't that of its content"),
        (b'{"schema": 1, "kind": "plan"}', "is a plan, not what came of it"),
    ],
    ids=["cut off", "edited", "the plan itself"],
)
def test_what_is_refused_says_why_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, services: Services, content: bytes, says: str
) -> None:
    app, decision = opened(monkeypatch, services)
    app.file_uploader(key="run-record").upload("other.json", content).run()
    assert says in " ".join(str(error.value) for error in app.error).replace("\\", "")
    assert services.store.latest(MEASURE, decision) is None


def test_a_reader_is_offered_neither(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(Answers())
    app = open_page(monkeypatch, services, "probes", decision=record.id)
    assert app.get("file_uploader") == []
    assert "--plan" not in texts(app)
