"""From records to the figures that are shown. Pure functions: whoever has the record can recompute every number."""

from __future__ import annotations

import base64
import math
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from probes.serving.schema import Issued, Latencies, LoadTrial, ServingRecord

PERCENTILE = 0.99
CONFIDENCE = 0.99
#: A client that takes more than this share of the limit by itself is said to be part of what was measured.
CLIENT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class ServingFigures:
    """What is shown of one server. None: not seen. Times in seconds, rates a second."""

    start_s: float | None = None
    single_p50: float | None = None
    single_p99: float | None = None
    max_rate: float | None = None  # the largest rate tried that kept the limit; 0.0: none did
    max_rate_p99: float | None = None
    failed_rate: float | None = None  # the smallest rate above it that broke the limit; None: none did
    certain: bool = False  # the queries at that rate were enough for LoadGen's early stopping
    offline: float | None = None  # inputs a second
    client_p99: float | None = None  # of the same client against a server that does nothing
    client_bound: bool = False


def pack(seconds: Iterable[float]) -> Latencies:
    """Latencies in seconds as they are kept: to the microsecond, in ascending order."""
    ordered = sorted(round(value * 1e6) for value in seconds)
    steps = array("I", [b - a for a, b in pairwise([0, *ordered])])
    if sys.byteorder == "big":
        steps.byteswap()
    return Latencies(len(ordered), base64.b64encode(zlib.compress(steps.tobytes(), 9)).decode("ascii"))


def unpack(latencies: Latencies) -> list[float]:
    """Latencies in seconds, ascending. Raises ValueError if the text doesn't hold so many."""
    steps = array("I")
    unpacking = zlib.decompressobj()
    try:
        # One more than announced: what holds more is refused below, however much it is.
        most = steps.itemsize * (max(0, latencies.count) + 1)
        steps.frombytes(unpacking.decompress(base64.b64decode(latencies.base64, validate=True), most))
    except (zlib.error, OverflowError) as error:
        raise ValueError(f"the latencies can't be read: {error}") from error
    if sys.byteorder == "big":
        steps.byteswap()
    if len(steps) != latencies.count:
        raise ValueError(f"{latencies.count} latencies are announced, {len(steps)} are there")
    return [value / 1e6 for value in accumulate(steps)]


def percentile(ascending: Sequence[float], share: float) -> float:
    """As LoadGen takes it: the value at place ⌊n · share⌋, counted from 0. Raises ValueError for no values."""
    return ascending[_place(len(ascending), share)]


def _place(number: int, share: float) -> int:
    """Of the percentile among so many values. Raises ValueError for none."""
    if number <= 0:
        raise ValueError("no latencies")
    return min(number - 1, int(number * share))


def enough(over: int = 0) -> int:
    """Queries that must be issued, if ``over`` of them break the limit, for the 99th percentile to keep it surely.

    LoadGen's early stopping: the smallest n for which P(Binomial(n, 1 %) ≤ over) ≤ 1 %. 459 for none, 662 for one.
    """
    low, high = over + 1, 1024 * (over + 1)
    while low < high:
        middle = (low + high) // 2
        if _at_most(over, middle) <= 1 - CONFIDENCE:
            high = middle
        else:
            low = middle + 1
    return low


def p99(issued: Issued) -> float:
    """Seconds. A query without an answer, or never sent, counts as later than any other."""
    latencies = unpack(issued.latencies)
    place = _place(len(latencies) + issued.errors + issued.unsent, PERCENTILE)
    return latencies[place] if place < len(latencies) else math.inf


def over_limit(issued: Issued, limit_s: float) -> int:
    """Queries later than the limit, unanswered ones included."""
    return sum(value > limit_s for value in unpack(issued.latencies)) + issued.errors + issued.unsent


def kept(trial: LoadTrial, limit_s: float) -> bool:
    """Whether the 99th percentile, as observed, kept the limit."""
    return trial.issued.latencies.count > 0 and p99(trial.issued) <= limit_s


def disturbed(trial: LoadTrial, limit_s: float) -> bool:
    """Whether it broke the limit while the client itself sent late: then it says nothing of the server."""
    return not kept(trial, limit_s) and trial.issued.late_s > CLIENT_SHARE * limit_s


def certain(trial: LoadTrial, limit_s: float) -> bool:
    """Whether it kept the limit in so many queries that LoadGen's early stopping is satisfied."""
    issued = trial.issued
    total = issued.latencies.count + issued.errors + issued.unsent
    return kept(trial, limit_s) and total >= enough(over_limit(issued, limit_s))


def bracket(trials: Sequence[LoadTrial], limit_s: float) -> tuple[LoadTrial | None, LoadTrial | None]:
    """The fastest trial that kept the limit below every one that broke it, and the slowest that broke it.

    Disturbed trials don't count.
    """
    trials = [trial for trial in trials if not disturbed(trial, limit_s)]
    broke = min((trial for trial in trials if not kept(trial, limit_s)), key=lambda trial: trial.rate, default=None)
    below = [trial for trial in trials if kept(trial, limit_s) and (broke is None or trial.rate < broke.rate)]
    return max(below, key=lambda trial: trial.rate, default=None), broke


def figures(record: ServingRecord, limit_ms: float) -> ServingFigures:
    """All that is shown. Raises ValueError for latencies that can't be read."""
    limit_s = limit_ms / 1e3
    single = unpack(record.single_stream.latencies) if record.single_stream else []
    best, broke = bracket(record.trials, limit_s)
    client_p99 = p99(record.client.issued) if record.client else None
    return ServingFigures(
        start_s=record.start_s,
        single_p50=percentile(single, 0.5) if single else None,
        single_p99=percentile(single, PERCENTILE) if single else None,
        max_rate=best.rate if best else (0.0 if record.trials else None),
        max_rate_p99=p99(best.issued) if best else None,
        failed_rate=broke.rate if broke else None,
        certain=certain(best, limit_s) if best else False,
        offline=_per_second(record.offline),
        client_p99=client_p99,
        client_bound=client_p99 is not None and client_p99 > CLIENT_SHARE * limit_s,
    )


@dataclass(frozen=True, slots=True)
class TraceFigures:
    """Of one way in which requests arrive, in seconds; infinite where so many had no answer."""

    p50: float
    p90: float
    p99: float
    within: float  # share of all requests that were answered within the limit


def of_trace(issued: Issued, limit_s: float) -> TraceFigures:
    """A request without an answer counts as later than any other. Raises ValueError for no requests."""
    missing = issued.errors + issued.unsent
    latencies = [*unpack(issued.latencies), *[math.inf] * missing]
    return TraceFigures(
        p50=percentile(latencies, 0.5),
        p90=percentile(latencies, 0.9),
        p99=percentile(latencies, PERCENTILE),
        within=sum(value <= limit_s for value in latencies) / len(latencies),
    )


def _per_second(issued: Issued | None) -> float | None:
    return issued.samples / issued.seconds if issued and issued.samples and not issued.errors else None


def _at_most(over: int, n: int) -> float:
    """P(Binomial(n, 1 %) ≤ over)."""
    q = 1 - PERCENTILE
    logs = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(q) + (n - k) * math.log1p(-q)
        for k in range(min(over, n) + 1)
    ]
    return math.fsum(math.exp(value) for value in logs)
