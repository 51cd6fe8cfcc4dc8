"""What would turn the answer, in words."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.decision.explain.flips import flips
from advisor.decision.sampling import weigh
from advisor.decision.scoring.draws import Stream
from advisor.knowledge import load
from advisor.questionnaire import examples

ROWS = weigh(examples()[0].answers, load(), None, Stream(0, 100)).rows
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
