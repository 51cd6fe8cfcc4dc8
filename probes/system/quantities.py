"""Numbers with their units, as people write them."""

from __future__ import annotations


def percent(share: float, digits: int = 0) -> str:
    """``0.625`` → ``62 %``, with so many digits after the point."""
    return f"{share * 100:.{digits}f} %"
