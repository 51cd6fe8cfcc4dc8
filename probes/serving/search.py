"""The largest rate that keeps a limit: doubled until one breaks it, then halved between the two."""

from __future__ import annotations

import math

CLOSE = 1.1  # a bracket whose ends are so near to each other is narrow enough
SLOWEST, FASTEST = 0.1, 100_000.0  # queries a second


class RateSearch:
    """Pure: it is told what each rate did, and says which to try next.

    A rate that kept the limit above one that broke it is no evidence of anything (the load of others passed by):
    the search never asks for one.
    """

    def __init__(self, start: float) -> None:
        """``start``: queries a second, the first to be tried. Raises ValueError unless it is positive."""
        if not start > 0:
            raise ValueError(f"start: {start!r}; allowed: more than 0")
        self._start = min(FASTEST, max(SLOWEST, start))
        self.kept: float | None = None  # the largest that kept the limit
        self.broke: float | None = None  # the smallest that broke it

    def next(self) -> float | None:
        """The rate to try now; None when the bracket is narrow, or no rate in range would narrow it."""
        if self.kept is None and self.broke is None:
            return self._start
        if self.kept is None:
            assert self.broke is not None  # noqa: S101 - one of them is known here
            return max(SLOWEST, self.broke / 2) if self.broke > SLOWEST else None
        if self.broke is None:
            return min(FASTEST, self.kept * 2) if self.kept < FASTEST else None
        if self.broke / self.kept <= CLOSE:
            return None
        return math.sqrt(self.kept * self.broke)

    def left(self) -> int:
        """Trials that it still takes, about, if nothing surprises."""
        if self.kept is None or self.broke is None:
            return 5
        trials, ratio = 0, self.broke / self.kept
        while ratio > CLOSE:
            trials, ratio = trials + 1, ratio**0.5
        return trials

    def tell(self, rate: float, *, kept: bool) -> None:
        """What the rate did. Raises ValueError for one that lies outside the bracket."""
        if (self.kept is not None and rate <= self.kept) or (self.broke is not None and rate >= self.broke):
            raise ValueError(f"rate: {rate!r} lies outside {self.kept!r} to {self.broke!r}")
        if kept:
            self.kept = rate
        else:
            self.broke = rate
