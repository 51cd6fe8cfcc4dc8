"""How sure a verdict must be: fixed before any clock starts."""

from __future__ import annotations

from typing import Final

#: Error that a run's verdict on one probe may have, over all its looks.
ALPHA: Final = 0.05
#: Degrees of freedom that a stated spread counts for where every process gives one value (ADR 16): few, so
#: that it is soon outweighed. Two values by themselves have one, and an interval that reaches nine times their spread.
STATED_FREEDOM: Final = 2
