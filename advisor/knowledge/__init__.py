"""What the product knows: facts, claims, routes, criteria and requirements of ``data/``, loaded and validated once.

Facts age, so knowledge is knowledge of a day. Whoever loads it says which; without a day it is that on which the facts
were written down, so that the same call gives the same knowledge for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import field_validator, model_validator

from advisor.answers import TARGET_IDS, TargetId
from advisor.knowledge.ageing import TEAM, HalfLife, HalfLives, age, half_life
from advisor.knowledge.criteria import Cause, Criteria, CriterionSpec
from advisor.knowledge.hints import Hint, Hints
from advisor.knowledge.options import Options, OptionSpec
from advisor.knowledge.requirements import Requirement, Requirements
from advisor.knowledge.scanned_code import ScannedCode
from advisor.model.facts import AsOf, Claim, Fact, WrittenFact
from advisor.model.routes import Route, WrittenRoute
from advisor.wording.moments import day_of, first_day, last_day
from probes.schema import FRAMEWORKS, Framework
from probes.system.data_files import DATA, DataError, DataFile, Once, Text, parsed

__all__ = ["FILES", "DataError", "Gap", "Knowledge", "load", "understand"]


@dataclass(frozen=True, slots=True)
class Gap:
    """What was looked for and not found: an unknown, never evidence."""

    topic: str
    question: str
    looked: str


class _Facts(DataFile):
    file: ClassVar[str] = "facts.yaml"
    as_of: AsOf
    facts: Once[WrittenFact]
    not_found: tuple[Gap, ...]

    @model_validator(mode="after")
    def _seen_by_then(self) -> _Facts:
        """A day that was mistyped would keep a fact fresh for years."""
        for fact in self.facts:
            if first_day(fact.as_of) > last_day(self.as_of):
                raise ValueError(f"facts.{fact.id}.as_of: {fact.as_of!r}; allowed: up to the file's, {self.as_of!r}")
            if fact.since and first_day(fact.since) > last_day(fact.as_of):
                raise ValueError(f"facts.{fact.id}.since: {fact.since!r}; allowed: up to its as_of, {fact.as_of!r}")
        return self


class _Claims(DataFile):
    file: ClassVar[str] = "claims.yaml"
    as_of: AsOf
    claims: Once[Claim]


@dataclass(frozen=True, slots=True)
class _Target:
    title: Text
    place: Text
    topic: Text
    pytorch: Once[WrittenRoute]
    tensorflow: Once[WrittenRoute]


class _Routes(DataFile):
    file: ClassVar[str] = "routes.yaml"
    as_of: AsOf
    targets: Mapping[TargetId, _Target]

    @field_validator("targets")
    @classmethod
    def _all(cls, targets: Mapping[TargetId, _Target]) -> Mapping[TargetId, _Target]:
        if missing := set(TARGET_IDS) - set(targets):
            raise ValueError(f"no routes for the target {sorted(missing)[0]!r}")
        return targets


Aged = TypeVar("Aged", Fact, Route)
FILES = tuple(kind.file for kind in (_Facts, _Routes, Criteria, _Claims, Requirements, Hints, Options, HalfLives))
Routes = Mapping[TargetId, Mapping[Framework, tuple[Route, ...]]]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything in ``data/``, checked. Frozen and shared."""

    as_of: str
    facts: Mapping[str, Fact]
    not_found: tuple[Gap, ...]
    claims: tuple[Claim, ...]
    routes: Routes
    target_titles: Mapping[TargetId, str]  # to choose from: «Server, batch»
    target_places: Mapping[TargetId, str]  # behind «a way to»: «batch jobs on a server»
    criteria: tuple[CriterionSpec, ...]
    causes: tuple[Cause, ...]  # what several criteria have in common
    requirements: tuple[Requirement, ...]
    hints: tuple[Hint, ...]
    options: tuple[OptionSpec, ...]
    networks: Mapping[str, str]  # which model stands for which domain; ``else`` for all others
    transfer: Mapping[str, float]  # how far a ratio may move between this machine and the one that counts, 95 %
    half_lives: tuple[HalfLife, ...]
    today: date  # the day on which the facts are as old as they say
    scanned: ScannedCode | None = None  # of one team, where its code was scanned

    def on(self, day: date) -> Knowledge:
        """The same knowledge on another day. Raises DataError for a topic without a half-life.

        What is written says when it was last seen to be so. Before that day it was known to be so from the day on since
        when it is so (``since``), a route without it from the month of its release; a fact without it was not known.
        """
        written = day_of(self.as_of)

        def aged(entry: Aged) -> Aged:
            since = entry.since or (entry.month if isinstance(entry, Route) else entry.as_of)
            known = day >= min(first_day(since), written)
            return replace(entry, age=age(entry.as_of, entry.topic, self.half_lives, day), known=known)

        return replace(
            self,
            facts={name: aged(fact) for name, fact in self.facts.items()},
            routes={
                target: {side: tuple(aged(route) for route in routes) for side, routes in sides.items()}
                for target, sides in self.routes.items()
            },
            today=day,
        )


