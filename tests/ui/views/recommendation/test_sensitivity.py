"""What would turn it: three pictures, and one question turned round."""

from __future__ import annotations

import pytest

from advisor import questionnaire
from advisor.ports import Services
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts

EXAMPLE = questionnaire.examples()[0].answers


@pytest.fixture
def services() -> Services:
    return fakes.services()


def test_each_way_to_look_draws_its_own_picture(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(EXAMPLE)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id)
    app.segmented_control(key="turning-view").set_value("unknowns").run()
    assert not app.exception
    assert "over the 90 % range of that one criterion" in texts(app)
    app.segmented_control(key="turning-view").set_value("sweep").run()
    app.selectbox(key="sweep-criterion").select("ecosystem").run()
    assert not app.exception
    assert "«Models and libraries», the answer turns at" in texts(app).replace("\\", "")


def test_a_question_is_turned_round_without_changing_anything(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    record = services.store.create_decision(EXAMPLE)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id, edit=record.edit_key)
    app.selectbox(key="what-if").select("code.framework").run()
    app.session_state["moved"] = True
    app.run()
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "PyTorch: «Existing code»" in said
    assert "What is recommended would change with «None»" in said
    assert "Nothing is changed by looking." in said
    stored = the(services.store.decision(record.id))
    assert stored.version == record.version
