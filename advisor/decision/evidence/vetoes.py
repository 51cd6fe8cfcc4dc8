"""Hard requirements, before any weighing: met, not met, or nobody could confirm it.

A target of importance 3 or more is a requirement; 1 and 2 are wishes. A framework meets it with a route of its own for
any model that is in production use, in beta or still patched. Only experimental routes, or routes for some models or
one step: unknown. Only archived routes, or none: not met. A route that was tried on this machine with the project's
kind of network and doesn't work is no route.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from advisor.answers import Answers, TargetId
from advisor.decision.evidence import route_runs
from advisor.decision.evidence.assessment import fact_evidence
from advisor.decision.evidence.route_runs import Wanted
from advisor.decision.evidence.routes import choose, known, route_evidence, seen_here
from advisor.knowledge import Knowledge, cited
from advisor.knowledge.conditions import TARGETS
from advisor.knowledge.requirements import Requirement, RequirementStatus
from advisor.model.decision import Veto
from advisor.model.evidence import Evidence
from advisor.model.routes import Route, RouteChoice
from probes.schema import FRAMEWORKS, TITLES, Framework
from probes.system.sentences import sentence, upper_first

REQUIRED_FROM: Final = 3
_MAINTAINED: Final = ("production", "beta", "maintenance")
Status = Literal["pass", "fail", "unknown"]


def vetoes(answers: Answers, knowledge: Knowledge) -> tuple[Veto, ...]:
    """Every requirement that follows from the answers, once for each framework."""
    by_target = [_by_target(target, side, answers, knowledge) for target in _required(answers) for side in FRAMEWORKS]
    by_rule = [
        _by_rule(item, side, finding, knowledge)
        for item in knowledge.requirements
        for side, finding in item.findings(answers).items()
    ]
    return (*by_target, *by_rule)


def missing(answers: Answers, knowledge: Knowledge) -> frozenset[Framework]:
    """The frameworks of which a veto fails, without the words: every «what if» asks for no more."""
    by_target = (
        side
        for target in _required(answers)
        for side in FRAMEWORKS
        if _status(_left(target, side, answers, knowledge)) == "fail"
    )
    by_rule = (
        side
        for item in knowledge.requirements
        for side, finding in item.findings(answers).items()
        if finding.status == "fail" and all(fact.known for fact in cited(knowledge, finding.facts))
    )
    return frozenset((*by_target, *by_rule))


def required_by(knowledge: Knowledge) -> frozenset[str]:
    """Key paths of the answers that hard requirements follow from."""
    return frozenset({TARGETS, "hardware.train"}).union(*(item.asks for item in knowledge.requirements))


def _required(answers: Answers) -> list[TargetId]:
    targets = [target.id for target in answers.targets if target.importance >= REQUIRED_FROM]
    if "tpu" in answers.hardware.train and "tpu" not in targets:
        targets.append("tpu")
    return targets


def _left(target: TargetId, side: Framework, answers: Answers, knowledge: Knowledge) -> list[Route]:
    """The ways to the target that weren't seen to fail."""
    want = route_runs.wanted(target, answers, knowledge)
    return [route for route in known(target, side, answers, knowledge) if not route_runs.fails(route, want)]


def relax(veto: Veto, knowledge: Knowledge) -> str:
    """What to give up so that this requirement no longer stands in the way."""
    ways = {route_id(target): f"{place} as a requirement" for target, place in knowledge.target_places.items()}
    return (ways | {item.id: item.relax for item in knowledge.requirements})[veto.id]


def route_id(target: TargetId) -> str:
    """The id of the requirement of a way to ``target``."""
    return f"route_{target}"


def _by_rule(item: Requirement, side: Framework, finding: RequirementStatus, knowledge: Knowledge) -> Veto:
    facts = cited(knowledge, finding.facts)
    evidence = tuple(fact_evidence(fact) for fact in facts)
    status, text = finding.status, finding.text
    if not all(fact.known for fact in facts):
        status, text = "unknown", f"{text.rstrip('. ')} (not known on {knowledge.today})."
    return Veto(item.id, side, status, item.requirement, text, evidence)


def _by_target(target: TargetId, side: Framework, answers: Answers, knowledge: Knowledge) -> Veto:
    want = route_runs.wanted(target, answers, knowledge)
    left = _left(target, side, answers, knowledge)
    status, place = _status(left), knowledge.target_places[target]
    choice = choose(known(target, side, answers, knowledge), want)
    none = next((route for route in left if route.maturity == "none"), None)
    return Veto(
        id=route_id(target),
        framework=side,
        status=status,
        requirement=f"A way to {place}",
        text=_text(status, side, place, choice),
        detail=sentence(upper_first(none.constraints)) if none and none.constraints and status == "fail" else "",
        evidence=_evidence(status, choice, left, want, knowledge),
    )


def _status(routes: Sequence[Route]) -> Status:
    own = [route for route in routes if route.scope == "any model"]
    if any(route.maturity in _MAINTAINED and route.known for route in own):
        return "pass"
    if not all(route.known for route in routes):
        return "unknown"
    partial = [route for route in routes if route.scope == "part" and route.maturity in _MAINTAINED]
    return "unknown" if partial or any(route.maturity == "experimental" for route in own) else "fail"


def _text(status: Status, side: Framework, place: str, choice: RouteChoice) -> str:
    best = choice.route
    if status == "pass" and best is not None:
        return f"{TITLES[side]} gets there with {best.tool} ({best.maturity}, {best.month})."
    if status == "unknown" and best is not None:
        only = f"{TITLES[side]} gets there only with {best.tool} ({best.maturity}, {best.month})"
        return f"{only}; what to know about it: {best.constraints}."
    if choice.broken:
        seen = tuple(dict.fromkeys(found.title for found in choice.broken))
        were = "was" if len(seen) == 1 else "were"
        left = f"No maintained way from {TITLES[side]} to {place} is left"
        return f"{left}: {', '.join(seen)} {were} tried here, without a result."
    return f"No maintained way from {TITLES[side]} to {place} is known."


def _evidence(
    status: Status, choice: RouteChoice, routes: Sequence[Route], want: Wanted, knowledge: Knowledge
) -> tuple[Evidence, ...]:
    told = [choice.route] if choice.route is not None else []
    if status == "fail":
        told = [route for route in routes if route.maturity in ("none", "archived")]
    facts = dict.fromkeys(fact for route in told for fact in (*route.facts, *route.background))
    shown = [route_evidence(route) for route in told if route.maturity != "none"]
    seen = seen_here(choice, want) if status != "pass" else ()
    return (*seen, *shown, *(fact_evidence(fact) for fact in cited(knowledge, tuple(facts))))
