"""Saying what matters: in order, as ranges, in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor import questionnaire
from advisor.answers import Priorities
from advisor.ports import Services
from advisor.records import DecisionRecord
from tests import fakes
from tests.stores import the
from tests.ui.driving import open_page, texts

EXAMPLE = questionnaire.examples()[0].answers


@pytest.fixture
def services() -> Services:
    return fakes.services()


@pytest.fixture
def record(services: Services) -> DecisionRecord:
    return services.store.create_decision(EXAMPLE)


def named(widgets: Sequence[Any], start: str) -> Any:
    """The widget whose key begins so; a number that counts takings-over follows."""
    (found,) = [widget for widget in widgets if str(widget.key).startswith(start)]
    return found


def opened(monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord, method: str) -> AppTest:
    app = open_page(monkeypatch, services, "recommendation", decision=record.id, edit=record.edit_key)
    named(app.segmented_control, "weights-method").set_value(method).run()
    assert not app.exception
    return app


def stored(services: Services, record: DecisionRecord) -> Priorities:
    found = the(services.store.decision(record.id))
    return found.answers.priorities


def test_a_ranking_grows_step_by_step(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = opened(monkeypatch, services, record, "ranking")
    for place, name in enumerate(("skills", "exit", "hiring")):
        app.selectbox(key=f"rank-next-{place}").select(name).run()
    assert stored(services, record).ranking == ("skills", "exit", "hiring")
    app.button(key="rank-up-hiring").click().run()
    app.button(key="rank-out-skills").click().run()
    assert stored(services, record).ranking == ("hiring", "exit")
    assert app.button(key="rank-up-hiring").disabled
    assert app.button(key="rank-down-exit").disabled
    app.button(key="reset").click().run()
    assert not app.exception
    assert stored(services, record) == Priorities()


def test_ranges_that_contradict_each_other_are_refused_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = opened(monkeypatch, services, record, "ranges")
    app.selectbox(key="range-next-0").select("skills").run()
    named(app.slider, "range-skills-").set_value((60, 80)).run()
    app.selectbox(key="range-next-1").select("exit").run()
    before = stored(services, record)
    assert (before.ranges["skills"].low, before.ranges["skills"].high) == (60, 80)
    named(app.slider, "range-exit-").set_value((50, 60)).run()
    assert not app.exception
    assert "the lower ends sum to 110" in "".join(e.value for e in app.error).replace("\\", "")
    assert stored(services, record) == before
    assert named(app.slider, "range-exit-").value == (before.ranges["exit"].low, before.ranges["exit"].high)
    app.button(key="range-out-exit").click().run()
    assert set(stored(services, record).ranges) == {"skills"}


def test_pairs_tell_how_consistent_they_are_and_which_to_think_over(
    monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord
) -> None:
    app = opened(monkeypatch, services, record, "pairs")
    app.button(key="pairs-begin").click().run()
    names = stored(services, record).compared
    assert len(names) == 3
    first, second, third = names
    named(app.select_slider, f"pair-{first}-{second}-").set_value("5").run()
    named(app.select_slider, f"pair-{second}-{third}-").set_value("5").run()
    named(app.select_slider, f"pair-{first}-{third}-").set_value("1/9").run()
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "Consistency ratio" in said
    assert "Think «" in said
    ratios = {(pair.first, pair.second): pair.ratio for pair in stored(services, record).pairs}
    assert ratios == {(first, second): 5, (second, third): 5, (first, third): pytest.approx(1 / 9)}
    named(app.multiselect, "pairs-compared").set_value([first, second]).run()
    assert [pair.ratio for pair in stored(services, record).pairs] == [5], "what was said of the others stays"


def test_the_ways_are_kept_apart(monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord) -> None:
    app = opened(monkeypatch, services, record, "ranking")
    app.selectbox(key="rank-next-0").select("skills").run()
    named(app.segmented_control, "weights-method").set_value("swings").run()
    assert stored(services, record).method == "swings"
    assert stored(services, record).ranking == ("skills",), "kept for whoever comes back to it"
    named(app.segmented_control, "weights-method").set_value("ranking").run()
    assert app.button(key="rank-out-skills")


def test_readers_see_what_was_said(monkeypatch: pytest.MonkeyPatch, services: Services, record: DecisionRecord) -> None:
    priorities = Priorities(method="ranking", ranking=("skills", "exit"))
    services.store.change_answers(record.id, lambda _: EXAMPLE.model_copy(update={"priorities": priorities}))
    app = open_page(monkeypatch, services, "recommendation", decision=record.id)
    assert named(app.segmented_control, "weights-method").disabled
    assert "**1.** Your team's skills" in texts(app).replace("\\", "")
    assert not any(str(button.key).startswith("rank-") for button in app.button)
