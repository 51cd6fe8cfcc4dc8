"""The median of single steps, where a figure is one value of a process."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from probes.contracts import Bench, SingleValue

WARM_UP, FEWEST, MOST = 5, 7, 101
SECONDS = 1.0  # of clocked steps, unless they are fewer than ``FEWEST`` then


def middle_step(bench: Bench, step: Callable[[], object]) -> SingleValue:
    """Seconds of a step that waits for its own end: the median of those that fit into a second, 7 to 101."""
    for _ in range(WARM_UP):
        step()
    times: list[float] = []
    while len(times) < FEWEST or (len(times) < MOST and sum(times) < SECONDS):
        start = bench.clock()
        step()
        times.append(bench.clock() - start)
    return SingleValue(median(times), {})
