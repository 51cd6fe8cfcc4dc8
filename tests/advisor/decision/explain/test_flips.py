"""What would turn the answer, in words."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.decision.explain.flips import REACH, flips
from advisor.decision.sampling import weigh
from advisor.decision.scoring.draws import Stream
from advisor.knowledge import load
from advisor.questionnaire import examples

ASSESSED = weigh(examples()[0].answers, load(), None, Stream(0, 100)).rows
ROWS = tuple(replace(row, status="fact") for row in ASSESSED)
INSTEAD = re.compile(r"(more|less) than (\S+) % of the decision instead of (\S+) %")


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1), st.floats(-1e-3, 1e-3))
def test_the_weight_that_turns_it_reads_differently_from_the_present_one(seed: int, lead: float) -> None:
    """The smaller the ``lead`` of one side, the nearer the weights that turn it are to those of now."""
    draws = np.random.default_rng(seed)
    weights = draws.dirichlet(np.ones(len(ROWS)))
    differences = draws.uniform(-1, 1, len(ROWS))
    differences += lead - weights @ differences
    for flip in flips(ROWS, weights, differences):
        if flip.flips_at is not None and abs(flip.flips_at - flip.weight) > 1e-9:
            said = INSTEAD.search(flip.sentence)
            assert said is not None
            assert (said[1] == "more") == (float(said[2]) > float(said[3]))
            assert said[2] != said[3]


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_flips_are_within_reach_and_the_nearest_by_factor_comes_first(seed: int) -> None:
    draws = np.random.default_rng(seed)
    weights = draws.dirichlet(np.full(len(ROWS), 0.5))
    found = flips(ROWS, weights, draws.uniform(-1, 1, len(ROWS)))
    able = [flip for flip in found if flip.flips_at is not None]
    assert found[: len(able)] == tuple(able), "those that nothing near turns come last"
    factors = [max(flip.flips_at / flip.weight, flip.weight / flip.flips_at) for flip in able if flip.flips_at]
    assert factors == sorted(factors)
    assert all(factor <= REACH * (1 + 1e-9) for factor in factors)


def test_a_weight_that_would_have_to_be_nine_times_as_large_is_no_flip() -> None:
    """w·d + (1 − w)·D = 0 at w* = D / (D − d): with D = 0.09 and d = −0.91 at 9 %."""
    others = 0.09
    for weight, able in ((0.01, False), (0.02, True)):
        weights = np.full(len(ROWS), (1 - weight) / (len(ROWS) - 1))
        weights[0] = weight
        differences = np.full(len(ROWS), others)
        differences[0] = -0.91
        flip = next(found for found in flips(ROWS, weights, differences) if found.criterion == ROWS[0].id)
        assert (flip.flips_at is not None) == able
        assert ("near yours" in flip.sentence) != able
        if able:
            assert abs(flip.flips_at - 0.09) < 1e-9


def test_what_is_not_known_turns_nothing_by_its_weight() -> None:
    found = flips(ASSESSED, np.full(len(ASSESSED), 1 / len(ASSESSED)), np.linspace(-1, 1, len(ASSESSED)))
    unknown = {row.id for row in ASSESSED if row.status == "unknown"}
    assert unknown
    assert not unknown & {flip.criterion for flip in found if flip.flips_at is not None}
