"""The decision: its verdicts, its vetoes, what it explains. Its laws are in test_laws.py."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from advisor.answers import Answers, Project
from advisor.decision.decide import decide
from advisor.decision.explain.next_steps import unanswered
from advisor.decision.explain.verdict import strength
from advisor.knowledge import load
from advisor.knowledge.conditions import PATHS, answered
from advisor.model.decision import Decision
from advisor.output.report import to_markdown
from advisor.questionnaire import examples
from probes.schema import FRAMEWORKS, ProbeId
from tests.advisor import changed, runs

KNOWLEDGE = load()
SCANNER, RESEARCH, FORECAST = (example.answers for example in examples())


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, **content})


# ------------------------------------------------------------------------------------------ verdict


@pytest.mark.parametrize(
    ("probability", "called"),
    [(0.90, "clear"), (0.899, "leaning"), (0.75, "leaning"), (0.749, "no clear winner"), (0.5, "no clear winner"),
     (0.25, "leaning"), (0.1, "clear")],
)  # fmt: skip
def test_thresholds(probability: float, called: str) -> None:
    assert strength(probability) == called


def test_the_three_examples_get_three_kinds_of_answers() -> None:
    verdicts = [decide(answers, KNOWLEDGE).verdict for answers in (SCANNER, RESEARCH, FORECAST)]
    assert [(v.framework, v.strength) for v in verdicts] == [
        ("tensorflow", "clear"),
        ("pytorch", "clear"),
        (None, "no clear winner"),
    ]


def test_no_clear_winner_has_advice_of_its_own() -> None:
    team = FORECAST.team.model_copy(update={"skills": {"pytorch": 2, "tensorflow": 3}})
    advice = decide(FORECAST.model_copy(update={"team": team}), KNOWLEDGE).verdict.advice
    assert "Stay with what you have (TensorFlow)" in advice
    assert "Keras 3" in advice
    assert "ONNX" in advice
    fresh = decide(told(code={"framework": "none"}), changed.even(KNOWLEDGE)).verdict.advice
    assert fresh.startswith("Either will do.")


# ------------------------------------------------------------------------------------------- vetoes


def vetoed(decision: Decision) -> dict[str, str]:
    return {f"{veto.id}/{veto.framework}": veto.status for veto in decision.vetoes}


def test_a_veto_shows_no_score_and_says_what_would_bring_the_other_back() -> None:
    decision = decide(told(targets=[{"id": "llm_serving"}]), KNOWLEDGE)
    verdict = decision.verdict
    assert (verdict.framework, verdict.strength) == ("pytorch", "veto")
    assert dict(verdict.probability) == {}
    assert decision.flips == decision.next_steps == ()
    assert verdict.headline.endswith("take PyTorch: no maintained way from TensorFlow to LLM serving is known.")
    failed = next(veto for veto in decision.vetoes if veto.status == "fail")
    assert failed.detail.startswith("No TensorFlow-based LLM server was found")
    assert failed.detail in to_markdown(decision, Answers())
    assert "TensorFlow comes back into play without LLM serving as a requirement." in verdict.advice


def test_what_follows_from_several_unconfirmed_requirements_is_said_once() -> None:
    cards = {"train": ["nvidia", "amd", "intel"], "nvidia": ["blackwell"]}
    advice = decide(told(hardware=cards), KNOWLEDGE).verdict.advice
    assert advice.count("This assumes that TensorFlow meets") == 1
    assert "Blackwell" in advice
    assert "AMD" in advice
    assert advice.count("If not, ") == 1


def test_a_release_candidate_alone_is_neither_met_nor_missed() -> None:
    decision = decide(told(constraints={"python": "3.14"}), KNOWLEDGE)
    assert vetoed(decision) == {"python_314/pytorch": "pass", "python_314/tensorflow": "unknown"}
    assert decision.verdict.strength != "veto"


def test_a_target_without_a_way_is_a_veto_with_its_source() -> None:
    decision = decide(told(targets=[{"id": "llm_serving"}]), KNOWLEDGE)
    assert decision.verdict.framework == "pytorch"
    failed = next(veto for veto in decision.vetoes if veto.status == "fail")
    assert {item.id for item in failed.evidence} >= {"vllm-torch"}
    assert decision.reasons_for[0].sentence.startswith(
        "«A way to LLM serving» is a hard requirement: no maintained way from TensorFlow"
    )


def test_a_wish_is_no_requirement() -> None:
    assert decide(told(targets=[{"id": "llm_serving", "importance": 2}]), KNOWLEDGE).verdict.strength != "veto"


def test_when_nobody_meets_everything_the_advice_names_what_to_relax() -> None:
    """A framework-free case is made by hand: today's facts leave one of the two in every combination."""
    none = {target: dict.fromkeys(FRAMEWORKS, ()) for target in KNOWLEDGE.routes}
    decision = decide(told(targets=[{"id": "ios"}]), replace(KNOWLEDGE, routes=none))
    assert decision.verdict.framework is None
    assert decision.verdict.strength == "veto"
    assert "neither framework meets all requirements" in decision.verdict.headline
    assert "Without iOS as a requirement either is possible" in decision.verdict.advice


