"""Laws of a decision, over answers that nobody chose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence import assess
from advisor.decision.explain.next_steps import unanswered
from advisor.knowledge import load
from advisor.questionnaire import examples
from probes.results import ProbeResult, RunResult
from probes.schema import FRAMEWORKS
from tests.advisor import changed, runs
from tests.advisor.given_answers import answers_

KNOWLEDGE = load()
LAW = settings(max_examples=15, deadline=None)
SCANNER, RESEARCH, FORECAST = (example.answers for example in examples())


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 1, **content})


def p(answers: Answers, run: RunResult | None = None, knowledge: Any = KNOWLEDGE, samples: int = 4_000) -> float:
    return decide(answers, knowledge, run, samples=samples).verdict.probability["pytorch"]


def expected_difference(answers: Answers, knowledge: Any, run: RunResult | None) -> list[tuple[str, float]]:
    return [(row.id, np.subtract(*row.values.mean())) for row in assess(answers, knowledge, run)]


@LAW
@given(answers_, st.floats(0.2, 5))
@example(told(code={"framework": "tensorflow1", "plan": "keep"}), 1.0)
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
    assert decision.unknowns == unanswered(answers, KNOWLEDGE)
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
