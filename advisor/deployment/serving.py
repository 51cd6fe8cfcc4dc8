"""Servers under load: the figures of a run as the page shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.wording.quantities import number, percent, quantity
from probes.schema import FRAMEWORKS, Framework, Outcome
from probes.serving.figures import ServingFigures, figures, of_trace
from probes.serving.schema import ServingRecord, ServingRun
from probes.system.sentences import sentence, upper_first


@dataclass(frozen=True, slots=True)
class Served:
    """A record with its figures, computed once."""

    record: ServingRecord
    figures: ServingFigures


def read(run: ServingRun | None) -> tuple[Served, ...]:
    """Every server of a run, in its order."""
    if run is None:
        return ()
    return tuple(Served(record, figures(record, run.request.limit_ms)) for record in run.records)


def best(served: Sequence[Served]) -> dict[Framework, Served]:
    """Of each framework the server with the largest rate that kept the limit; none where none did."""
    leading: dict[Framework, Served] = {}
    for side in FRAMEWORKS:
        able = [server for server in served if server.record.server.framework == side and kept(server)]
        if able:
            leading[side] = max(able, key=lambda server: server.figures.max_rate or 0.0)
    return leading


def kept(served: Served) -> bool:
    """Whether it kept the limit at some rate."""
    return served.record.outcome is Outcome.OK and bool(served.figures.max_rate)


def rate(served: Served) -> str:
    """``412 queries/s, p99 61.0 ms``; where the clock stood close, how close."""
    figures = served.figures
    if figures.max_rate is None:
        return ""
    if not figures.max_rate:
        return "no rate that was tried kept the limit"
    later = f", {quantity(figures.max_rate_p99, 's')} at p99" if figures.max_rate_p99 is not None else ""
    return f"{number(figures.max_rate)} queries/s{later}"


def replayed(served: Served, limit_ms: float) -> list[str]:
    """How the team's own requests fared at this server, a sentence each; none where none were replayed."""
    found = served.record.trace
    if found is None:
        return []
    sentences = []
    for when, issued in (("your requests at their own times", found.replayed), ("at random times", found.poisson)):
        shown = of_trace(issued, limit_ms / 1e3)
        late = quantity(shown.p99, "s") if math.isfinite(shown.p99) else "no answer"
        sentences.append(f"{when}: {late} at p99, {percent(shown.within, 1)} within {limit_ms:g} ms")
    return [sentence(upper_first(said)) for said in sentences]


def doubts(served: Served) -> list[str]:
    """What to bear in mind with its rate, each a sentence."""
    figures = served.figures
    sentences = []
    if figures.max_rate and figures.failed_rate is None:
        sentences.append("No rate broke the limit in the time that there was: it may serve more.")
    if figures.max_rate and not figures.certain:
        sentences.append("Too few queries at that rate for LoadGen to be 99 % sure of the 99th percentile.")
    if figures.client_bound:
        sentences.append("The client itself took a good part of the limit, so the server may be faster.")
    return sentences
