"""How far a round is, and what it is at: told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

TellRound = Callable[[str, "str | None", float], None]  # message, probe, share of the round that is done


class RoundProgress:
    """Counts the seconds that were reckoned with for what is done, out of ``costs`` for the whole round."""

    def __init__(self, tell: TellRound, costs: float) -> None:
        self.probe: str | None = None  # id of the one that is being measured
        self._tell, self._costs, self._done = tell, costs, 0.0

    def spend(self, seconds: float) -> None:
        """What was to take so long is done."""
        self._done += seconds

    def say(self, message: str) -> None:
        """Tell ``message``, the probe, and the share that is done."""
        self._tell(message, self.probe, min(1.0, self._done / self._costs))
