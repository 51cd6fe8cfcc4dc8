"""The best way of each framework to each target, chosen by expected value before the frameworks are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from advisor.answers import Answers, TargetId
from advisor.decision.evidence import route_runs
from advisor.decision.evidence.assessment import Assessment, fact_evidence, with_age
from advisor.decision.evidence.route_runs import Wanted
from advisor.decision.evidence.values import Independent, unknown
from advisor.knowledge import Knowledge, cited
from advisor.knowledge.ageing import freshness, stale
from advisor.knowledge.criteria import CriterionSpec
from advisor.model.evidence import Cell, CellStatus, Criterion, Evidence
from advisor.model.facts import Age, Source
from advisor.model.routes import Route, RouteChoice
from advisor.wording.quantities import quantity
from probes.schema import FRAMEWORKS, TITLES, Framework

#: What a route's maturity is worth, 0 to 1. Anchors: nothing there (0) to what others run in production today (1).
MATURITY: Final[Mapping[str, Cell]] = {
    "production": Cell(0.80, 0.90, 1.00),
    "beta": Cell(0.45, 0.60, 0.75),
    "maintenance": Cell(0.30, 0.45, 0.60),
    "experimental": Cell(0.10, 0.25, 0.40),
    "archived": Cell(0.00, 0.05, 0.10),
    "none": Cell(0.0, 0.0, 0.0),
}
#: A target of this importance has the whole swing of its criterion; importance is in proportion to that.
WHOLE: Final = 4
#: A route that covers only some models or one step is worth this much of its maturity.
PART: Final = 0.5
UNKNOWN_THEN: Final = Age(math.inf, 1.0)
ANY: Final = Wanted()  # nothing is asked beyond a way that exists


def value(route: Route, want: Wanted = ANY) -> Cell:
    """What a route is worth by itself. Depends on nothing but the route: others don't change it.

    What was tried with the project's kind of network goes before what is known: nothing if it doesn't work, and where
    the team gave a target and a limit, its maturity times what its latency is worth.

    What was judged long ago is known less well: both ends move away from the middle by 1/√freshness, as a judgement's.
    That nothing was found doesn't age: a way that has come since is somebody's to add. How mature a way was before it
    is known to have been so is anybody's guess.
    """
    cell = _aged(MATURITY[route.maturity], route.age if route.known else UNKNOWN_THEN)
    tried = route_runs.of(route, want)
    if route.scope == "other framework" or (tried is not None and tried.state == "fails"):
        return MATURITY["none"]
    factor = PART if route.scope == "part" else 1.0
    in_time = (route_runs.in_time(tried, want) if tried is not None else None) or Cell(1.0, 1.0, 1.0)
    return Cell(
        cell.low * factor * in_time.low, cell.likely * factor * in_time.likely, cell.high * factor * in_time.high
    )


def _aged(cell: Cell, age: Age) -> Cell:
    if cell.high == 0:
        return cell
    wider = 1 / math.sqrt(max(freshness(age), 1e-6))
    low, high = cell.likely - (cell.likely - cell.low) * wider, cell.likely + (cell.high - cell.likely) * wider
    return Cell(max(0.0, low), cell.likely, min(1.0, high))


def expected(route: Route, want: Wanted = ANY) -> float:
    cell = value(route, want)
    return (cell.low + cell.likely + cell.high) / 3


def choose(routes: Sequence[Route], want: Wanted = ANY) -> RouteChoice:
    """The route of highest expected value; of those worth the same one that was seen to work, the fastest, and then the
    first named. None when there is none of its own that works: one that is too slow is still a route.
    """
    ranked = sorted(routes, key=lambda route: (-expected(route, want), _seen_to_work(route, want)))
    broken = tuple(seen for route in ranked if route_runs.fails(route, want) and (seen := route_runs.of(route, want)))
    real = [route for route in ranked if route.maturity != "none" and not route_runs.fails(route, want)]
    best = next((route for route in real if expected(route, replace(want, latency=None)) > 0), None)
    if best is None:
        return RouteChoice(None, 0.0, tuple(real), broken=broken)
    others = tuple(route for route in real if route is not best)
    return RouteChoice(best, expected(best, want), others, route_runs.of(best, want), broken)


def _seen_to_work(route: Route, want: Wanted) -> tuple[float, int]:
    """Seconds a call here, infinite for what was not clocked; and in how many ways a row may compute: one that is just
    what was tried goes before one that has it among others."""
    tried = route_runs.of(route, want)
    return (math.inf, 0) if tried is None or tried.latency_s is None else (tried.latency_s, len(route.tried_by))


def known(target: TargetId, side: Framework, answers: Answers, knowledge: Knowledge) -> tuple[Route, ...]:
    """The ways that lead to the team's own hardware; as long as it isn't answered, all of them."""
    family = answers.product.microcontroller
    rows = knowledge.routes[target][side]
    return tuple(row for row in rows if family is None or not row.microcontrollers or family in row.microcontrollers)


def choices(answers: Answers, knowledge: Knowledge) -> dict[TargetId, dict[Framework, RouteChoice]]:
    """The best route to each chosen target."""
    return {
        target.id: {
            side: choose(known(target.id, side, answers, knowledge), route_runs.wanted(target.id, answers, knowledge))
            for side in FRAMEWORKS
        }
        for target in answers.targets
    }


def assess(spec: CriterionSpec, answers: Answers, knowledge: Knowledge) -> list[Assessment]:
    """One row for each chosen target, with its part of the swing; one unknown row where none is chosen."""
    if not answers.targets:
        reason = "Where the model must run is not answered."
        cell = unknown(reason)
        return [
            Assessment(spec.criterion, spec.id, Independent(cell, cell), "unknown", reason, open_questions=("targets",))
        ]
    return [
        to_target(
            _criterion(spec, target.id, knowledge),
            spec.id,
            target.id,
            answers,
            knowledge,
            share=part(target.importance, len(answers.targets)),
        )
        for target in answers.targets
    ]


def part(importance: int, targets: int) -> float:
    """The part of the criterion's swing that one of so many ``targets`` has.

    It depends on no other target's importance: taking from one place what is given to another could turn the answer
    away from the side that has the better way to either. Several places matter more than one, never more than twice.
    """
    return importance / WHOLE * 2 / (targets + 1)


def _criterion(spec: CriterionSpec, target: TargetId, knowledge: Knowledge) -> Criterion:
    place = knowledge.target_places[target]
    return Criterion(
        id=f"{spec.id}.{target}",
        title=f"Way to {place}",
        group=spec.criterion.group,
        question=f"How mature is the best way from each framework to {place}?",
        why=spec.criterion.why,
    )


def to_target(
    criterion: Criterion, family: str, target: TargetId, answers: Answers, knowledge: Knowledge, *, share: float
) -> Assessment:
    """The value of both best routes to ``target``."""
    want = route_runs.wanted(target, answers, knowledge)
    chosen = {side: choose(known(target, side, answers, knowledge), want) for side in FRAMEWORKS}
    cells: dict[Framework, Cell] = {}
    evidence: list[Evidence] = []
    for side in FRAMEWORKS:
        route = chosen[side].route
        cells[side] = MATURITY["none"] if route is None else value(route, want)
        if route is not None:
            evidence.append(route_evidence(route))
        evidence.extend(seen_here(chosen[side], want))
    facts = dict.fromkeys(f for choice in chosen.values() if choice.route for f in choice.route.facts)
    evidence.extend(fact_evidence(fact) for fact in cited(knowledge, tuple(facts)))
    summary = f"{'; '.join(f'{TITLES[side]} {_words(chosen[side])}' for side in FRAMEWORKS)}."
    here = any(choice.broken or (choice.tried and route_runs.in_time(choice.tried, want)) for choice in chosen.values())
    status: CellStatus = "measured" if here else "fact"
    return Assessment(
        criterion, family, Independent(cells["pytorch"], cells["tensorflow"]), status, summary, tuple(evidence),
        share=share, target=target,
    )  # fmt: skip


def seen_here(choice: RouteChoice, want: Wanted) -> tuple[Evidence, ...]:
    """What trying ways here said of the one that was chosen, and of those that fell out."""
    told = (choice.tried, *choice.broken) if choice.tried else choice.broken
    unique = {found.way: found for found in told}
    return tuple(item for found in unique.values() for item in route_runs.evidence(found, want))


def route_evidence(route: Route) -> Evidence:
    source = Source("; ".join(route.sources)) if route.sources else None
    version = f" {route.version}" if route.version and route.version[0].isdigit() else ""
    text = f"{TITLES[route.framework]}: {route.tool}{version}, {route.maturity}: {route.constraints}"
    return Evidence("route", route.tool, with_age(text, route.age), route.month, source, stale=stale(route.age))


def _words(choice: RouteChoice) -> str:
    route = choice.route
    if route is None:
        return "has no way that works here" if choice.broken else "has no way of its own"
    version = f" {route.version}" if route.version and route.version[0].isdigit() else ""
    seconds = choice.tried.latency_s if choice.tried else None
    where = choice.tried.where if choice.tried else ""
    latency = "" if seconds is None else f", {quantity(seconds, 's')} a call {where}"
    return f"gets there with {route.tool}{version} ({route.maturity}, {route.month}{latency})"
