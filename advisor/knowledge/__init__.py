"""What the product knows: facts, claims, routes, criteria and requirements of ``data/``, loaded and validated once.

Facts age, so knowledge is knowledge of a day. Whoever loads it says which; without a day it is that on which the facts
were written down, so that the same call gives the same knowledge for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from advisor.answers import TARGET_IDS, Confidence, Domain, TargetId
from advisor.knowledge import ageing
from advisor.knowledge.criteria import CriterionSpec, criteria
from advisor.knowledge.hints import Hint, hints
from advisor.knowledge.reading import DATA, KnowledgeError, build, checked, known, parsed, unique
from advisor.knowledge.requirements import Requirement, requirements
from advisor.model import Claim, Fact, Route, Source
from probes.schema import FRAMEWORKS, Framework

__all__ = ["FILES", "Gap", "Knowledge", "KnowledgeError", "load", "understand"]

FILES = ("facts.yaml", "routes.yaml", "criteria.yaml", "claims.yaml", "requirements.yaml", "hints.yaml", "ageing.yaml")


def _in_the_calendar(as_of: str) -> str:
    ageing.seen(as_of)
    return as_of


_TRANSFERS = {"same", "unknown", "other", "level", "network"}
_Text = Annotated[str, Field(min_length=1)]
#: ISO date, or as much of it as is known. Text: YAML would make a date of it in one file and a number in the next.
_Date = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_in_the_calendar)]


@dataclass(frozen=True, slots=True)
class Gap:
    """What was looked for and not found: an unknown, never evidence."""

    topic: str
    question: str
    looked: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything in ``data/``, checked. Frozen and shared."""

    as_of: str
    facts: Mapping[str, Fact]
    not_found: tuple[Gap, ...]
    claims: tuple[Claim, ...]
    routes: Mapping[TargetId, Mapping[Framework, tuple[Route, ...]]]
    target_titles: Mapping[TargetId, str]
    criteria: tuple[CriterionSpec, ...]
    requirements: tuple[Requirement, ...]
    hints: tuple[Hint, ...]
    networks: Mapping[str, str]  # which model stands for which domain; ``else`` for all others
    transfer: Mapping[str, float]  # how far a ratio may move between this machine and the one that counts, 95 %
    half_lives: tuple[ageing.HalfLife, ...]
    today: date  # the day on which the facts are as old as they say

    def on(self, day: date) -> Knowledge:
        """The same knowledge on another day."""
        return replace(
            self,
            facts=ageing.aged(self.facts, self.half_lives, day),
            routes=_aged(self.routes, self.half_lives, day),
            today=day,
        )


Routes = Mapping[TargetId, Mapping[Framework, tuple[Route, ...]]]


def _aged(routes: Routes, half_lives: tuple[ageing.HalfLife, ...], day: date) -> Routes:
    return {
        target: {side: ageing.aged_routes(own, half_lives, day) for side, own in sides.items()}
        for target, sides in routes.items()
    }


@dataclass(frozen=True, slots=True)
class _Source:
    title: _Text
    url: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Fact:
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    subject: _Text
    topic: _Text
    statement: _Text
    as_of: _Date
    source: _Source
    source_kind: _Text
    confidence: Confidence
    favours: Literal["pytorch", "tensorflow", "neither"]
    strength: Annotated[int, Field(strict=True, ge=0, le=3)]
    value: str = ""
    unit: str = ""
    note: str = ""


@lru_cache(maxsize=8)  # pages ask for the same day; a server that runs for weeks sees many
def load(folder: Path = DATA, *, on: date | None = None) -> Knowledge:
    """The knowledge in ``folder`` on a day, that of its facts if left out. Read once.

    Raises KnowledgeError naming file, path and value.
    """
    written = _read(folder)
    return written if on is None else written.on(on)


@cache
def _read(folder: Path) -> Knowledge:
    return understand({name: parsed(folder, name) for name in FILES})


def understand(files: Mapping[str, object]) -> Knowledge:
    """The knowledge in parsed ``files``, by name, all of FILES. Raises KnowledgeError naming file, path and value."""
    contents = {name: checked(files[name], name) for name in FILES}
    as_of = build(_Date, contents["facts.yaml"].get("as_of"), "facts.yaml: as_of")
    half_lives = ageing.half_lives(contents["ageing.yaml"].get("half_lives"))
    ageing.half_life(ageing.TEAM, half_lives)
    facts = ageing.aged(_facts(contents["facts.yaml"].get("facts")), half_lives, ageing.seen(as_of))
    written_routes: Any = contents["routes.yaml"].get("targets")
    judged = build(_Date, contents["routes.yaml"].get("as_of"), "routes.yaml: as_of")
    routes = _aged(_routes(written_routes, judged, facts), half_lives, ageing.seen(as_of))
    specs = criteria(contents["criteria.yaml"].get("criteria"), facts)
    _counted_once(specs, routes)
    return Knowledge(
        as_of=as_of,
        facts=facts,
        not_found=tuple(build(list[Gap], contents["facts.yaml"].get("not_found"), "facts.yaml: not_found")),
        claims=_claims(contents["claims.yaml"].get("claims"), facts),
        routes=routes,
        target_titles={
            target: build(str, written_routes[target].get("title"), f"routes.yaml: {target}.title") for target in routes
        },
        criteria=specs,
        requirements=requirements(contents["requirements.yaml"].get("requirements"), facts),
        hints=hints(contents["hints.yaml"].get("hints"), facts),
        networks=_networks(contents["criteria.yaml"].get("networks")),
        transfer=_transfer(contents["criteria.yaml"].get("transfer")),
        half_lives=half_lives,
        today=ageing.seen(as_of),
    )


