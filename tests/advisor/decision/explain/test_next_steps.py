"""What is worth finding out next: by what it would do to the strength of the answer and to its side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.explain.outlook import Outlook, Standing
from advisor.decision.explain.verdict import CLEAR, LEANING, strength
from advisor.decision.sampling import weigh
from advisor.decision.scoring.draws import Stream
from advisor.decision.scoring.sensitivity import certainty, strength_gain
from advisor.knowledge import load
from advisor.knowledge.conditions import answered
from advisor.questionnaire import examples
from tests.advisor.given_answers import answers_

KNOWLEDGE = load()
EXAMPLES = [example.answers for example in examples()]
probabilities = st.floats(0, 1)
outcomes = st.lists(probabilities, min_size=1, max_size=20)


def gain(now: float, after: list[float]) -> float:
    return strength_gain(now, after, LEANING, CLEAR)


def told(**content: Any) -> Answers:
    return Answers.model_validate({"schema": 2, **content})


# ----------------------------------------------------------------------------------- gain of strength


@given(probabilities, outcomes)
def test_knowing_is_never_a_loss_and_nothing_that_changes_nothing_gains(now: float, after: list[float]) -> None:
    assert 0 <= gain(now, after) <= 1
    assert gain(now, [now] * len(after)) == 0
    assert gain(now, [1 - now] * len(after)) == pytest.approx(0, abs=1e-9), "the side is another matter"


@given(probabilities, outcomes)
def test_both_sides_count_alike(now: float, after: list[float]) -> None:
    assert gain(now, after) == pytest.approx(gain(1 - now, [1 - p for p in after]), abs=1e-9)


@given(st.floats(0.26, 0.74), st.lists(st.floats(0.9, 1), min_size=1), st.lists(st.floats(0.26, 0.74), min_size=1))
def test_what_settles_comes_before_what_leaves_it_open(now: float, clear: list[float], still: list[float]) -> None:
    """By half of all there is, so that no value of perfect information on the side makes up for it."""
    assert [strength(p) for p in (now, *still)] == ["no clear winner"] * (1 + len(still))
    assert gain(now, clear) >= gain(now, still) + 0.5 - max(0.0, certainty(now, LEANING, CLEAR)) / 2 - 1e-9
    assert gain(now, clear) > gain(now, still)


@given(probabilities, outcomes, st.data())
def test_a_surer_outcome_gains_more(now: float, after: list[float], data: st.DataObject) -> None:
    """Beyond where it stands now."""
    place = data.draw(st.integers(0, len(after) - 1))
    surest = max(now, 1 - now, after[place], 1 - after[place])
    surer = [*after[:place], data.draw(st.floats(surest, 1)), *after[place + 1 :]]
    if max(after[place], 1 - after[place]) >= max(now, 1 - now):
        assert gain(now, surer) >= gain(now, after) - 1e-12


def test_certainty_at_the_thresholds() -> None:
    assert certainty([0.5, 0.75, 0.9, 1.0, 0.25, 0.1], LEANING, CLEAR) == pytest.approx([0, 0.5, 1, 1, 0.5, 1])


# ---------------------------------------------------------------------------------------------- outlook


@settings(max_examples=25, deadline=None)
@given(answers_)
@example(Answers())
def test_every_step_says_what_it_would_do_and_the_best_comes_first(answers: Answers) -> None:
    steps = decide(answers, KNOWLEDGE, samples=500).next_steps
    gains = [step.gain for step in steps]
    assert gains == sorted(gains, reverse=True)
    assert all(gain >= 0 for gain in gains)
    assert all(0 <= step.settles <= 1 and 0 <= step.turns <= 1 for step in steps)
    for step in steps:
        assert step.sentence.endswith(".")
        assert ("clear" in step.sentence) == (step.settles >= 0.01), step
        assert ("turn" in step.sentence) == (step.turns >= 0.01) or "could turn" in step.sentence, step


@settings(max_examples=25, deadline=None)
@given(answers_)
def test_an_answer_that_is_the_present_one_changes_nothing(answers: Answers) -> None:
    now = Standing(0.7, 0.02, 0.04)
    if answers.stage is None or answers.voices:
        return
    supposed = Outlook(answers, KNOWLEDGE, None, now).supposing("stage", [answers.stage])
    assert supposed.probability == pytest.approx([0.7], abs=1e-9)


@pytest.mark.parametrize("answers", EXAMPLES)
@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("stage", ("exploring", "maintenance")),
        ("project.domain", ("vision", "language", "tabular")),
        ("targets", ("microcontroller", "server_batch")),
        ("code.use", ("training", "inference")),
    ],
)
def test_the_outlook_is_near_to_what_is_then_decided(answers: Answers, path: str, options: tuple[str, ...]) -> None:
    """A normal approximation without draws, against deciding with the answer."""
    weighed = weigh(answers, KNOWLEDGE, None, Stream(0, 4_000))
    supposed = Outlook(answers, KNOWLEDGE, None, Standing.of(weighed.result)).supposing(path, options)
    for option, expected in zip(options, supposed.probability, strict=True):
        then = decide(answered(answers, path, option), KNOWLEDGE, samples=4_000)
        assert then.verdict.probability["pytorch"] == pytest.approx(expected, abs=0.08)


def test_a_question_that_would_lift_no_clear_winner_to_clear_is_named_first() -> None:
    """Which code exists decides here, and nothing else that is open comes near."""
    answers = told(
        stage="maintenance", project={"domain": "vision"}, targets=[{"id": "server_rest_grpc", "importance": 4}],
        hardware={"train": ["cpu"], "serve": ["cpu"]}, team={"size": 4, "skills": {"pytorch": 2, "tensorflow": 3}},
        code={"lines": 60_000, "plan": "keep"}, constraints={"python": ["3.12"], "os": ["linux"]},
    )  # fmt: skip
    decision = decide(answers, KNOWLEDGE)
    assert decision.verdict.strength == "no clear winner"
    questions = [step for step in decision.next_steps if step.kind == "question"]
    assert questions[0].id == "code.framework"
    assert questions[0].settles > 0.5
    assert "would make the recommendation clear" in questions[0].sentence


def test_what_moves_nothing_stays_where_it_is() -> None:
    now = Standing(0.83, 0.03, 0.05)
    assert now.moved(np.array([0.03]), np.array([1.0])) == pytest.approx([0.83])
    assert now.moved(np.array([0.05]), np.array([1.0]))[0] > 0.83
    assert now.moved(np.array([0.03]), np.array([0.5]))[0] > 0.83, "less that isn't known makes it surer"


@given(st.floats(0.05, 1), st.floats(0.001, 0.01), st.floats(0.05, 25))
def test_a_wider_spread_alone_never_turns_an_answer_that_all_draws_agree_on(
    mean: float, sd: float, variance: float
) -> None:
    for side, sign in ((1.0, 1), (0.0, -1)):
        (after,) = Standing(side, sign * mean, sd).moved(np.array([sign * mean]), np.array([variance]))
        assert abs(after - side) < 0.5


def test_what_would_take_a_clear_answer_away_is_worth_knowing_and_says_so() -> None:
    """Nobody said which code exists: TensorFlow code that is kept would leave little of PyTorch's lead."""
    answers = told(
        stage="maintenance", project={"domain": "vision"}, targets=[{"id": "server_rest_grpc", "importance": 4}],
        hardware={"train": ["cpu"], "serve": ["cpu"]}, team={"size": 4, "skills": {"pytorch": 5, "tensorflow": 1}},
        code={"lines": 60_000, "plan": "keep"}, constraints={"python": ["3.12"], "os": ["linux"]},
    )  # fmt: skip
    decision = decide(answers, KNOWLEDGE)
    assert decision.verdict.strength == "clear"
    step = next(step for step in decision.next_steps if step.id == "code.framework")
    assert step.gain > 0.02
    assert step.settles == 0
    assert "less sure" in step.sentence or "turn" in step.sentence
