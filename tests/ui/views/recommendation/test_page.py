"""Recommendation: the three layouts, weights, next steps, exports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor import questionnaire
from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.knowledge import load
from advisor.model.decision import Decision, Veto
from advisor.ports import Services
from tests import fakes, samples
from tests.stores import measure, the
from tests.ui.driving import open_page, texts
from ui.session import decisions

EXAMPLE = questionnaire.examples()[0].answers


@pytest.fixture
def services() -> Services:
    return fakes.services()


def shown(monkeypatch: pytest.MonkeyPatch, services: Services, decision: Decision) -> str:
    monkeypatch.setattr(decisions, "for_answers", lambda now: decision)
    return texts(open_page(monkeypatch, services, "recommendation"))


def test_a_real_decision_is_drawn_whole(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(EXAMPLE)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id, edit=record.edit_key)
    few = len(app.slider)
    for folded in ("criteria-as-table", "more-weights"):
        app.session_state[folded] = True
    app.run()
    assert len(app.slider) > few, "what is folded is drawn when it is opened"
    said = texts(app)
    for heading in ("What weighs how much", "Criterion by criterion", "What would turn it", "Ways to your targets"):
        assert f"## {heading}" in said
    assert "f-odds-large" in said
    assert len(app.get("plotly_chart")) >= 2
    assert len(app.slider) == len(app.dataframe[0].value), "a slider for each criterion"


def test_ways_beside_the_two_are_ranked_below_the_answer(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    answers = Answers.model_validate(
        {"schema": 2, "code": {"framework": "keras2", "lines": 3000}, "stage": "maintenance"}
    )
    record = services.store.create_decision(answers)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id, edit=record.edit_key)
    said = texts(app)
    assert "## Ways open to you" in said
    assert said.index("## Ways open to you") < said.index("## What weighs how much")
    assert said.count("Keeps open") == 2, "the first two are told at once"
    app.session_state["ways-rest"] = True
    app.run()
    unfolded = texts(app)
    assert not app.exception
    assert "Keras 3 on PyTorch" in unfolded
    assert unfolded.count("Keeps open") == len(decide(answers, load(on=services.clock.now().date())).options)


def test_leaning_shows_both_probabilities(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    said = shown(monkeypatch, services, samples.decision("leaning", 0.8))
    assert "PyTorch 80 %" in said
    assert "TensorFlow 20 %" in said
    assert "leaning" in said
    assert "It is faster here\\." in said


def test_no_clear_winner_shows_both_cases(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    said = shown(monkeypatch, services, samples.decision("no clear winner", 0.55))
    assert "no clear winner" in said
    assert "Who wants speed\\." in said
    assert "Who deploys\\." in said


def test_a_veto_shows_no_score(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    veto = Veto("ios", "tensorflow", "fail", "Runs on iOS", "No maintained route.")
    decision = replace(samples.decision("veto", 1.0), vetoes=(veto,))
    said = shown(monkeypatch, services, decision)
    assert "Runs on iOS" in said
    assert "f-odds" not in said


def test_unknown_evidence_is_said_in_words(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    monkeypatch.setattr(decisions, "for_answers", lambda now: samples.decision())
    app = open_page(monkeypatch, services, "recommendation")
    labels = [box.label for box in app.expander]
    assert any("Hiring" in label and "unknown" in label for label in labels)
    assert any("Speed" in label and "dated fact" in label for label in labels)


def test_a_weight_is_saved_answered_and_can_be_reset(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(EXAMPLE)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id, edit=record.edit_key)
    slider = app.slider[0]
    criterion = str(slider.key).split("-")[1]
    value = 0 if slider.value > 50 else 100
    slider.set_value(value).run()
    stored = the(services.store.decision(record.id))
    assert stored.answers.priorities.swings == {criterion: value}
    assert app.slider[0].value == value
    app.button(key="reset").click().run()
    stored = the(services.store.decision(record.id))
    assert stored.answers.priorities.swings == {}


def test_visitors_cannot_move_weights(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    record = services.store.create_decision(EXAMPLE)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id)
    assert app.slider
    assert all(slider.disabled for slider in app.slider)


def test_measurements_reach_the_recommendation(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = fakes.FakeRunner.replay("quick.json")
    services = fakes.services(runner=runner)
    record = services.store.create_decision(EXAMPLE)
    measure(services.store, runner.recording.request, for_=record.id)
    run = the(services.store.claim("test"))
    services.store.finish(run.id, "done", result=runner.recording)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id)
    assert any("measured here" in box.label for box in app.expander)


def test_next_step_leads_to_its_question(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    monkeypatch.setattr(decisions, "for_answers", lambda now: samples.decision())
    app = open_page(monkeypatch, services, "recommendation")
    app.button(key="go-0").click().run()
    assert not app.exception
    assert app.title[0].value == "PyTorch or TensorFlow?"


def test_empty_answers_say_what_the_page_rests_on(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    app = open_page(monkeypatch, services, "recommendation")
    assert "No question is answered yet" in app.info[0].value
    assert Answers() == questionnaire.parse("schema: 1")


def test_what_can_not_matter_is_one_line_until_it_is_opened(
    monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    answers = Answers.model_validate({"schema": 2, "targets": [{"id": "microcontroller"}]})
    record = services.store.create_decision(answers)
    app = open_page(monkeypatch, services, "recommendation", decision=record.id)
    why = "what fits on a microcontroller trains on any processor"
    assert any("criteria that can't matter here" in box.label for box in app.expander)
    assert why not in texts(app)
    app.session_state["dropped-criteria"] = True
    app.run()
    assert f"Your accelerators: {why}" in texts(app).replace("\\", "")
