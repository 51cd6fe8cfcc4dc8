"""A decision's links, and what its owner can take back."""

from __future__ import annotations

import pytest

from advisor.answers import Answers
from advisor.ports import Services
from advisor.records import DecisionRecord
from tests import fakes
from tests.stores import the
from tests.ui.driving import BROWSER, open_page, texts

OWNER = "0" * 64


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.fixture
def record(services: Services) -> DecisionRecord:
    return services.store.create_decision(Answers(stage="prototype"), owner=OWNER)


def test_the_owner_makes_the_old_link_invalid_and_stays_the_only_editor(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    assert services.store.grant_edit(record.id, record.edit_key, BROWSER)
    owner = open_page(monkeypatch, services, decision=record.id, browser=OWNER)
    assert "One other browser may edit by it now" in owner.button(key="rotate-link").help
    owner.button(key="rotate-link").click().run()
    changed = the(services.store.decision(record.id))
    assert changed.edit_key != record.edit_key
    assert f"edit={changed.edit_key}" in texts(owner)
    assert not owner.text_input(key="answer-project.name").disabled
    former = open_page(monkeypatch, services, decision=record.id, browser=BROWSER)
    assert former.text_input(key="answer-project.name").disabled


def test_the_owner_deletes_the_decision_once_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    owner = open_page(monkeypatch, services, decision=record.id, browser=OWNER)
    assert owner.button(key="delete-decision").disabled
    owner.checkbox(key="delete-sure").set_value(True).run()
    owner.button(key="delete-decision").click().run()
    assert services.store.decision(record.id) is None
    assert "decision" not in owner.query_params
    assert "Nothing to share yet" in texts(owner)
    reader = open_page(monkeypatch, services, decision=record.id)
    assert reader.title[0].value == "This decision doesn't exist"


@pytest.mark.parametrize("operator", [False, True])
def test_an_editor_takes_nothing_back_unless_it_operates_the_machine(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, operator: bool
) -> None:
    editor = open_page(monkeypatch, services, decision=record.id, edit=record.edit_key, operator=operator)
    keys = {button.key for button in editor.button}
    assert ({"rotate-link", "delete-decision"} <= keys) is operator
    assert record.edit_key in texts(editor), "it may pass the link on"
