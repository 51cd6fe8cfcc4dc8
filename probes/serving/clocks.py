"""The clocks of one server: one query at a time, then rate after rate, then all at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from probes.serving import figures
from probes.serving.loadgen import Scenario
from probes.serving.schema import Issued, Latencies, LoadTrial, TraceReplay
from probes.serving.search import RateSearch

MOST_SECONDS = 600.0  # for the clocks of each server
SINGLE_SHARE, SEARCH_SHARE, OFFLINE_SHARE = 0.12, 0.62, 0.12  # of a server's seconds; the rest is the client's check
#: Of what the search has otherwise, where a team's own requests are replayed: for these, and as much for drawn ones.
TRACE_SHARE = 0.22
MOST_QUERIES = 10_000  # in a trial
FEWEST_QUERIES = 20
_WANTED = figures.enough(1)  # one late query must not make a trial uncertain
_SINGLE_QUERIES = 64  # what LoadGen asks for at the least
_READING = 60.0  # seconds that reading a trace and writing its questions may take
_SLACK = 30.0  # seconds beyond its own that a test may take until somebody looks whether it hangs


class Ask(Protocol):
    """One test by LoadGen in the client's process."""

    def __call__(self, do: str, *, timeout: float, **arguments: Any) -> Mapping[str, Any]: ...


def single_stream(ask: Ask, seconds: float, seed: int, scenario: Scenario = "SingleStream") -> Issued:
    """One query at a time."""
    return _test(ask, scenario, seconds, queries=_SINGLE_QUERIES, limit=0.01, seed=seed, most=MOST_QUERIES)


def search(
    ask: Ask, single: Issued, *, seconds: float, limit_s: float, seed: int, tell: Callable[[str], None],
    settle: Callable[[], None],
) -> Iterator[LoadTrial]:  # fmt: skip
    """Trials until the bracket is narrow or ``seconds`` are over. ``settle`` waits until nothing is queued any more."""
    latencies = figures.unpack(single.latencies)
    rates = RateSearch(0.5 / (sum(latencies) / len(latencies)))
    end = time.monotonic() + seconds
    while (rate := rates.next()) is not None and (left := end - time.monotonic()) > 1.0:
        queries = planned(rate, left, rates.left())
        tell(f"{rate:,.3g} queries/s")
        issued = _test(ask, "Server", queries / rate, rate=rate, queries=queries, limit=limit_s, seed=seed)
        trial = LoadTrial(rate, queries, figures.enough(), issued)
        yield trial
        kept = figures.kept(trial, limit_s)
        if not kept:
            settle()
        if not figures.disturbed(trial, limit_s):
            rates.tell(rate, kept=kept)  # otherwise the same rate comes again


def planned(rate: float, left: float, trials: int) -> int:
    """Queries for a trial: its share of the seconds left, or as many more as a 99th percentile needs.

    Those may take a share of two trials, so that a slow server is not judged by one rate alone; where that is too short
    for them, the record says so (``figures.certain``).
    """
    share = max(1.0, left / max(1, trials))
    wanted = max(share, min(_WANTED / rate, 2 * share))
    return max(FEWEST_QUERIES, min(MOST_QUERIES, math.ceil(rate * min(wanted, left))))


def offline(ask: Ask, seconds: float, expected: float, seed: int) -> Issued:
    """All inputs at once, in trays. ``expected``: inputs a second; where it was too low for LoadGen, once more."""
    issued = _test(ask, "Offline", seconds / 2, rate=expected, limit=0.1, seed=seed)
    if issued.valid or issued.errors:
        return issued
    measured = issued.samples / issued.seconds
    return _test(ask, "Offline", seconds / 2, rate=measured * 1.5, limit=0.1, seed=seed)


def at_rate(ask: Ask, rate: float, seconds: float, seed: int) -> Issued:
    """One rate, without a search and a limit."""
    queries = planned(rate, seconds, 1)
    return _test(ask, "Server", queries / rate, rate=rate, queries=queries, limit=_SLACK, seed=seed)


def trace_seconds(seconds: float) -> float:
    """How long a team's own requests are replayed, of a server's seconds."""
    return seconds * TRACE_SHARE


def search_seconds(seconds: float, *, traced: bool) -> float:
    """What is left of a server's seconds for the search of a rate."""
    return seconds * (SEARCH_SHARE - (2 * TRACE_SHARE if traced else 0.0))


def replay(
    ask: Ask, path: Path, sha256: str, *, seconds: float, limit_s: float, seed: int, settle: Callable[[], None]
) -> TraceReplay:
    """The beginning of a team's own requests at their own times, then as many drawn from them at Poisson arrivals of
    the same mean rate."""
    told = ask(
        "trace", timeout=seconds + _READING, path=str(path.absolute()), sha256=sha256, seconds=seconds,
        most=MOST_QUERIES,
    )  # fmt: skip
    rate = told["requests"] / told["seconds"]
    both = []
    for poisson in (False, True):
        reply = ask(
            "replay", timeout=2 * seconds + _SLACK, poisson=poisson, rate=rate, limit=limit_s, seed=seed
        )  # fmt: skip
        both.append(_issued(reply["issued"]))
        settle()
    return TraceReplay(told["requests"], told["seconds"], rate, *both)


def _test(
    ask: Ask, scenario: Scenario, seconds: float, *, limit: float, seed: int, rate: float = 0.0, queries: int = 1,
    most: int = 0,
) -> Issued:  # fmt: skip
    reply = ask(
        "test", timeout=2 * seconds + _SLACK, scenario=scenario, seconds=seconds, rate=rate, queries=queries,
        limit=limit, seed=seed, most=most,
    )["issued"]  # fmt: skip
    return _issued(reply)


def _issued(reply: Mapping[str, Any]) -> Issued:
    return Issued(**{**reply, "latencies": Latencies(**reply["latencies"]), "why": tuple(reply["why"])})
