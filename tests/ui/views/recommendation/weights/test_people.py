"""People who weigh for themselves, on the recommendation's page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from advisor import questionnaire
from advisor.answers import Priorities, Voice
from advisor.ports import Services
from advisor.records import DecisionRecord
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts

EXAMPLE = questionnaire.examples()[0].answers
MOVED = Priorities(method="swings", swings={"exit": 90})


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.fixture
def record(services: Services) -> DecisionRecord:
    return services.store.create_decision(EXAMPLE.model_copy(update={"priorities": MOVED}))


def opened(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, *, edit: bool = True
) -> AppTest:
    key = {"edit": record.edit_key} if edit else {}
    return open_page(monkeypatch, services, "recommendation", decision=record.id, **key)


def add(app: AppTest, name: str) -> None:
    (field,) = [field for field in app.text_input if str(field.key).startswith("voice-name-")]
    (button,) = [button for button in app.button if button.label == "Add"]
    field.set_value(name)
    button.click().run()
    assert not app.exception


def voices(services: Services, record: DecisionRecord) -> tuple[Voice, ...]:
    found = the(services.store.decision(record.id))
    assert found.answers.priorities == MOVED, "what was said together is kept"
    return found.answers.voices


def look_at(app: AppTest, name: str) -> None:
    (box,) = [box for box in app.selectbox if str(box.key).startswith("whose-")]
    box.select(name).run()
    assert not app.exception


def test_people_come_change_their_own_weights_and_go(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = opened(monkeypatch, services, record)
    add(app, " Ana ")
    assert voices(services, record) == (Voice(name="Ana", priorities=MOVED),), "the first starts from what was there"
    add(app, "Ben")
    assert voices(services, record)[1] == Voice(name="Ben")
    app.slider[0].set_value(0).run()
    moved = str(app.slider[0].key).split("-")[1]
    ana, ben = voices(services, record)
    assert (ana.priorities, dict(ben.priorities.swings)) == (MOVED, {moved: 0})
    look_at(app, "Ana")
    assert app.slider[0].value > 0
    app.button(key="voice-out").click().run()
    assert [voice.name for voice in voices(services, record)] == ["Ben"]


def test_together_everybody_is_shown_and_nothing_can_be_moved(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    people = (Voice(name="Ana <b>", priorities=Priorities(swings={"migration": 0, "skills": 0})), Voice(name="Ben"))
    record = services.store.create_decision(EXAMPLE.model_copy(update={"voices": people}))
    app = opened(monkeypatch, services, record)
    page = texts(app)
    either = (
        "Ana \\<b\\> comes out for PyTorch, Ben for TensorFlow",
        "Ben comes out for TensorFlow, Ana \\<b\\> for PyTorch",
    )
    assert any(said in page for said in either), "whoever parts from all together is named first"
    assert "«Existing code» weighs " in page
    assert not app.slider
    look_at(app, "Ben")
    assert app.slider


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("  ", "A person needs a name"),
        ("Ana", "Ana is there already"),
        ("A\u200bna", "Ana is there already"),
        ("Ana\u202e", "RIGHT\\-TO\\-LEFT OVERRIDE"),
    ],
)
def test_nobody_comes_twice_or_without_a_name(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, name: str, why: str
) -> None:
    app = opened(monkeypatch, services, record)
    add(app, "Ana")
    add(app, name)
    assert why in texts(app)
    assert [voice.name for voice in voices(services, record)] == ["Ana"]


def test_readers_look_at_everybody_and_change_nobody(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(EXAMPLE.model_copy(update={"voices": (Voice(name="Ana"),)}))
    app = opened(monkeypatch, services, record, edit=False)
    look_at(app, "Ana")
    assert app.slider
    assert all(slider.disabled for slider in app.slider)
    assert not [button for button in app.button if button.label == "Add" or button.key == "voice-out"]
