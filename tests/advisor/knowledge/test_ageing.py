"""Facts age: by how much, from when on, and what follows for a judgement."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence import assess, routes
from advisor.decision.evidence.judgements import half_range
from advisor.knowledge import FILES, DataError, ageing, load, understand
from advisor.knowledge.ageing import HalfLife
from advisor.model.facts import Age
from advisor.questionnaire import examples
from advisor.wording.moments import day_of
from probes.schema import FRAMEWORKS
from probes.system.data_files import DATA, parsed

KNOWLEDGE = load()
SCANNER = examples()[0].answers
LAW = settings(max_examples=60, deadline=None)
days = st.dates(date(2015, 1, 1), date(2060, 1, 1))
months_ = st.floats(0, 1200)
half_lives_ = st.floats(0.5, 120)
half_ranges = st.sampled_from([0.5, 1.0, 1.5])


# ------------------------------------------------------------------------------------------------ age


@pytest.mark.parametrize(
    ("as_of", "day", "months"),
    [
        ("2026-11-22", date(2026, 11, 22), 0),
        ("2026-11-22", date(2027, 11, 22), 12),
        ("2024-02-29", date(2026, 3, 1), 24),
        ("2026-10", date(2026, 11, 15), 1),  # the middle of October
        ("2026", date(2026, 12, 31), 6),  # the middle of the year
        ("2026-11-22", date(2026, 11, 1), 0),  # not seen yet on that day: not old
    ],
)
def test_ages_by_the_calendar(as_of: str, day: date, months: float) -> None:
    """To a day and a half: a month is 365.25 / 12 days."""
    assert ageing.months(day_of(as_of), day) == pytest.approx(months, abs=0.06)


@pytest.mark.parametrize("as_of", ["2026-13", "2026-02-30", "26-01-01", "soon", ""])
def test_no_day_has_no_age(as_of: str) -> None:
    with pytest.raises(ValueError, match=r"iso|must be|out of range"):
        day_of(as_of)


@LAW
@given(days, days, days)
def test_nothing_grows_younger(seen: date, one: date, other: date) -> None:
    first, later = sorted((one, other))
    assert 0 <= ageing.months(seen, first) <= ageing.months(seen, later)


# ------------------------------------------------------------------------------------------------ freshness


@pytest.mark.parametrize(("months", "left"), [(0, 1), (6, 0.5**0.5), (12, 0.5), (24, 0.25), (120, 2**-10)])
def test_a_half_life_halves(months: float, left: float) -> None:
    assert ageing.freshness(Age(months, 12)) == pytest.approx(left)


@LAW
@given(months_, half_lives_)
def test_freshness_falls_from_one_and_halves_each_half_life(months: float, half_life: float) -> None:
    now, later = Age(months, half_life), Age(months + half_life, half_life)
    assert 0 <= ageing.freshness(now) <= 1
    assert ageing.freshness(later) == pytest.approx(ageing.freshness(now) / 2)


def test_what_has_no_half_life_stays_fresh() -> None:
    assert ageing.freshness(Age(1e6)) == 1
    assert not ageing.stale(Age(1e6))
    assert ageing.words(Age(1e6)) == ""


def test_stale_is_older_than_one_half_life() -> None:
    assert not ageing.stale(Age(12, 12))
    assert ageing.stale(Age(12.1, 12))
    assert ageing.words(Age(14.28, 12)) == "stale: 14.3 months old, half-life 12"


# ------------------------------------------------------------------------------------------------ widening


@pytest.mark.parametrize(
    ("half_range", "months", "wide"),
    # w · 2^(a / 2h): precision, one over the square of the range, halves with each half-life
    [(0.5, 0, 0.5), (0.5, 12, 0.5 * 2**0.5), (0.5, 24, 1), (1.5, 24, 3), (1.5, 48, 4), (0.5, 1e9, 4)],
)
def test_a_range_doubles_in_two_half_lives(half_range: float, months: float, wide: float) -> None:
    assert ageing.widened(half_range, Age(months, 12)) == pytest.approx(wide)


@LAW
@given(half_ranges, months_, months_, half_lives_)
def test_ranges_only_grow_and_end_at_the_whole_scale(
    half_range: float, one: float, other: float, half_life: float
) -> None:
    younger, older = (ageing.widened(half_range, Age(months, half_life)) for months in sorted((one, other)))
    assert half_range <= younger + 1e-12
    assert younger <= older + 1e-12
    assert older <= ageing.WIDEST + 1e-12


@LAW
@given(half_ranges, months_, half_lives_)
def test_no_day_makes_a_jump(half_range: float, months: float, half_life: float) -> None:
    """In a day at most by the steepest slope there is: ln 2 / 2h of the whole scale, a month."""
    day = 1 / 30
    step = ageing.widened(half_range, Age(months + day, half_life)) - ageing.widened(half_range, Age(months, half_life))
    assert 0 <= step + 1e-12 <= ageing.WIDEST * (2 ** (day / (2 * half_life)) - 1) + 1e-9


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 4000))
def test_as_facts_age_judgements_widen_and_differences_shrink(one: int, other: int) -> None:
    """Old knowledge can make an answer less sure, never surer, and never turn a criterion round."""
    sooner, later = (
        assess(SCANNER, KNOWLEDGE.on(KNOWLEDGE.today + timedelta(days=after))) for after in sorted((one, other))
    )
    assert sooner
    for young, old in zip(sooner, later, strict=True):
        before, after = young.values.mean(), old.values.mean()
        assert abs(after[0] - after[1]) <= abs(before[0] - before[1]) + 1e-9, young.id
        assert (after[0] - after[1]) * (before[0] - before[1]) >= 0, young.id
        for side in FRAMEWORKS:
            narrow, wide = young.values.cells()[side], old.values.cells()[side]
            assert wide.low <= narrow.low + 1e-12, young.id
            assert wide.high >= narrow.high - 1e-12, young.id


# ------------------------------------------------------------------------------------------------ half-lives


def test_every_topic_has_a_half_life_and_every_half_life_a_topic() -> None:
    topics = {fact.topic for fact in KNOWLEDGE.facts.values()} | {ageing.TEAM}
    used = {ageing.half_life(topic, KNOWLEDGE.half_lives).topic for topic in topics}
    assert used == {rule.topic for rule in KNOWLEDGE.half_lives}


def test_releases_age_in_months_and_governance_in_years() -> None:
    def months(topic: str) -> float:
        return ageing.half_life(topic, KNOWLEDGE.half_lives).months

    assert months("maintenance.release") <= 6
    assert months("governance.google") >= 36
    assert all(rule.because.endswith(".") for rule in KNOWLEDGE.half_lives)


def test_the_longest_topic_counts_whole_words_only() -> None:
    rules = (HalfLife("serving", 12, "a."), HalfLife("serving.llm", 6, "b."))
    assert ageing.half_life("serving.llm", rules).months == 6
    assert ageing.half_life("serving.llm.small", rules).months == 6
    assert ageing.half_life("serving.llms", rules).months == 12
    with pytest.raises(DataError, match=r"no half-life for the topic 'servings'"):
        ageing.half_life("servings", rules)


# ------------------------------------------------------------------------------------------------ the day


def test_knowledge_is_of_a_day_and_by_itself_of_its_own() -> None:
    assert KNOWLEDGE.today == date.fromisoformat(KNOWLEDGE.as_of)
    later = load(on=date(2030, 1, 1))
    assert later.today == date(2030, 1, 1)
    assert later is load(on=date(2030, 1, 1))
    assert load() is KNOWLEDGE
    assert later.on(KNOWLEDGE.today) == KNOWLEDGE


def test_the_same_day_gives_the_same_decision_and_says_which() -> None:
    day = date(2028, 1, 1)
    one, again = (decide(SCANNER, load(on=day), samples=200) for _ in range(2))
    assert one == again
    assert one.day == "2028-01-01"


def test_what_is_known_today_is_not_what_is_known_in_years() -> None:
    """Without new facts a lead shrinks towards nothing, and no step from year to year is large."""
    answers = examples()[1].answers
    leads = [
        abs(decide(answers, load(on=KNOWLEDGE.today + timedelta(days=365 * year))).verdict.probability["pytorch"] - 0.5)
        for year in (0, 2, 5, 20)
    ]
    assert leads == sorted(leads, reverse=True)
    assert leads[-1] < leads[0] - 0.02


# ------------------------------------------------------------------------------------------------ what is said


def test_stale_evidence_is_marked_where_it_is_shown() -> None:
    row = next(r for r in assess(Answers(), KNOWLEDGE.on(date(2029, 1, 1))) if r.id == "maintenance")
    facts = [item for item in row.evidence if item.kind == "fact"]
    assert all(item.stale and "months old, half-life" in item.text for item in facts)
    assert row.summary.endswith("All facts behind it are stale.")
    fresh = next(r for r in assess(Answers(), KNOWLEDGE) if r.id == "governance")
    assert not any(item.stale for item in fresh.evidence)
    assert "stale" not in fresh.summary


def test_a_summary_counts_what_is_stale() -> None:
    found = next(r for r in assess(SCANNER, KNOWLEDGE) if r.id == "research")
    old = [item for item in found.evidence if item.stale]
    facts = [item for item in found.evidence if item.kind == "fact"]
    assert 0 < len(old) < len(facts)
    assert found.summary.endswith(f"{len(old)} of the {len(facts)} facts behind it are stale.")


def test_old_facts_widen_a_judgement_by_their_share() -> None:
    fact = next(iter(KNOWLEDGE.facts.values()))
    fresh, old = (replace(fact, confidence="high", age=Age(months, 12)) for months in (0, 24))
    assert half_range([fresh]) == 0.5
    assert half_range([old]) == pytest.approx(1)
    assert half_range([fresh, old]) == pytest.approx(0.75)


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.fixture(scope="module")
def written() -> Mapping[str, object]:
    return {name: parsed(DATA, name) for name in FILES}


def _rule(**changes: object) -> Callable[[Any], None]:
    return lambda content: content["half_lives"][0].update(changes)


def _without(topic: str) -> Callable[[Any], None]:
    return lambda content: content.update(half_lives=[r for r in content["half_lives"] if r["topic"] != topic])


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("ageing.yaml", _rule(months=0), r"ageing\.yaml: half_lives\.0\.months: .*got 0"),
        ("ageing.yaml", _rule(months="a year"), r"half_lives\.0\.months: .*got 'a year'"),
        ("ageing.yaml", _rule(months=math.inf), r"half_lives\.0\.months: .*got inf"),
        ("ageing.yaml", _rule(because=""), r"half_lives\.0\.because: "),
        ("ageing.yaml", _rule(topic="a..b"), r"half_lives\.0\.topic: "),
        ("ageing.yaml", _rule(topic="code"), "'code' occurs twice"),
        ("ageing.yaml", _without("governance"), "no half-life for the topic 'governance"),
        ("ageing.yaml", _without("team"), "no half-life for the topic 'team'"),
        ("facts.yaml", lambda content: content["facts"][0].update(topic="weather"), "for the topic 'weather'; add one"),
        ("facts.yaml", lambda content: content["facts"][0].update(as_of="2026-13"), r"pt-latest\.as_of: .*'2026-13'"),
        ("facts.yaml", lambda content: content.update(as_of="2026-02-30"), r"facts\.yaml: as_of: .*'2026-02-30'"),
    ],
)
def test_what_cannot_age_is_refused(
    written: Mapping[str, object], name: str, change: Callable[[Any], None], message: str
) -> None:
    broken = copy.deepcopy(written[name])
    change(broken)
    with pytest.raises(DataError, match=message):
        understand({**written, name: broken})


def test_ways_age_by_the_day_on_which_they_were_judged_and_not_by_their_release() -> None:
    """A runtime that was released long ago and is still in production isn't doubted for it."""
    judged = next(route for sides in load().routes.values() for own in sides.values() for route in own).as_of
    fresh = load(on=date.fromisoformat(judged))
    for sides in fresh.routes.values():
        for own in sides.values():
            assert all(route.age.months == 0 and math.isfinite(route.age.half_life) for route in own)
    later = fresh.on(date(2028, 11, 29)).routes["android"]["pytorch"]
    assert {route.age.half_life for route in later} == {9}
    assert all(route.age.months == pytest.approx(24, abs=0.1) for route in later)


def test_what_was_judged_long_ago_is_known_less_well_and_no_better() -> None:
    now, then = load().routes, load(on=date(2027, 8, 22)).routes
    for target, sides in now.items():
        for side, own in sides.items():
            for route, old in zip(own, then[target][side], strict=True):
                young, aged = routes.value(route), routes.value(old)
                assert aged.likely == young.likely
                assert 0 <= aged.low <= young.low
                assert young.high <= aged.high <= 1
    production = next(route for route in then["android"]["tensorflow"] if route.maturity == "production")
    cell = routes.value(production)
    assert cell.low == pytest.approx(0.90 - 0.10 * 2**0.5, abs=0.005), "one half-life widens by √2"
    assert "half-life 9" in routes.route_evidence(load(on=date(2028, 1, 1)).routes["android"]["tensorflow"][0]).text
    assert not any("stale" in routes.route_evidence(route).text for route in now["android"]["tensorflow"])
