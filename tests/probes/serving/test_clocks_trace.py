"""What a trace takes of a server's seconds, and what is asked of the client for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from probes.serving import clocks, figures
from probes.serving.schema import Issued


def test_it_is_asked_for_once_and_replayed_both_ways(tmp_path: Path) -> None:
    asked: list[tuple[str, Mapping[str, Any]]] = []
    settled = []

    def ask(do: str, *, timeout: float, **arguments: Any) -> Mapping[str, Any]:
        assert timeout > 0
        asked.append((do, arguments))
        if do == "trace":
            return {"requests": 50, "seconds": 4.0}
        issued = Issued("Server" if arguments["poisson"] else "Trace", figures.pack([0.01] * 50), 50, 4.0, True)
        return {"issued": asdict(issued)}

    found = clocks.replay(
        ask, tmp_path / "ours.csv", "ab", seconds=5.0, limit_s=0.1, seed=3, settle=lambda: settled.append(len(asked))
    )
    assert (found.requests, found.seconds, found.rate) == (50, 4.0, 12.5)
    assert (found.replayed.scenario, found.poisson.scenario) == ("Trace", "Server")
    assert [do for do, _ in asked] == ["trace", "replay", "replay"]
    assert asked[0][1]["path"] == str(tmp_path / "ours.csv")
    assert {arguments["rate"] for _, arguments in asked[1:]} == {12.5}
    assert settled == [2, 3], "what one test left in the queue goes before the next"


def test_a_server_gets_no_more_seconds_for_it() -> None:
    with_trace = clocks.search_seconds(100, traced=True) + 2 * clocks.trace_seconds(100)
    assert with_trace == pytest.approx(clocks.search_seconds(100, traced=False))
    assert clocks.search_seconds(100, traced=True) > 10
