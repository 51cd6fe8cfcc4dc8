"""How many times better a framework is, as people write it."""

from __future__ import annotations

from advisor.wording.quantities import number
from probes.results import ProbeResult


def advantage(result: ProbeResult) -> tuple[float, float, float] | None:
    """(estimate, low, high) of how many times better PyTorch is; below 1 TensorFlow is.

    The stored ratio is TensorFlow / PyTorch of the metric, so it is turned over where higher is better.
    """
    ratio = result.ratio
    if ratio is None:
        return None
    if result.better == "lower":
        return ratio.estimate, ratio.low, ratio.high
    return 1 / ratio.estimate, 1 / ratio.high, 1 / ratio.low


def times(factor: float) -> str:
    """How many times, never below 1: ``0.5`` → ``2.00×``."""
    return f"{number(max(factor, 1 / factor))}×"