def test_an_unknown_requirement_is_no_pass_but_a_stated_assumption() -> None:
    decision = decide(told(hardware={"train": "amd"}), KNOWLEDGE)
    assert vetoed(decision) == {"amd_gpu/pytorch": "pass", "amd_gpu/tensorflow": "unknown"}
    assert decision.verdict.strength != "veto"
    assert decision.assumptions
    assert "This assumes that TensorFlow meets «Trains on AMD GPUs», which is not confirmed" in decision.verdict.advice
    assert decision.verdict.framework == "pytorch"
    assert "If not, PyTorch, which leads anyway, is the only one left." in decision.verdict.advice


def test_experimental_routes_alone_are_unknown_and_archived_ones_fail() -> None:
    way = KNOWLEDGE.routes["ios"]["pytorch"][0]
    for maturity, status in (("experimental", "unknown"), ("archived", "fail"), ("maintenance", "pass")):
        only = {"pytorch": (replace(way, maturity=maturity),), "tensorflow": KNOWLEDGE.routes["ios"]["tensorflow"]}
        knowledge = replace(KNOWLEDGE, routes={**KNOWLEDGE.routes, "ios": only})
        assert vetoed(decide(told(targets=[{"id": "ios"}]), knowledge))["route_ios/pytorch"] == status


def test_every_veto_that_fails_cites_what_it_rests_on() -> None:
    vetoes = [
        veto
        for target in KNOWLEDGE.routes
        for veto in decide(told(targets=[{"id": target}]), KNOWLEDGE, samples=100).vetoes
        if veto.status != "pass"
    ]
    assert vetoes
    assert [veto for veto in vetoes if not veto.evidence] == []


# -------------------------------------------------------------------------------------- explanation


def test_reasons_can_be_read_aloud_and_name_machine_and_date() -> None:
    decision = decide(SCANNER, KNOWLEDGE, runs.quick(1.0, memory_peak=4.0))
    assert len(decision.reasons_for) == 3
    assert len(decision.reasons_against) <= 2
    spoken = [reason.sentence for reason in (*decision.reasons_for, *decision.reasons_against)]
    assert all(sentence.endswith(".") and "None" not in sentence and ".." not in sentence for sentence in spoken)
    measured = next(sentence for sentence in spoken if "«Memory" in sentence)
    assert f"Measured on {runs.MACHINE.name} on 2026-11-20." in measured
    assert {reason.side for reason in decision.reasons_for} == {"tensorflow"}
    assert {reason.side for reason in decision.reasons_against} == {"pytorch"}


def test_a_flip_really_turns_the_answer() -> None:
    decision = decide(FORECAST, KNOWLEDGE)
    ahead = sum(row.contribution for row in decision.criteria)
    flip = next(f for f in decision.flips if f.flips_at is not None)
    rows = {row.criterion.id: row for row in decision.criteria}
    beyond = flip.flips_at + 0.02 * (1 if flip.flips_at > flip.weight else -1)
    scale = (1 - beyond) / (1 - flip.weight)
    total = sum(
        row.difference * (beyond if name == flip.criterion else row.weight * scale) for name, row in rows.items()
    )
    assert np.sign(total) == -np.sign(ahead)
    assert rows[flip.criterion].criterion.title in flip.sentence


def test_a_flip_of_a_measurement_names_the_ratio_it_would_take() -> None:
    def decided(ratio: float) -> tuple[Decision, float]:
        answers = told(priorities={"swings": {"training_speed": 90}})
        decision = decide(answers, KNOWLEDGE, runs.quick(1.0, train_step=ratio))
        return decision, np.sign(sum(row.contribution for row in decision.criteria))

    decision, ahead = decided(0.4)
    flip = next(f for f in decision.flips if f.criterion == "training_speed")
    named = re.search(r"if TensorFlow cost (\S+) times as much as PyTorch there, instead of 0\.40 times", flip.sentence)
    assert named
    turn = float(named[1])
    beyond = 0.03 if turn > 0.4 else -0.03
    assert decided(turn - beyond)[1] == ahead
    assert decided(turn + beyond)[1] == -ahead


