"""Changes of answers: what two people change at once, and what the store refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.answers import Answers, Project, Target
from advisor.ports import Services, StoreUnavailableError
from advisor.records import DecisionRecord
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts
from ui.session import saving

NAME = "answer-project.name"


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.fixture
def record(services: Services) -> DecisionRecord:
    return services.store.create_decision(Answers(stage="prototype"))


def editing(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, page: str = "brief"
) -> AppTest:
    return open_page(monkeypatch, services, page, decision=record.id, edit=record.edit_key)


def stored(services: Services, record: DecisionRecord) -> Answers:
    found = the(services.store.decision(record.id))
    return found.answers


def somebody_else(services: Services, record: DecisionRecord, **changes: Any) -> None:
    services.store.change_answers(record.id, lambda answers: answers.model_copy(update=changes))


def plain(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def test_different_answers_at_once_are_both_kept_without_a_word(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = editing(monkeypatch, services, record)
    somebody_else(services, record, stage="scaling")
    app.text_input(key=NAME).set_value("Mine").run()
    assert stored(services, record) == Answers(stage="scaling", project=Project(name="Mine"))
    assert "at once" not in plain(app)


def test_the_same_answer_at_once_shows_both_and_either_can_be_stored(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = editing(monkeypatch, services, record)
    somebody_else(services, record, project=Project(name="Theirs"))
    app.text_input(key=NAME).set_value("Mine").run()
    said = plain(app)
    assert "was changed by two people at once" in said
    assert "Yours is stored: Mine" in said
    assert "The other was: Theirs" in said
    app.button(key="conflict-other-0").click().run()
    assert stored(services, record).project.name == "Theirs"
    assert app.text_input(key=NAME).value == "Theirs"
    assert "at once" not in plain(app)


def test_who_is_written_over_learns_it_and_can_have_it_back(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = editing(monkeypatch, services, record)
    app.text_input(key=NAME).set_value("Mine").run()
    somebody_else(services, record, project=Project(name="Theirs"))
    app.run()
    said = plain(app)
    assert "The other is stored: Theirs" in said
    assert "Yours was: Mine" in said
    app.button(key="conflict-other-0").click().run()
    assert stored(services, record).project.name == "Mine"
    app.run()
    assert "at once" not in plain(app), "this one's own change is no news to it"


def test_a_later_change_by_another_is_no_conflict(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = editing(monkeypatch, services, record)
    app.text_input(key=NAME).set_value("Mine").run()
    clock = services.clock
    assert isinstance(clock, fakes.FixedClock)
    clock.time += saving.AT_ONCE + timedelta(seconds=1)
    somebody_else(services, record, project=Project(name="Theirs"))
    app.run()
    assert app.text_input(key=NAME).value == "Theirs"
    assert "at once" not in plain(app)


def test_targets_that_two_people_add_at_once_are_both_there(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = editing(monkeypatch, services, record)
    somebody_else(services, record, targets=(Target(id="ios", importance=5),))
    app.button_group(key="answer-targets").set_value(["android"]).run()
    assert stored(services, record).targets == (Target(id="ios", importance=5), Target(id="android"))


def test_what_two_people_say_of_one_target_is_both_kept(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    somebody_else(services, record, targets=(Target(id="ios"),))
    app = editing(monkeypatch, services, record)
    somebody_else(services, record, targets=(Target(id="ios", importance=5),))
    app.toggle(key="latency-ios").set_value(True).run()
    [target] = stored(services, record).targets
    assert target.importance == 5
    assert target.latency_ms is not None


def test_weights_that_two_people_move_at_once_are_both_moved(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = editing(monkeypatch, services, record, "recommendation")
    first, second = app.slider[0], app.slider[1]
    criterion = str(second.key).split("-")[1]

    def theirs(answers: Answers) -> Answers:
        own = answers.priorities
        wanted = own.model_copy(update={"method": "swings", "swings": {**own.swings, criterion: 7.0}})
        return answers.model_copy(update={"priorities": wanted})

    services.store.change_answers(record.id, theirs)
    first.set_value(3).run()
    swings = stored(services, record).priorities.swings
    assert swings[criterion] == 7.0
    assert 3.0 in swings.values()


# ------------------------------------------------------------------------------------------- refused by the store


@contextmanager
def broken(services: Services, *names: str, reason: str = "the disk is full") -> Iterator[None]:
    """A store whose methods can't be used meanwhile."""

    def refuse(*_: object, **__: object) -> Any:
        raise StoreUnavailableError(reason)

    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setattr(services.store, name, refuse)
        yield


def test_what_could_not_be_saved_stays_in_its_field_and_is_saved_at_the_next_try(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = editing(monkeypatch, services, record)
    with broken(services, "change_answers"):
        app.text_input(key=NAME).set_value("Mine").run()
        assert not app.exception
        assert "Not saved, because the disk is full" in plain(app)
        assert app.text_input(key=NAME).value == "Mine"
        app.button(key="save-again").click().run()
        assert "Not saved, because the disk is full" in plain(app)
    app.button(key="save-again").click().run()
    assert stored(services, record).project.name == "Mine"
    assert "Not saved" not in plain(app)


def test_changes_that_wait_are_saved_with_the_next_one(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = editing(monkeypatch, services, record)
    with broken(services, "change_answers"):
        app.text_input(key=NAME).set_value("Mine").run()
    somebody_else(services, record, stage="scaling")
    app.number_input(key="answer-team.size").set_value(4).run()
    assert stored(services, record).project.name == "Mine"
    assert stored(services, record).team.size == 4
    assert stored(services, record).stage == "scaling"


def test_a_first_answer_that_could_not_be_saved_makes_the_decision_later(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    app = open_page(monkeypatch, services)
    with broken(services, "create_decision"):
        app.text_input(key=NAME).set_value("Mine").run()
        assert "Not saved" in plain(app)
        assert "decision" not in app.query_params
    app.button(key="save-again").click().run()
    assert services.store.decision(str(app.session_state["fulcrum_memory"].decision_id)) is not None


def test_while_nothing_can_be_read_what_was_seen_last_stands(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    somebody_else(services, record, project=Project(name="Seen"))
    app = editing(monkeypatch, services, record)
    with broken(services, "decision", "decision_version", reason="the database server can't be reached"):
        app.run()
        assert not app.exception
        assert "This is what was seen last, because the database server can't be reached" in plain(app)
        assert app.text_input(key=NAME).value == "Seen"
    app.run()
    assert "seen last" not in plain(app)
