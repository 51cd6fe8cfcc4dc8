"""A decision to pass on: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.answers import Answers
from advisor.knowledge import load
from advisor.knowledge.names import mentions
from advisor.model.decision import Decision
from advisor.model.evidence import Cell, CriterionRow
from advisor.model.routes import RouteChoice
from advisor.questionnaire.contradictions import contradictions
from advisor.wording.markdown import for_github
from advisor.wording.quantities import percent, signed
from probes.schema import FRAMEWORKS, TITLES, Outcome

if TYPE_CHECKING:
    from jinja2 import Template


# ------------------------------------------------------------------------------------------------ JSON


def to_json(decision: Decision) -> str:
    """The documented JSON, schema 1. Keys are added, never renamed; what isn't known is null, never 0."""
    verdict = decision.verdict
    content = {
        "schema": decision.schema,
        "verdict": {
            "framework": verdict.framework,
            "strength": verdict.strength,
            "probability": {side: verdict.probability.get(side) for side in FRAMEWORKS},
            "standard_error": verdict.standard_error if verdict.probability else None,
            "headline": verdict.headline,
            "advice": verdict.advice,
        },
        "criteria": [_criterion(row) for row in decision.criteria],
        "vetoes": [asdict(veto) for veto in decision.vetoes],
        "routes": {
            target: {side: _choice(sides[side]) for side in FRAMEWORKS} for target, sides in decision.routes.items()
        },
        "flips": [asdict(flip) for flip in decision.flips],
        "next_probe": next((asdict(step) for step in decision.next_steps if step.kind == "probe"), None),
        "next_steps": [asdict(step) for step in decision.next_steps],
        "reasons": {
            "for": [asdict(reason) for reason in decision.reasons_for],
            "against": [asdict(reason) for reason in decision.reasons_against],
        },
        "totals": {side: _cell(decision.totals[side]) for side in FRAMEWORKS} if verdict.probability else None,
        "central_weights": dict(decision.central_weights),
        "confidence_factor": dict(decision.confidence_factor),
        "group": asdict(decision.group) if decision.group else None,
        "options": [asdict(option) for option in decision.options],
        "assumptions": list(decision.assumptions),
        "overrides": [override.model_dump(mode="json") for override in decision.overrides],
        "day": decision.day,
        "dropped": [
            {"id": item.criterion.id, "title": item.criterion.title, "because": item.because}
            for item in decision.dropped
        ],
        "unknowns": list(decision.unknowns),
        "settled": asdict(decision.settled) if decision.settled else None,
        "probes": [result.probe for result in decision.probes],
        "machine": decision.machine,
        "samples": decision.samples,
        "seed": decision.seed,
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def _criterion(row: CriterionRow) -> dict[str, Any]:
    known = row.status != "unknown"
    cells = row.cells
    missing = next((cell for cell in cells.values() if cell.reason), None)
    outcome = Outcome.OK.value if known else None
    if missing is not None and missing.outcome is not Outcome.OK:
        outcome = missing.outcome.value
    return {
        "id": row.criterion.id,
        "title": row.criterion.title,
        "group": row.criterion.group,
        "weight": row.weight,
        "value": {side: cells[side].likely for side in FRAMEWORKS},
        "interval": {side: [cells[side].low, cells[side].high] for side in FRAMEWORKS},
        "evidence": [asdict(item) for item in row.evidence],
        "outcome": outcome,
        "status": row.status,
        "reason": missing.reason if missing is not None else "",
        "summary": row.summary,
        "swing": row.swing,
        "swing_default": row.swing_default,
        "because": list(row.because),
        "difference": {"mean": row.difference, "low": row.difference_low, "high": row.difference_high},
        "contribution": row.contribution,
    }


def _choice(choice: RouteChoice) -> dict[str, Any]:
    route = asdict(choice.route) if choice.route is not None else None
    if route is not None:
        del route["tried"]  # with every network; the project's own is beside it
    return {
        "route": route,
        "value": choice.value,
        "alternatives": [other.tool for other in choice.alternatives],
        "measured": asdict(choice.tried) if choice.tried else None,
        "broken": [asdict(seen) for seen in choice.broken],
    }


def _cell(cell: Cell) -> dict[str, float]:
    return {"low": cell.low, "mean": cell.likely, "high": cell.high}


# -------------------------------------------------------------------------------------------- Markdown


def to_markdown(decision: Decision, answers: Answers, code: str = "") -> str:
    """The decision as a document. Text of users is escaped: markup in a project's name is shown as text.

    ``code``: what a scan saw of the team's code, as Markdown of its own; it stands at the end.
    """
    known = load()
    text = _template().render(
        decision=decision,
        verdict=decision.verdict,
        answers=answers,
        criteria={spec.id: spec.title for spec in known.criteria},
        targets=known.target_titles,
        titles=TITLES,
        contradictions=contradictions(answers),
        mentions=mentions(answers.binds.notes, known),
        flips=[flip for flip in decision.flips if flip.flips_at is not None],
    )
    return f"{text.rstrip()}\n\n{code}" if code else text


@cache
def _template() -> Template:
    """All that it is given is escaped for Markdown, but for what it marks as safe itself."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: the JSON needs none of it
    from markupsafe import Markup

    def escaped(value: object) -> str:
        return value if isinstance(value, Markup) else Markup(for_github(str(value)))  # noqa: S704 - that escapes

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        finalize=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "signed": signed, "way": _way}
    return environment.get_template("decision.md.jinja")


def _way(choice: RouteChoice) -> str:
    route = choice.route
    seen = " ".join(found.said for found in (choice.tried, *choice.broken) if found)
    if route is None:
        none = "none that works here" if choice.broken else "none of its own is known"
        return f"{none}. {seen}" if seen else none
    version = f" {route.version}" if route.version else ""
    return f"{route.tool}{version}, {route.maturity}, {route.month}: {route.constraints}. {seen}".rstrip(". ")
