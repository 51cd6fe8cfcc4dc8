"""The decision: its laws, its verdicts, its vetoes, what it explains."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.decide import decide
from advisor.evidence import assess
from advisor.explain.next_steps import answered, unanswered
from advisor.explain.verdict import strength
from advisor.knowledge import load
from advisor.model import Answers, Decision
from advisor.questionnaire import examples
from probes.schema import FRAMEWORKS, ProbeResult, RunResult
from tests.advisor import changed, runs
from tests.advisor.test_questionnaire import answers_

KNOWLEDGE = load()
LAW = settings(max_examples=15, deadline=None)
SCANNER, RESEARCH, FORECAST = (example.answers for example in examples())


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, **content})


def p(answers: Answers, run: RunResult | None = None, knowledge: Any = KNOWLEDGE, samples: int = 4_000) -> float:
    return decide(answers, knowledge, run, samples=samples).verdict.probability["pytorch"]


def expected_difference(answers: Answers, knowledge: Any, run: RunResult | None) -> list[tuple[str, float]]:
    return [(row.id, np.subtract(*row.values.mean())) for row in assess(answers, knowledge, run)]


# --------------------------------------------------------------------------------------------- laws


@LAW
@given(answers_, st.floats(0.2, 5))
def test_swapping_the_frameworks_negates_the_difference(answers: Answers, ratio: float) -> None:
    run = runs.quick(ratio)
    straight = expected_difference(answers, KNOWLEDGE, run)
    other = expected_difference(changed.swapped_answers(answers), changed.swapped(KNOWLEDGE), runs.swapped(run))
    assert [name for name, _ in straight] == [name for name, _ in other]
    assert [d for _, d in straight] == pytest.approx([-d for _, d in other], abs=1e-9)


@pytest.mark.parametrize("answers", [SCANNER, RESEARCH, FORECAST, Answers()])
def test_swapping_the_frameworks_swaps_the_probabilities(answers: Answers) -> None:
    run = runs.quick(1.6)
    other = p(changed.swapped_answers(answers), runs.swapped(run), changed.swapped(KNOWLEDGE), 20_000)
    assert p(answers, run, samples=20_000) + other == pytest.approx(1, abs=0.02)


@LAW
@given(answers_.filter(lambda a: all(t.latency_ms is None for t in a.targets)), st.sampled_from([1e-6, 1e-3, 60.0]))
def test_changing_units_changes_nothing(answers: Answers, factor: float) -> None:
    def scaled(result: ProbeResult) -> ProbeResult:
        sides = {
            side: replace(old, median=(old.median or 0) * factor, samples=tuple(s * factor for s in old.samples))
            for side, old in result.sides.items()
        }
        return replace(result, sides=sides, unit=f"{factor} {result.unit}")

    run = runs.quick(1.7, startup=0.6)
    changed_run = replace(run, results=tuple(scaled(result) for result in run.results))
    one, other = (decide(answers, KNOWLEDGE, r, samples=500) for r in (run, changed_run))
    assert one.verdict == other.verdict
    assert one.criteria == other.criteria


def test_one_and_twenty_seconds_tie_with_two_and_ten() -> None:
    """Twice as fast on one line and half as fast on another of the same weight: nobody is ahead."""
    knowledge = changed.even(KNOWLEDGE)
    run = runs.run(runs.result("train_step", 2.0, base=1.0), runs.result("inference_b1", 0.5, base=20.0))
    swings = {spec.id: 0.0 for spec in KNOWLEDGE.criteria} | {"training_speed": 50.0, "inference_latency": 50.0}
    decision = decide(told(priorities={"swings": swings}), knowledge, run)
    assert sum(row.contribution for row in decision.criteria) == pytest.approx(0, abs=0.002)
    assert decision.verdict.probability["pytorch"] == pytest.approx(0.5, abs=0.02)
    assert decision.verdict.strength == "no clear winner"


@LAW
@given(answers_, st.floats(0.2, 5), st.floats(1, 3))
def test_better_evidence_for_a_side_never_lowers_its_probability(answers: Answers, ratio: float, better: float) -> None:
    """Common random numbers make it hold in every draw, not only on average."""
    if decide(answers, KNOWLEDGE, samples=100).verdict.strength == "veto":
        return
    assert p(answers, runs.quick(ratio * better), samples=500) >= p(answers, runs.quick(ratio), samples=500)


@LAW
@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_knowing_a_framework_better_never_lowers_its_probability(pytorch: int, tensorflow: int, more: int) -> None:
    low, high = sorted((pytorch, more))
    one, other = (told(team={"skills": {"pytorch": level, "tensorflow": tensorflow}}) for level in (low, high))
    assert p(one, samples=500) <= p(other, samples=500)


@LAW
@given(answers_)
def test_what_holds_for_every_decision(answers: Answers) -> None:
    decision = decide(answers, KNOWLEDGE, samples=500)
    assert sum(row.weight for row in decision.criteria) == pytest.approx(1)
    assert all(0 <= row.weight <= 1 and row.cells.keys() == set(FRAMEWORKS) for row in decision.criteria)
    if decision.verdict.strength != "veto":
        assert sum(decision.verdict.probability.values()) == pytest.approx(1)
    assert decision.verdict.headline.endswith(".")
    assert len(decision.verdict.headline) < 400
    assert decision.unknowns == unanswered(answers)
    for flip in decision.flips:
        assert flip.flips_at is None or 0 <= flip.flips_at <= 1
    assert [step.gain for step in decision.next_steps] == sorted((s.gain for s in decision.next_steps), reverse=True)


def test_the_same_seed_gives_the_same_decision_and_another_nearly_the_same() -> None:
    assert decide(SCANNER, KNOWLEDGE, runs.quick(2)) == decide(SCANNER, KNOWLEDGE, runs.quick(2))
    one, other = (decide(SCANNER, KNOWLEDGE, seed=seed).verdict for seed in (0, 1))
    assert one != other
    assert one.probability["pytorch"] == pytest.approx(other.probability["pytorch"], abs=0.02)


def test_a_slider_moves_the_probability_smoothly() -> None:
    """Twenty steps of five points: each moves p a little and in one direction."""
    seen = [
        p(SCANNER.model_copy(update={"priorities": told(priorities={"swings": {"skills": s}}).priorities}))
        for s in range(0, 101, 5)
    ]
    steps = np.diff(seen)
    assert (steps <= 0.002).all()
    assert np.abs(steps).max() < 0.12


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 100"):
        decide(SCANNER, KNOWLEDGE, samples=50)


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
        ("tensorflow", "leaning"),
        ("pytorch", "clear"),
        (None, "no clear winner"),
    ]


def test_no_clear_winner_has_advice_of_its_own() -> None:
    advice = decide(FORECAST, KNOWLEDGE).verdict.advice
    assert "Stay with what you have (TensorFlow)" in advice
    assert "Keras 3" in advice
    assert "ONNX" in advice
    fresh = decide(told(code={"framework": "none"}), changed.even(KNOWLEDGE)).verdict.advice
    assert fresh.startswith("Either will do.")


# ------------------------------------------------------------------------------------------- vetoes


def vetoed(decision: Decision) -> dict[str, str]:
    return {f"{veto.id}/{veto.framework}": veto.status for veto in decision.vetoes}


def test_a_veto_shows_no_score_and_says_what_would_bring_the_other_back() -> None:
    verdict = decide(told(constraints={"python": "3.14"}), KNOWLEDGE).verdict
    assert (verdict.framework, verdict.strength) == ("pytorch", "veto")
    assert dict(verdict.probability) == {}
    assert "release candidate" in verdict.headline
    assert "TensorFlow comes back into play without Python 3.14 (3.13 runs both)." in verdict.advice


def test_a_target_without_a_way_is_a_veto_with_its_source() -> None:
    decision = decide(told(targets=[{"id": "llm_serving"}]), KNOWLEDGE)
    assert decision.verdict.framework == "pytorch"
    failed = next(veto for veto in decision.vetoes if veto.status == "fail")
    assert {item.id for item in failed.evidence} >= {"vllm-torch"}
    assert decision.reasons_for[0].sentence.startswith("A way to LLM serving: no maintained way from TensorFlow")


def test_a_wish_is_no_requirement() -> None:
    assert decide(told(targets=[{"id": "llm_serving", "importance": 2}]), KNOWLEDGE).verdict.strength != "veto"


def test_when_nobody_meets_everything_the_advice_names_what_to_relax() -> None:
    """A framework-free case is made by hand: today's facts leave one of the two in every combination."""
    none = {target: dict.fromkeys(FRAMEWORKS, ()) for target in KNOWLEDGE.routes}
    decision = decide(told(targets=[{"id": "ios"}]), replace(KNOWLEDGE, routes=none))
    assert decision.verdict.framework is None
    assert decision.verdict.strength == "veto"
    assert "neither framework meets all requirements" in decision.verdict.headline
    assert "Relax one: without «iOS» as a requirement, PyTorch is possible" in decision.verdict.advice


