"""Pages whose decisions rest on fewer draws: what a page shows of a decision doesn't depend on how sharp it is."""

from __future__ import annotations

import pytest

from advisor.decision.decide import decide

#: A tenth of a team's, in a fifth of the time.
DRAWS = 2_000


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever nobody says how many, the test's own decisions included."""
    kept = decide.__kwdefaults__
    assert kept["samples"] > DRAWS
    monkeypatch.setitem(kept, "samples", DRAWS)
