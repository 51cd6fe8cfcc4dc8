"""What several tests of runs share."""

from __future__ import annotations

import pytest


@pytest.fixture
def everything_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether frameworks or compilers are installed here is another test's subject."""
    for module in ("probes.engine.running.probe_record", "probes.catalog"):
        monkeypatch.setattr(f"{module}.why_not", lambda *_: "")
