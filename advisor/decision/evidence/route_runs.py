"""What trying ways on this machine says of the ways that are known: it goes before a judgement, for the network tried.

A row of ``data/routes.yaml`` names the files of ``probes/routes`` that compute as it does. What they did is put beside
the row, network by network; who decides asks for the project's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from advisor.answers import Answers, Latency, TargetId
from advisor.decision.evidence.measurements import CONVERTED, Z95, kind_of_machine, network
from advisor.decision.evidence.values import Z90
from advisor.decision.scoring.value_functions import piecewise_linear
from advisor.knowledge import Knowledge
from advisor.model.evidence import Cell, Evidence
from advisor.model.routes import Route, Tried
from advisor.wording.quantities import quantity
from probes.deploy.schema import FORMS, RouteRecord, RoutesRun
from probes.schema import Outcome

if TYPE_CHECKING:
    from probes.deploy.summary import RouteFigures, Span

#: Tried to the end, and no use.
FAILED: Final = frozenset({Outcome.FAILED, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.NOT_COMPARABLE})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the answers the value of a way depends on, once it was tried."""

    network: str = ""  # the model of the catalog that stands for the project
    latency: Latency | None = None  # milliseconds, for this target
    factor: float = 1.0  # how far a time may move between this machine and network and those that count, 95 %


_TERMINAL: Final = re.compile(r"\x1b\[[0-9;]*m")
TriedState = Literal["works", "exported", "fails", "not tried"]
_Figured = Callable[[RouteRecord], "RouteFigures | None"]


def taken_over(knowledge: Knowledge, run: RoutesRun | None) -> Knowledge:
    """The same knowledge, each row with what its ways did in ``run``; unchanged without one."""
    if run is None:
        return knowledge
    from probes.deploy.summary import figures  # late: it needs statistics, and who has no run needs none

    seen: dict[tuple[str, str], RouteFigures | None] = {}

    def figured(record: RouteRecord) -> RouteFigures | None:
        key = (record.model, record.way.id)
        if key not in seen:
            seen[key] = figures(record, run)
        return seen[key]

    models = tuple(dict.fromkeys(record.model for record in run.records))
    return replace(
        knowledge,
        routes={
            target: {
                side: tuple(_beside(route, models, run, figured) for route in rows) for side, rows in sides.items()
            }
            for target, sides in knowledge.routes.items()
        },
    )


def wanted(target: TargetId, answers: Answers, knowledge: Knowledge) -> Wanted:
    """What of the answers the value of a way to ``target`` depends on, once it was tried."""
    latency = next((asked.latency_ms for asked in answers.targets if asked.id == target), None)
    where = "other" if target in CONVERTED else kind_of_machine(answers.hardware.serve, "cpu")
    factor = math.hypot(math.log(knowledge.transfer["level"]), math.log(knowledge.transfer[where]))
    return Wanted(network(answers, knowledge), latency, math.exp(factor))


def of(route: Route, want: Wanted) -> Tried | None:
    """What was seen of the row with the project's kind of network."""
    return route.tried.get(want.network)


def fails(route: Route, want: Wanted) -> bool:
    """Whether it was tried with this kind of network and no form of it works."""
    tried = of(route, want)
    return tried is not None and tried.state == "fails"


def in_time(tried: Tried, want: Wanted) -> Cell | None:
    """What its latency at batch 1 is worth against the team's own target (1) and limit (0); None without either.

    The range allows for what this machine and this network have in common with those that count: little.
    """
    if want.latency is None or tried.state != "works" or tried.latency_s is None:
        return None
    spread = (math.log(tried.high_s or tried.latency_s) - math.log(tried.low_s or tried.latency_s)) / (2 * Z95)
    reach = Z90 * math.hypot(spread, math.log(want.factor) / Z95)
    middle = math.log(1000 * tried.latency_s)
    milliseconds = [math.exp(at) for at in (middle + reach, middle, middle - reach)]
    worth = piecewise_linear(milliseconds, (want.latency.target, want.latency.limit), (1.0, 0.0))
    return Cell(*worth.tolist())


