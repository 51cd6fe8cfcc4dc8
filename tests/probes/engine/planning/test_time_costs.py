"""What is reckoned with, counted from what runs."""

from __future__ import annotations

import pytest

from probes.catalog import STEPS_SLOWER
from probes.engine.child.clocked_steps import FEWEST_IN_WINDOW
from probes.engine.planning import plan
from probes.engine.planning.time_costs import SLOWER


def test_a_slower_step_counts_as_often_as_an_instance_runs_it() -> None:
    """Of a step that is a block of its own on both sides."""
    long = plan.BLOCK_SECONDS * 10
    count, steps = plan.superblocks(plan.SHORTEST_TIMING, (long, long))
    assert (count, steps) == (plan.FEWEST_SUPERBLOCKS, (1, 1))
    first, windows = 2, 2 * FEWEST_IN_WINDOW
    timed = count * (2 * steps[0] + 1.5 * plan.discarded(long))
    assert STEPS_SLOWER * SLOWER["eager"] == pytest.approx(first + windows + timed)
