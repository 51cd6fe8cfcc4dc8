"""What a team's own data may be, and how they are refused."""

from __future__ import annotations

from typing import Final

#: Samples: a batch of training at the least; beyond the most, a pass tells nothing more.
FEWEST: Final = 64
MOST: Final = 1_000_000
MOST_IMAGES: Final = 20_000
#: Bytes of a CSV file, of an archive's arrays, of all images of a folder.
MOST_BYTES: Final = 2**30
MOST_COLUMNS: Final = 10_000
MOST_PIXELS: Final = 40_000_000  # of one image
MOST_CLASSES: Final = 10_000
#: What one pass reads at the most, so that a pass takes a second or two: samples by kind, and how much of them.
PASS_ROWS: Final = 20_480
PASS_IMAGES: Final = 512
PASS_CSV_BYTES: Final = 2**22
PASS_ARRAY_BYTES: Final = 2**26
PASS_PIXELS: Final = 2**29


class TeamDataError(ValueError):
    """Data that can't be measured with. The text names the field, what is wrong with it, and what is allowed."""

    def __init__(self, what: str, allowed: str, field: str = "data") -> None:
        super().__init__(f"{field}: {what}; allowed: {allowed}")


def pass_count(count: int, most: int, size: float, budget: float) -> int:
    """How many of ``count`` samples one pass reads that are of ``size`` each: ``FEWEST`` at the least."""
    return min(count, most, max(FEWEST, int(budget // max(size, 1.0))))


def look_at_count(name: str, count: int, most: int | None = None) -> None:
    """Raises TeamDataError for too few or too many samples."""
    most = MOST if most is None else most
    if not FEWEST <= count <= most:
        raise TeamDataError(f"{name} has {count:,} samples", f"{FEWEST:,} to {most:,}")


def class_number(name: str, low: int, high: int) -> int:
    """How many classes whole-numbered labels tell apart. Raises TeamDataError for labels that number no classes."""
    if low < 0 or high >= MOST_CLASSES:
        raise TeamDataError(f"labels of {name} go from {low:,} to {high:,}", f"0 to {MOST_CLASSES - 1:,}", "label")
    return high + 1
