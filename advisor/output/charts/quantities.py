"""Ratios as people write them; numbers with their units are ``advisor.wording.quantities``'."""

from __future__ import annotations

from advisor.wording.quantities import number, quantity, scale
from probes.schema import ProbeResult

__all__ = ["advantage", "number", "quantity", "scale", "times"]


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