def evidence(tried: Tried, want: Wanted) -> tuple[Evidence, ...]:
    """What was seen, and how it was counted."""
    seen = Evidence("route", tried.way, tried.said, tried.date[:10], machine=tried.machine)
    if in_time(tried, want) is None or want.latency is None:
        return (seen,)
    place = "on this machine" if tried.where == "here" else tried.where
    text = (
        f"Counted against your own target of {want.latency.target:g} ms and limit of {want.latency.limit:g} ms for "
        f"this place. It was measured {place} with the network «{tried.network}»: where it counts it may take "
        f"{want.factor:.1f} times as long or as short, and the range allows for that."
    )
    return (seen, Evidence("judgement", "latency", text))


# ------------------------------------------------------------------------------------------- from records


def _beside(route: Route, models: Sequence[str], run: RoutesRun, figured: _Figured) -> Route:
    tried = {model: seen for model in models if (seen := _seen(route, model, run, figured))}
    return replace(route, tried={**route.tried, **tried}) if tried else route


def _seen(route: Route, model: str, run: RoutesRun, figured: _Figured) -> Tried | None:
    """None if none of the row's ways were in the run."""
    records = [record for record in run.records if record.model == model and record.way.route in route.tried_by]
    if not records:
        return None
    if working := [record for record in records if record.outcome is Outcome.OK]:
        best = min(working, key=lambda record: _rank(record, figured(record)))
        return _works(best, figured(best), run)
    routes = {record.way.route for record in records}
    if all(_route_failed([record for record in records if record.way.route == route]) for route in routes):
        broken = [record for record in records if record.outcome in FAILED]
        reasons = "; ".join(f"{record.way.title}: {plain(record.reason) or record.outcome.value}" for record in broken)
        sentence = f"Tried here with the network «{model}», and it doesn't work. {reasons}"
        return replace(_tried("fails", broken[0], sentence, run), reasons=reasons)
    first = next((record for record in records if record.outcome not in FAILED), records[0])
    sentence = f"Not tried here: {first.way.title}: {plain(first.reason) or first.outcome.value}"
    return _tried("not tried", first, sentence, run)


def _tried(state: TriedState, record: RouteRecord, sentence: str, run: RoutesRun) -> Tried:
    return Tried(state, record.model, record.way.id, record.way.title, sentence, run.machine.name, run.started_at)


def _route_failed(records: Sequence[RouteRecord]) -> bool:
    """Some form failed, and none is left that might still work: one that can't be tried here is no hope."""
    outcomes = {record.outcome for record in records}
    return bool(outcomes & FAILED) and outcomes <= FAILED | {Outcome.UNSUPPORTED}


def _rank(record: RouteRecord, figures: RouteFigures | None) -> tuple[bool, float]:
    """Full precision before forms that round, which cost accuracy: that is the team's to decide. Then the fastest."""
    latency = figures.latency.get(1) if figures else None
    return record.way.form != FORMS[0], latency.middle if latency else math.inf


def _works(record: RouteRecord, figures: RouteFigures | None, run: RoutesRun) -> Tried:
    way, latency = record.way, figures.latency.get(1) if figures else None
    if way.elsewhere or figures is None or latency is None:
        size = f", {quantity(figures.artefact_bytes, 'B')}" if figures else ""
        sentence = (
            f"Exported here with the network «{record.model}»: {way.title}{size}; {way.elsewhere or 'not clocked'}."
        )
        return _tried("exported", record, sentence, run)
    sentence = f"Measured here with the network «{record.model}»: {way.title}, {words(figures)}."
    works = _tried("works", record, sentence, run)
    return replace(works, latency_s=latency.middle, low_s=latency.low, high_s=latency.high)


def plain(reason: str) -> str:
    """A child's last words without what a terminal would have made bold."""
    return _TERMINAL.sub("", reason)


def words(figures: RouteFigures) -> str:
    """The figures that tell one way from another, on one line."""
    batches = (f"{_span(span)} a call at batch {batch}" for batch, span in figures.latency.items())
    rest: Mapping[str, str | None] = {
        "largest deviation {}": None if figures.deviation is None else f"{figures.deviation:.1g}",
        "{} on disk": quantity(figures.artefact_bytes, "B"),
        "cold start {}": None if figures.cold_s is None else quantity(figures.cold_s, "s"),
    }
    return ", ".join([*batches, *(text.format(value) for text, value in rest.items() if value)])


def _span(span: Span) -> str:
    return f"{quantity(span.middle, 's')} ({quantity(span.low, 's')} to {quantity(span.high, 's')})"
