"""Numbers and names as people say them."""

from __future__ import annotations

from advisor.wording.quantities import percent
from probes.schema import Framework


def leading(probability: float) -> Framework:
    """Who is ahead where PyTorch is with this ``probability``: at even odds PyTorch."""
    return "pytorch" if probability >= 0.5 else "tensorflow"


def other(side: Framework) -> Framework:
    return "tensorflow" if side == "pytorch" else "pytorch"


def share(of_all: float, more: int = 0) -> str:
    """0.634 -> «63 %», 0.004 -> «0.4 %», with so many more digits."""
    return percent(of_all, more + (0 if of_all >= 0.0095 or of_all == 0 else 1))


def points(value: float) -> str:
    """A difference of total values in points of 100."""
    return f"{abs(value) * 100:.1f} points of 100"
