"""Numbers with their units, as people write them."""

from __future__ import annotations

import math


def percent(share: float, digits: int = 0) -> str:
    """``0.625`` → ``62 %``, with so many digits after the point."""
    return f"{share * 100:.{digits}f} %"


def counted(number: int, one: str, many: str = "") -> str:
    """``1, "fact is", "facts are"`` → ``1 fact is``; ``3`` → ``3 facts are``. Without ``many``, an s is added."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def lasting(seconds: float) -> str:
    """What something takes about, rounded up: ``60 s``, ``6 minutes``."""
    return f"{5 * math.ceil(seconds / 5)} s" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
