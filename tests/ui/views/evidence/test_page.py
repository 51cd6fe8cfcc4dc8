"""Evidence: every fact can be found, with source, date and confidence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advisor import knowledge
from advisor.knowledge import ageing
from advisor.model.decision import Decision
from advisor.ports import Services
from tests import fakes
from tests.ui.driving import open_page, texts
from ui.kit import components
from ui.session import decisions
from ui.views.evidence import library


@pytest.fixture
def services() -> Services:
    return fakes.services()


def test_facts_are_counted_and_paged(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "evidence")
    total = len(knowledge.load().facts)
    assert f"{total} of {total} facts" in texts(app)
    before = len(app.caption)
    app.button(key="more-facts").click().run()
    assert len(app.caption) >= before + library.PAGE


def test_search_finds_and_says_when_nothing_fits(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    fact = next(iter(knowledge.load().facts.values()))
    app = open_page(monkeypatch, services, "evidence")
    app.text_input(key="fact-words").set_value(fact.id).run()
    assert components.escape(fact.statement) in texts(app).replace("**", "")
    app.text_input(key="fact-words").set_value("no fact says this zzz").run()
    assert "No fact fits" in app.info[0].value


def test_facts_of_low_confidence_show_their_note(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    doubtful = [f for f in knowledge.load().facts.values() if f.confidence == "low"]
    assert doubtful
    app = open_page(monkeypatch, services, "evidence")
    app.selectbox(key="fact-confidence").select("low").run()
    while more := [button for button in app.button if button.key == "more-facts"]:
        more[0].click().run()
    said = texts(app)
    for fact in doubtful:
        assert components.escape(library.doubt(fact)) in said


@pytest.mark.parametrize(("part", "expected"), [("claims", "facts behind it"), ("unknown", "looked in")])
def test_other_parts(monkeypatch: pytest.MonkeyPatch, services: Services, part: str, expected: str) -> None:
    app = open_page(monkeypatch, services, "evidence")
    app.segmented_control(key="evidence-part").set_value(part).run()
    assert not app.exception
    assert expected in texts(app) + " ".join(box.label for box in app.expander)


def test_routes_of_a_target(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "evidence")
    app.segmented_control(key="evidence-part").set_value("routes").run()
    app.selectbox(key="route-target").select("android").run()
    ways = knowledge.load().routes["android"]["tensorflow"]
    assert components.escape(ways[0].tool) in texts(app)


def test_a_fact_that_is_only_shown_says_why(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    fact = knowledge.load().facts["tf-cve-count"]
    assert fact.background
    app = open_page(monkeypatch, services, "evidence")
    search = next(box for box in app.text_input if box.key and "fact" in box.key)
    search.set_value("297 advisories").run()
    assert components.escape(fact.background) in texts(app)


def test_every_fact_says_how_it_ages_and_stale_ones_can_be_picked(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    known = knowledge.load(on=services.clock.now().date())
    old = [fact for fact in known.facts.values() if ageing.stale(fact.age)]
    app = open_page(monkeypatch, services, "evidence")
    assert f"{len(old)} are stale on 23 November 2026" in texts(app)
    assert components.escape("month old, half-life 18") in texts(app)
    reasons = list(app.dataframe[0].value["Because"])
    assert reasons == [rule.because for rule in known.half_lives]
    app.toggle(key="fact-stale").set_value(True).run()
    while more := [button for button in app.button if button.key == "more-facts"]:
        more[0].click().run()
    said = texts(app)
    assert f"{len(old)} of {len(known.facts)} facts" in said
    for fact in old:
        assert components.escape(ageing.words(fact.age)) in said


def test_facts_are_as_old_as_the_clock_says(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    """At midnight the cached decision is yesterday's: the next look makes another."""
    seen: list[Decision] = []
    real = decisions.for_answers
    monkeypatch.setattr(decisions, "for_answers", lambda now: seen.append(real(now)) or seen[-1])
    app = open_page(monkeypatch, services, "evidence")
    app.run()
    assert seen[-1] is seen[0]
    services.clock.time += timedelta(days=400)  # type: ignore[attr-defined]
    app.run()
    before, after = seen[0], seen[-1]
    assert (before.day, after.day) == ("2026-11-23", "2027-12-28")
    assert stale_items(before) < stale_items(after)
    assert "stale on 28 December 2027" in texts(app)


def stale_items(decision: Decision) -> int:
    return sum(item.stale for row in decision.criteria for item in row.evidence)
