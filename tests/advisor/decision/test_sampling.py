"""What a team says of its weights, in four ways, and what is drawn from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from advisor.answers import Answers
from advisor.decision.decide import decide
from advisor.decision.evidence import assess
from advisor.decision.evidence.swings import swings
from advisor.decision.sampling import draw_weights
from advisor.decision.scoring.draws import Stream
from advisor.knowledge import load
from advisor.questionnaire import AnswersError, dump, parse

KNOWLEDGE = load()
SAMPLES = 4_000


def told(**priorities: Any) -> Answers:
    targets = [{"id": "android", "importance": 4}, {"id": "server_batch", "importance": 2}]
    return Answers.model_validate({"schema": 1, "targets": targets, "priorities": priorities})


def weights(answers: Answers) -> dict[str, np.ndarray]:
    rows = assess(answers, KNOWLEDGE, None)
    drawn = draw_weights(swings(rows, answers, KNOWLEDGE), answers, Stream(0, SAMPLES))
    assert drawn.sum(axis=0) == pytest.approx(np.ones(SAMPLES))
    assert (drawn >= 0).all()
    return {row.id: drawn[i] for i, row in enumerate(rows)}


def test_ranges_hold_in_every_draw_and_leave_the_rest_to_the_others() -> None:
    drawn = weights(told(method="ranges", ranges={"skills": {"low": 20, "high": 30}, "exit": {"low": 0, "high": 5}}))
    assert drawn["skills"].min() >= 0.2 - 1e-6
    assert drawn["skills"].max() <= 0.3 + 1e-6
    assert drawn["exit"].max() <= 0.05 + 1e-6
    plain = weights(told())
    others = ("hiring", "research", "ecosystem")
    shares = [drawn[name].mean() / plain[name].mean() for name in others]
    assert shares == pytest.approx([shares[0]] * 3, rel=0.08), "the others keep their proportions"


def test_a_range_of_all_targets_is_shared_by_their_importance() -> None:
    drawn = weights(told(method="ranges", ranges={"deployment": {"low": 30, "high": 60}}))
    both = drawn["deployment.android"] + drawn["deployment.server_batch"]
    assert both.min() >= 0.3 - 1e-6
    assert both.max() <= 0.6 + 1e-6
    assert drawn["deployment.android"] / drawn["deployment.server_batch"] == pytest.approx(np.full(SAMPLES, 2.0))


def test_ranges_of_everything_that_there_is() -> None:
    everything = {spec.id: {"low": 0, "high": 6} for spec in KNOWLEDGE.criteria}
    assert max(drawn.max() for drawn in weights(told(method="ranges", ranges=everything)).values()) <= 0.06 + 1e-6


def test_upper_ends_that_leave_room_are_stretched() -> None:
    too_little = {spec.id: {"low": 0, "high": 2} for spec in KNOWLEDGE.criteria}  # 40 % together
    drawn = weights(told(method="ranges", ranges=too_little))
    assert max(row.max() for row in drawn.values()) <= 0.02 / 0.40 + 1e-6
    assert sum(row.mean() for row in drawn.values()) == pytest.approx(1)


def test_pairs_share_what_their_criteria_weigh_together() -> None:
    pairs = [
        {"first": "skills", "second": "hiring", "ratio": 4},
        {"first": "skills", "second": "exit", "ratio": 8},
        {"first": "hiring", "second": "exit", "ratio": 2},
    ]
    answers = told(method="pairs", pairs=pairs)
    rows = assess(answers, KNOWLEDGE, None)
    used = {row.id: swing for row, swing in zip(rows, swings(rows, answers, KNOWLEDGE), strict=True)}
    assert used["skills"].used / used["hiring"].used == pytest.approx(4)
    assert used["hiring"].used / used["exit"].used == pytest.approx(2)
    named = ("skills", "hiring", "exit")
    assert sum(used[name].used for name in named) == pytest.approx(sum(used[name].default for name in named))
    assert used["skills"].because == ("because of how you compared it with others",)
    drawn = weights(answers)
    assert drawn["skills"] / drawn["exit"] == pytest.approx(np.full(SAMPLES, 8.0))


def test_only_the_method_that_was_chosen_counts() -> None:
    both = {"swings": {"skills": 100}, "ranges": {"skills": {"low": 0, "high": 1}}, "ranking": ["exit"]}
    assert weights(told(method="ranges", **both))["skills"].max() <= 0.01 + 1e-6
    assert weights(told(method="swings", **both))["skills"].mean() > 0.08
    ranked = weights(told(method="ranking", **both))
    assert (ranked["exit"] >= ranked["skills"]).all()
    assert weights(told(method="pairs", **both)).keys() == ranked.keys(), "nothing was compared: the starting points"


def test_what_was_said_reaches_the_decision_and_the_file() -> None:
    answers = told(method="ranges", ranges={"skills": {"low": 20, "high": 30}})
    decision = decide(answers, KNOWLEDGE, samples=500)
    row = next(row for row in decision.criteria if row.criterion.id == "skills")
    assert 0.2 <= row.weight <= 0.3
    assert row.because == ("because you gave it 20 to 30 % of the decision",)
    assert parse(dump(answers)) == answers


@pytest.mark.parametrize(
    ("priorities", "path", "said"),
    [
        ("{ranges: {luck: {low: 1, high: 2}}}", "priorities.ranges.luck", "allowed: training_speed"),
        ("{ranges: {skills: {low: 3, high: 2}}}", "priorities.ranges.skills", "low 3 is above high 2"),
        ("{ranges: {skills: {low: 60, high: 70}, exit: {low: 50, high: 60}}}", "priorities.ranges", "sum to 110 %"),
        (
            "{ranges: {deployment: {low: 1, high: 2}, deployment.ios: {low: 1, high: 2}}}",
            "priorities.ranges.deployment.ios", "is named too",
        ),
        ("{pairs: [{first: skills, second: skills, ratio: 2}]}", "priorities.pairs[0]", "with itself"),
        ("{pairs: [{first: skills, second: luck, ratio: 2}]}", "priorities.pairs[0].second", "'luck'"),
        ("{pairs: [{first: skills, second: exit, ratio: 12}]}", "priorities.pairs[0].ratio", "from 1/9 to 9"),
        (
            "{pairs: [{first: skills, second: exit, ratio: 2}, {first: exit, second: skills, ratio: 2}]}",
            "priorities.pairs[1]", "compared twice",
        ),
        (
            "{pairs: [{first: skills, second: exit, ratio: 2}, {first: skills, second: hiring, ratio: 2}]}",
            "priorities.pairs", "exit and hiring are not compared",
        ),
        ("{method: dice}", "priorities.method", "swings, ranking, ranges, pairs"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_one_clear_error(priorities: str, path: str, said: str) -> None:
    with pytest.raises(AnswersError) as caught:
        parse(f"schema: 1\npriorities: {priorities}")
    assert caught.value.path == path
    assert said in str(caught.value)
