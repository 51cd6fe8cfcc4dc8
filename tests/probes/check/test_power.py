"""How identical sides scatter, and what can be told apart in which time. By simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.check import power, spreads
from probes.check.schema import Spread
from probes.engine.judging import statistics
from probes.engine.planning.plan import looks_after
from probes.engine.planning.significance import ALPHA, STATED_FREEDOM, share
from tests import samples

SPREAD = Spread(
    "mlp.inference_b1",
    "pytorch",
    within=0.025,
    between=0.01,
    instances=100,
    pairs=20,
    instance_seconds=1,
    pair_seconds=6,
)


def test_what_can_be_told_in_which_time() -> None:
    five, three = power.seconds_to_tell(SPREAD, 0.05), power.seconds_to_tell(SPREAD, 0.03)
    assert five is not None
    assert three is not None
    assert five.seconds < three.seconds
    assert five.seconds == five.pairs * (6 + five.instances)
    assert power.seconds_to_tell(replace(SPREAD, within=3.0), 0.01) is None
    told = power.resolution(SPREAD)
    seconds = [tell.seconds for tell in told.tells]
    assert five in told.tells
    assert seconds == sorted(seconds, reverse=True), "the larger the effect, the sooner it is told"


def test_the_promised_power_is_there() -> None:
    """Simulated: a 5 % slow-down measured as ``seconds_to_tell`` says is found (400 runs, standard error 1 %)."""
    tell = power.seconds_to_tell(SPREAD, 0.05)
    assert tell is not None
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(400):
        logs = math.log(1.05) + rng.normal(0, SPREAD.between, (tell.pairs, 1))
        logs = logs + rng.normal(0, SPREAD.within, (tell.pairs, tell.instances))
        estimate = statistics.nested(logs.tolist(), SPREAD.between, STATED_FREEDOM, satterthwaite=True)
        found += replace(estimate, alpha=ALPHA * share(1) / len(looks_after(tell.pairs))).low > 0
    assert found / 400 >= 0.92


@given(st.floats(0.001, 0.3), st.floats(0.0, 0.05))
@settings(max_examples=30, deadline=None)
def test_spreads_are_found_again(within: float, between: float) -> None:
    rng = np.random.default_rng(1)
    trials = []
    for _ in range(60):
        logs = rng.normal(0, between, (3, 1)) + rng.normal(0, within, (3, 5))
        trials.append(samples.trial(tuple(map(tuple, logs.tolist()))))
    found = spreads.spread_of(trials, 5.0, 180)
    assert found.within == pytest.approx(within, rel=0.15)
    assert found.between == pytest.approx(between, abs=0.25 * between + 0.25 * within + 1e-5)


def test_no_trials_no_spread() -> None:
    with pytest.raises(ValueError, match="no trials"):
        spreads.spread_of([], 1.0, 1)
