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
    factors = (ratio.estimate, ratio.low, ratio.high)
    return factors if result.better == "lower" else turned_over(factors)


def turned_over(factors: tuple[float, float, float]) -> tuple[float, float, float]:
    """(estimate, low, high) of how many times better the other one is."""
    estimate, low, high = factors
    return 1 / estimate, 1 / high, 1 / low


def times(factor: float) -> str:
    """How many times, never below 1: ``0.5`` → ``2.00×``."""
    return f"{number(max(factor, 1 / factor))}×"
