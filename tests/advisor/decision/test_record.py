"""The record of the advice, and what is known on a day in the past."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.decision import record
from advisor.decision.decide import decide
from advisor.decision.evidence import routes
from advisor.decision.evidence.judgements import MIDDLE, half_range, known_level
from advisor.decision.evidence.vetoes import vetoes
from advisor.knowledge import load
from advisor.knowledge.ageing import WIDEST
from advisor.knowledge.replays import replays
from advisor.wording.moments import first_day

KNOWN = load()


def test_there_are_enough_finished_decisions_and_all_lie_in_the_past() -> None:
    assert len(replays()) >= 21
    assert {replay.took for replay in replays()} >= {"pytorch", "tensorflow", "keras-pytorch", "stay", "runtime", "jax"}
    assert max(date.fromisoformat(replay.day) for replay in replays()) <= KNOWN.today
    assert all(replay.answers.code.framework for replay in replays())


def test_the_advice_puts_what_teams_did_first_or_second_in_17_of_20() -> None:
    found = record.record()
    assert found.hits >= 0.85 * len(found.lines), record.to_text(found)
    assert found.brier < found.even, "better than holding all that is open for equally likely"


def test_hits_do_not_hang_on_what_the_answers_say_of_the_plan() -> None:
    """«We rewrite it» is half of a decision; without it the advice still is what most teams did."""
    hits = 0
    for replay in replays():
        code = replay.answers.code.model_copy(update={"plan": None})
        answers = replay.answers.model_copy(update={"code": code})
        decision = decide(answers, load(on=date.fromisoformat(replay.day)), samples=1000)
        hits += replay.took in [option.id for option in decision.options if not option.closed][: record.HIT]
    assert hits >= 0.75 * len(replays())


def test_brier_scores_are_those_of_the_formula() -> None:
    """Brier 1950, eq. 2: the mean over classes of squared differences, here of one case and unscaled."""
    assert record.brier([1.0, 0.0], 0) == 0
    assert record.brier([1.0, 0.0], 1) == 2
    assert record.brier([0.7, 0.2, 0.1], 1) == pytest.approx(0.49 + 0.64 + 0.01)
    assert record.brier([0.5, 0.5], None) == pytest.approx(1.5), "what was taken had no chance at all"


def test_text_and_json_say_the_same() -> None:
    found = record.record()
    content = json.loads(record.to_json(found))
    assert content["first_or_second"] == found.hits == sum(line["hit"] for line in content["lines"])
    text = record.to_text(found)
    assert found.sentence() in text
    assert all(line.id in text for line in found.lines)


# ------------------------------------------------------------------------------------------- known on a day


@settings(max_examples=20, deadline=None)
@given(st.dates(date(2015, 1, 1), date(2026, 11, 22)), st.integers(0, 3000))
def test_what_was_known_once_stays_known(day: date, later: int) -> None:
    then, after = load(on=day), load(on=min(day + timedelta(later), KNOWN.today))
    assert all(after.facts[name].known for name, fact in then.facts.items() if fact.known)


def test_today_everything_is_known_and_long_ago_nothing() -> None:
    assert all(fact.known for fact in KNOWN.facts.values())
    assert all(route.known for sides in KNOWN.routes.values() for own in sides.values() for route in own)
    assert not any(fact.known for fact in load(on=date(2010, 1, 1)).facts.values())


def test_a_fact_that_says_since_when_it_holds_is_known_from_then_on() -> None:
    dated = [fact for fact in KNOWN.facts.values() if fact.since]
    assert dated
    for fact in dated:
        assert first_day(fact.since) <= first_day(fact.as_of), f"{fact.id} was seen before it came to be so"
        begin = first_day(fact.since)
        assert load(on=begin).facts[fact.id].known
        assert not load(on=begin - timedelta(1)).facts[fact.id].known


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 8), st.floats(1, 5))
def test_a_judgement_is_worth_the_share_of_its_facts_that_was_known(known: int, unknown: int, level: float) -> None:
    fact = next(iter(KNOWN.facts.values()))
    facts = [*[replace(fact, known=True)] * known, *[replace(fact, known=False)] * unknown]
    found = known_level({"pytorch": level}, facts)
    assert found is not None
    levels, doubt = found
    assert abs(levels["pytorch"] - MIDDLE) <= abs(level - MIDDLE)
    assert half_range([fact]) < doubt <= WIDEST
    assert known_level({"pytorch": level}, facts[:known]) == (
        {"pytorch": pytest.approx(level)},
        pytest.approx(half_range([fact])),
    )
    assert known_level({"pytorch": level}, facts[known:]) is None


def test_before_a_way_came_its_maturity_is_anybodys_guess() -> None:
    route = next(route for route in KNOWN.routes["android"]["pytorch"] if route.maturity == "production")
    then = routes.value(replace(route, known=False))
    assert (then.low, then.high) == (0, 1)
    assert routes.value(route).low > 0


def test_a_requirement_that_nobody_could_know_of_decides_nothing() -> None:
    answers = Answers.model_validate({"schema": 2, "targets": [{"id": "llm_serving", "importance": 5}]})
    assert "fail" in {veto.status for veto in vetoes(answers, KNOWN)}
    assert {veto.status for veto in vetoes(answers, load(on=date(2019, 1, 1)))} == {"unknown"}


def test_a_decision_for_a_day_in_the_past_says_how_much_was_known() -> None:
    answers = Answers.model_validate({"schema": 2, "stage": "scaling"})
    then = decide(answers, load(on=date(2022, 6, 1)), samples=200)
    assert "This is asked for 2022-06-01: " in then.verdict.advice
    assert not any("asked for" in said for said in decide(answers, KNOWN, samples=200).assumptions)
