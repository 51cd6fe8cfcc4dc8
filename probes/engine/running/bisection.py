"""The largest number that still fits, found with few trials. Pure: a trial is somebody else's business."""

from __future__ import annotations

from collections.abc import Callable

#: Relative width of what is left between a number that fits and one that doesn't.
CLOSE = 0.1


class NothingFitsError(ValueError):
    """Not even the smallest number fits."""


def largest(fits: Callable[[int], bool], *, guess: int, low: int = 1, high: int = 2**16) -> int:
    """The largest number in ``low`` … ``high`` for which ``fits``, to within 10 % below the true one.

    ``fits`` must be true up to some number and false from there on. Starts at ``guess``, doubles or halves until both
    answers were heard, then bisects. Raises NothingFitsError if ``low`` doesn't fit.
    """
    at = max(low, min(high, guess))
    good, bad = low - 1, high + 1
    while True:
        if fits(at):
            good = at
        else:
            bad = at
        if bad <= low:
            raise NothingFitsError(f"not even {low} fits")
        if good >= high or (good >= low and bad <= max(good + 1, good * (1 + CLOSE))):
            return good
        if bad > high:
            at = min(high, 2 * good)
        elif good < low:
            at = max(low, bad // 2)
        else:
            at = (good + bad) // 2
