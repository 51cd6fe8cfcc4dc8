"""How sure a verdict must be, and what a stated spread is worth: fixed before any clock starts (docs/adr/0025)."""

from __future__ import annotations

import math
from typing import Final

#: The rules that runs are judged by from now on. Records of before keep theirs: 1, what ADR 2, 7, 10 and 16 say.
ENGINE: Final = 2
#: Error that verdicts on one probe may have, over all looks of all runs that are pooled.
ALPHA: Final = 0.05
#: Degrees of freedom that a stated spread counts for: it is soon outweighed by what is seen. Two values by themselves
#: have one, and an interval that reaches nine times their spread.
STATED_FREEDOM: Final = 1


def share(number: int) -> float:
    """Share of ``ALPHA`` that the ``number``-th of the runs that are pooled may spend, from 1 on: 0.61, 0.15, 0.07 …

    Shares of any number of runs add up to less than 1, so that whoever measures until something is decided is no
    more often wrong than whoever measures once: 1/k² over its sum, π²/6.
    """
    return 6 / (math.pi * number) ** 2