def test_an_unknown_requirement_is_no_pass_but_a_stated_assumption() -> None:
    decision = decide(told(hardware={"train": "amd"}), KNOWLEDGE)
    assert vetoed(decision) == {"amd_gpu/pytorch": "pass", "amd_gpu/tensorflow": "unknown"}
    assert decision.verdict.strength != "veto"
    assert decision.assumptions
    assert "This supposes that TensorFlow meets «Trains on AMD GPUs», which is not confirmed" in decision.verdict.advice
    assert "If not, the answer is PyTorch." in decision.verdict.advice


def test_experimental_routes_alone_are_unknown_and_archived_ones_fail() -> None:
    way = KNOWLEDGE.routes["ios"]["pytorch"][0]
    for maturity, status in (("experimental", "unknown"), ("archived", "fail"), ("maintenance", "pass")):
        only = {"pytorch": (replace(way, maturity=maturity),), "tensorflow": KNOWLEDGE.routes["ios"]["tensorflow"]}
        knowledge = replace(KNOWLEDGE, routes={**KNOWLEDGE.routes, "ios": only})
        assert vetoed(decide(told(targets=[{"id": "ios"}]), knowledge))["route_ios/pytorch"] == status


def test_every_veto_that_fails_cites_what_it_rests_on() -> None:
    for target in KNOWLEDGE.routes:
        for veto in decide(told(targets=[{"id": target}]), KNOWLEDGE, samples=100).vetoes:
            assert veto.status == "pass" or veto.evidence, veto


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
    decision = decide(SCANNER, KNOWLEDGE)
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
    decision = decide(told(priorities={"swings": {"training_speed": 90}}), KNOWLEDGE, runs.quick(1.0, train_step=2.5))
    flip = next(f for f in decision.flips if f.criterion == "training_speed")
    assert flip.flips_at is None or "times as much as PyTorch there, instead of 2.50 times" in flip.sentence


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
    balanced = FORECAST
    step = next(s for s in decide(balanced, KNOWLEDGE).next_steps if s.kind == "probe")
    assert step.gain > 0
    after = decide(balanced, KNOWLEDGE, runs.run(runs.result(step.id.partition(".")[2], 1.0)))
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


@pytest.mark.parametrize("path", unanswered(Answers()))
def test_an_answer_can_be_supposed(path: str) -> None:
    option = {"targets": "ios", "team.size": 4}.get(path, 3 if path.startswith("team.skills") else None)
    option = option or {"stage": "scaling", "project.domain": "audio", "code.framework": "keras"}.get(path, "cpu")
    assert path not in unanswered(answered(Answers(), path, option))


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
    assert rows["exit"].swing_default == pytest.approx(100)
    assert rows["skills"].swing == 100