@lru_cache(maxsize=8)  # pages ask for the same day; a server that runs for weeks sees many
def load(folder: Path = DATA, *, on: date | None = None) -> Knowledge:
    """The knowledge in ``folder`` on a day, that of its facts if left out. Read once.

    Raises DataError naming file, path and value.
    """
    written = _read(folder)
    return written if on is None else written.on(on)


@cache
def _read(folder: Path) -> Knowledge:
    return understand({name: parsed(folder, name) for name in FILES})


def understand(files: Mapping[str, object]) -> Knowledge:
    """The knowledge in parsed ``files``, by name, all of FILES. Raises DataError naming file, path and value."""
    written = _Facts.understood(files[_Facts.file])
    facts = {fact.id: Fact(**vars(fact)) for fact in written.facts}
    routes = _Routes.understood(files[_Routes.file], facts)
    criteria = Criteria.understood(files[Criteria.file], facts)
    half_lives = HalfLives.understood(files[HalfLives.file]).half_lives
    half_life(TEAM, half_lives)
    options = Options.understood(files[Options.file], facts)
    knowledge = Knowledge(
        as_of=written.as_of,
        facts=facts,
        not_found=written.not_found,
        claims=_Claims.understood(files[_Claims.file], facts).claims,
        routes={target: _sides(target, entry, routes.as_of) for target, entry in routes.targets.items()},
        target_titles={target: entry.title for target, entry in routes.targets.items()},
        target_places={target: entry.place for target, entry in routes.targets.items()},
        criteria=criteria.criteria,
        causes=criteria.causes,
        requirements=Requirements.understood(files[Requirements.file], facts).requirements,
        hints=Hints.understood(files[Hints.file], facts).hints,
        options=options.options,
        networks=criteria.networks,
        transfer=criteria.transfer,
        half_lives=half_lives,
        today=day_of(written.as_of),
    )
    _counted_once(knowledge)
    options.check(criterion_ids(knowledge))
    return knowledge.on(knowledge.today)


def _sides(target: TargetId, entry: _Target, as_of: str) -> Mapping[Framework, tuple[Route, ...]]:
    return {
        side: tuple(
            Route(**vars(route), target=target, framework=side, topic=entry.topic, as_of=as_of)
            for route in getattr(entry, side)
        )
        for side in FRAMEWORKS
    }


def _counted_once(knowledge: Knowledge) -> None:
    owners = {fact: spec.id for spec in knowledge.criteria for fact in spec.facts}
    for route in (route for sides in knowledge.routes.values() for routes in sides.values() for route in routes):
        if fact := next((fact for fact in route.facts if fact in owners), None):
            where = f"routes.yaml: {route.target}.{route.framework}.{route.tool}.facts"
            raise DataError(f"{where}: {fact!r} counts in {owners[fact]!r} already; name it under background")


def criterion_ids(knowledge: Knowledge) -> tuple[str, ...]:
    """Every id that priorities and options may name: the criteria, and ``deployment.TARGET`` for one target alone."""
    return (*(spec.id for spec in knowledge.criteria), *(f"deployment.{target}" for target in TARGET_IDS))


def cited(knowledge: Knowledge, ids: Iterable[str]) -> tuple[Fact, ...]:
    """The facts of those ids, in that order."""
    return tuple(knowledge.facts[fact_id] for fact_id in ids)