def _facts(written: object) -> Mapping[str, Fact]:
    entries = build(list[dict[str, Any]], written, "facts.yaml: facts")
    found = [_fact(entry, i) for i, entry in enumerate(entries)]
    unique((fact.id for fact in found), "facts.yaml")
    return {fact.id: fact for fact in found}


def _fact(entry: dict[str, Any], index: int) -> Fact:
    where = f"facts.yaml: {entry.get('id', index)}"
    for key in ("source", "as_of"):
        if not entry.get(key):
            raise KnowledgeError(f"{where}: a fact without {key} is not taken")
    _no_others(entry, _Fact, where)
    fact = build(_Fact, entry, where)
    source = Source(fact.source.title, fact.source.url, fact.source.note)
    plain = {name: getattr(fact, name) for name in (f.name for f in fields(_Fact)) if name != "source"}
    return Fact(source=source, **plain)


def _no_others(entry: Mapping[str, Any], kind: type[Any], where: str) -> None:
    if extra := set(entry) - {field.name for field in fields(kind)}:
        raise KnowledgeError(f"{where}: unknown key {sorted(extra)[0]!r}")


def _claims(written: object, facts: Mapping[str, Fact]) -> tuple[Claim, ...]:
    entries = build(list[dict[str, Any]], written, "claims.yaml: claims")
    for i, entry in enumerate(entries):
        _no_others(entry, Claim, f"claims.yaml: {entry.get('id', i)}")
    found = tuple(build(list[Claim], entries, "claims.yaml: claims"))
    unique((claim.id for claim in found), "claims.yaml")
    for claim in found:
        known(claim.facts, facts, f"claims.yaml: {claim.id}.facts")
        if (claim.supports or claim.network) and not claim.measure:
            raise KnowledgeError(f"claims.yaml: {claim.id}: supports and network only beside a measure")
    return found


def _routes(written: object, as_of: str, facts: Mapping[str, Fact]) -> Routes:
    targets = build(dict[TargetId, dict[str, Any]], written, "routes.yaml: targets")
    if missing := set(TARGET_IDS) - set(targets):
        raise KnowledgeError(f"routes.yaml: no routes for the target {sorted(missing)[0]!r}")
    found: dict[TargetId, dict[Framework, tuple[Route, ...]]] = {}
    for target, sides in targets.items():
        dated = {"topic": build(_Text, sides.get("topic"), f"routes.yaml: {target}.topic"), "as_of": as_of}
        found[target] = {side: _side(sides.get(side), target, side, facts, dated) for side in FRAMEWORKS}
    return found


def _side(
    written: object, target: TargetId, side: Framework, facts: Mapping[str, Fact], dated: Mapping[str, str]
) -> tuple[Route, ...]:
    where = f"routes.yaml: {target}.{side}"
    entries = build(list[dict[str, Any]], written, where)
    found: list[Route] = []
    for entry in entries:
        name = f"{where}.{entry.get('tool', len(found))}"
        _no_others(entry, Route, name)
        route = build(Route, {**entry, **dated, "target": target, "framework": side}, name)
        build(_Date, route.month, f"{name}.month")
        known((*route.facts, *route.background), facts, f"{name}.facts")
        found.append(route)
    unique((route.tool for route in found), where)
    return tuple(found)


def _counted_once(
    specs: tuple[CriterionSpec, ...], routes: Mapping[TargetId, Mapping[Framework, tuple[Route, ...]]]
) -> None:
    owners = {fact: spec.id for spec in specs for fact in spec.facts}
    for target, sides in routes.items():
        for route in (route for side in sides.values() for route in side):
            for fact in route.facts:
                if fact in owners:
                    where = f"routes.yaml: {target}.{route.framework}.{route.tool}.facts"
                    raise KnowledgeError(
                        f"{where}: {fact!r} counts in {owners[fact]!r} already; name it under background"
                    )


def _transfer(written: object) -> Mapping[str, float]:
    factors = build(dict[str, float], written, "criteria.yaml: transfer")
    if set(factors) != _TRANSFERS or not all(f >= 1 for f in factors.values()):
        needed = ", ".join(sorted(_TRANSFERS))
        raise KnowledgeError(f"criteria.yaml: transfer needs {needed}, each ≥ 1, not {factors!r}")
    return factors


def _networks(written: object) -> Mapping[str, str]:
    found = build(dict[Domain | Literal["else"], str], written, "criteria.yaml: networks")
    if "else" not in found:
        raise KnowledgeError("criteria.yaml: networks needs else, for projects of a kind that isn't named")
    return {str(domain): network for domain, network in found.items()}


def criterion_ids(knowledge: Knowledge) -> tuple[str, ...]:
    """Every id that priorities may name: the criteria, and ``deployment.TARGET`` for one target alone."""
    return (*(spec.id for spec in knowledge.criteria), *(f"deployment.{target}" for target in TARGET_IDS))


def cited(knowledge: Knowledge, ids: Iterable[str]) -> tuple[Fact, ...]:
    """The facts of those ids, in that order."""
    return tuple(knowledge.facts[fact_id] for fact_id in ids)
