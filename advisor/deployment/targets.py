"""What the page «Routes» shows: for each target both sides' best way, with what was seen of it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from advisor.answers import Answers, Target, TargetId
from advisor.decision.evidence import route_runs
from advisor.decision.evidence.routes import choose, known
from advisor.knowledge import Knowledge
from advisor.model.routes import RouteChoice
from probes.deploy.schema import RouteRecord, RoutesRun
from probes.deploy.summary import RouteFigures, figures
from probes.schema import FRAMEWORKS, Framework, Outcome


@dataclass(frozen=True, slots=True)
class TriedRoute:
    """A record with its figures, computed once."""

    record: RouteRecord
    figures: RouteFigures | None


@dataclass(frozen=True, slots=True)
class BestWay:
    """One framework's best way to a target; ``seen`` is what was tried for it, if anything was."""

    choice: RouteChoice
    seen: TriedRoute | None


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target with both sides. ``asked`` is what the answers say of it, None if they don't name it."""

    target: TargetId
    title: str
    asked: Target | None
    sides: Mapping[Framework, BestWay]


def read(run: RoutesRun | None, network: str) -> tuple[TriedRoute, ...]:
    """The records of a network with their figures, in the run's order."""
    if run is None:
        return ()
    return tuple(TriedRoute(record, figures(record, run)) for record in run.records if record.model == network)


def lines(answers: Answers, knowledge: Knowledge, seen: tuple[TriedRoute, ...], network: str) -> tuple[TargetRow, ...]:
    """The targets of the answers in their order of importance; without any, all that something here can be tried for.

    ``knowledge`` has taken over what was tried; ``network`` is the one that is looked at.
    """
    by_way = {tried.record.way.id: tried for tried in seen}

    def best(target: TargetId, side: Framework) -> BestWay:
        want = replace(route_runs.wanted(target, answers, knowledge), network=network)
        choice = choose(known(target, side, answers, knowledge), want)
        works = choice.tried is not None and choice.tried.state in ("works", "exported")
        return BestWay(choice, by_way.get(choice.tried.way) if choice.tried and works else None)

    asked = sorted(answers.targets, key=lambda target: -target.importance)
    names = [target.id for target in asked] or [target for target in knowledge.routes if triable(target, knowledge)]
    return tuple(
        TargetRow(
            name,
            knowledge.target_titles[name],
            next((target for target in asked if target.id == name), None),
            {side: best(name, side) for side in FRAMEWORKS},
        )
        for name in names
    )


def triable(target: TargetId, knowledge: Knowledge) -> bool:
    """Whether something here computes as a way to this target does."""
    return any(route.tried_by for rows in knowledge.routes[target].values() for route in rows)


def garbled(seen: TriedRoute) -> bool:
    """It ran, and what it answered was not what went in."""
    return seen.record.outcome is Outcome.NOT_COMPARABLE