def test_central_weights_are_missing_for_who_never_wins() -> None:
    """A dominated side: no weights, no factor, and a sentence that says so."""
    knowledge = changed.even(KNOWLEDGE)
    swings = {spec.id: 0.0 for spec in KNOWLEDGE.criteria} | {"training_speed": 50.0}
    decision = decide(told(priorities={"swings": swings}), knowledge, runs.quick(60.0))
    assert decision.central_weights["tensorflow"] is None
    assert decision.confidence_factor["tensorflow"] is None
    assert decision.central_sentences["tensorflow"] == "No weights that you may mean make TensorFlow the choice."
    assert decision.verdict.probability["pytorch"] == 1
    assert "more than 99 %" in decision.verdict.headline


def test_the_next_probe_is_one_that_was_not_run() -> None:
    balanced = FORECAST.model_copy(update={"project": Project()})
    step = next(s for s in decide(balanced, KNOWLEDGE).next_steps if s.kind == "probe")
    assert step.gain > 0
    probe = ProbeId.parse(step.id)
    after = decide(balanced, KNOWLEDGE, runs.run(runs.result(probe.measure, 1.0, track=probe.track)))
    assert step.id not in [s.id for s in after.next_steps]
    assert after.machine == runs.MACHINE.name
    assert [result.probe for result in after.probes] == [step.id]


def test_an_open_question_is_worth_asking_when_it_can_turn_the_answer() -> None:
    """Nobody said which code exists, and the rest is even: that question comes before the team's size."""
    answers = told(team={"skills": {"pytorch": 3, "tensorflow": 3}}, code={"lines": 20_000, "plan": "keep"})
    steps = decide(answers, changed.even(KNOWLEDGE)).next_steps
    order = [step.id for step in steps if step.kind == "question"]
    assert order[0] == "code.framework"
    assert all(step.sentence.endswith(".") for step in steps)


@pytest.mark.parametrize("path", unanswered(Answers(), KNOWLEDGE))
def test_an_answer_can_be_supposed(path: str) -> None:
    option = {"targets": "ios", "team.size": 4}.get(path, 3 if path.startswith("team.skills") else None)
    option = option or (PATHS[path].choices or ("",))[0]
    assert path not in unanswered(answered(Answers(), path, option), KNOWLEDGE)


def test_ranking_orders_the_weights() -> None:
    decision = decide(told(priorities={"ranking": ["exit", "skills", "governance"]}), KNOWLEDGE)
    weights = {row.criterion.id: row.weight for row in decision.criteria}
    assert (
        weights["exit"]
        > weights["skills"]
        > weights["governance"]
        > max(weight for name, weight in weights.items() if name not in ("exit", "skills", "governance"))
    )
    row = next(row for row in decision.criteria if row.criterion.id == "skills")
    assert row.because == ("because you ranked it 2",)


def test_a_ranked_family_shares_its_rank_by_importance() -> None:
    answers = told(
        targets=[{"id": "android", "importance": 4}, {"id": "ios", "importance": 1}],
        priorities={"ranking": ["deployment"]},
    )
    weights = {row.criterion.id: row.weight for row in decide(answers, KNOWLEDGE).criteria}
    assert weights["deployment.android"] == pytest.approx(4 * weights["deployment.ios"])


def test_a_ranking_and_a_slider_go_together() -> None:
    answers = told(priorities={"ranking": ["exit", "skills"], "swings": {"skills": 100}})
    rows = {row.criterion.id: row for row in decide(answers, KNOWLEDGE).criteria}
    assert rows["exit"].swing == pytest.approx(100)
    assert rows["skills"].swing == 100


@pytest.mark.parametrize("answers", [Answers(), Answers(project=Project(name="Ours"))])
def test_without_answers_it_says_that_it_knows_nothing_of_the_project(answers: Answers) -> None:
    verdict = decide(answers, KNOWLEDGE).verdict
    assert verdict.headline.startswith("Nothing is known of the project yet")
    assert "Ours" not in verdict.headline


@pytest.mark.parametrize(
    "answers",
    [
        Answers(stage="prototype"),
        Answers(project=Project(name="Ours", parameters=70_000_000_000)),
        Answers(project=Project(data_gb=500.0)),
        Answers(project=Project(devices=64)),
    ],
)
def test_one_answer_is_enough_to_speak_of_the_project(answers: Answers) -> None:
    verdict = decide(answers, KNOWLEDGE).verdict
    assert "Nothing is known" not in verdict.headline
