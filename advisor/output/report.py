"""A decision to pass on: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from advisor.answers import Answers
from advisor.knowledge import load
from advisor.model import Cell, CriterionRow, Decision, Evidence, RouteChoice, Veto
from advisor.wording.markdown import for_github as escape
from probes.schema import FRAMEWORKS, TITLES, Outcome

_TURNS: Final = 8  # turning points that are told; the JSON has all
_STATUS: Final = {"measured": "measured", "fact": "dated facts", "answered": "your answers", "unknown": "unknown"}
_MET: Final = {"pass": "met", "fail": "not met", "unknown": "not confirmed"}


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
        "assumptions": list(decision.assumptions),
        "overrides": [override.model_dump(mode="json") for override in decision.overrides],
        "day": decision.day,
        "unknowns": list(decision.unknowns),
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


def to_markdown(decision: Decision, answers: Answers) -> str:
    """The decision as a document. Text of users is escaped: markup in a project's name is shown as text."""
    title = (
        f"PyTorch or TensorFlow for {escape(answers.project.name)}" if answers.project.name else "PyTorch or TensorFlow"
    )
    parts: list[str] = [
        f"# {title}",
        f"**{escape(decision.verdict.headline)}**",
        escape(decision.verdict.advice),
        _how(decision),
        *_overrides(decision),
        *_group(decision),
        *_reasons(decision),
        *_requirements(decision.vetoes),
        *_criteria(decision),
        *_flips(decision),
        *_routes(decision),
        *_next(decision),
        *_sources(decision),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _how(decision: Decision) -> str:
    where = f"Probes were measured on {escape(decision.machine)}." if decision.machine else "Nothing is measured yet."
    if not decision.verdict.probability:
        return where
    odds = ", ".join(f"{TITLES[side]} {_percent(decision.verdict.probability[side])}" for side in FRAMEWORKS)
    error = decision.verdict.standard_error * 100
    return f"{odds} (share of {decision.samples:,} draws of weights and values, ± {error:.1f} % from sampling). {where}"


def _group(decision: Decision) -> list[str]:
    """What each person's weights alone come to."""
    if decision.group is None:
        return []
    rows = [
        f"| {escape(voice.name)} | {_percent(voice.probability['pytorch'])} | "
        f"{_percent(voice.probability['tensorflow'])} | {escape(voice.sentence)} |"
        for voice in decision.group.voices
    ]
    table = "\n".join(["| whose weights | PyTorch | TensorFlow | |", "|---|---:|---:|---|", *rows])
    return ["## Everybody by themselves", escape(decision.group.sentence), table]


def _overrides(decision: Decision) -> list[str]:
    """What the team set for this decision, with author and date: nobody should take it for a dated source."""
    titles = {spec.id: spec.criterion.title for spec in load().criteria}
    lines = [
        f"- {TITLES[item.framework]} on «{escape(titles.get(item.criterion, item.criterion))}»: {item.level} of 5, "
        f"{item.confidence} confidence. {escape(item.statement.rstrip('. '))} ({escape(item.author)}, {item.date})."
        for item in decision.overrides
    ]
    return ["## Set by the team for this decision", "\n".join(lines)] if lines else []


def _reasons(decision: Decision) -> list[str]:
    parts = []
    titles = ("Why", "What speaks against it")
    if decision.verdict.framework is None:
        titles = ("What speaks for one", "What speaks for the other")
    for title, reasons in zip(titles, (decision.reasons_for, decision.reasons_against), strict=True):
        if reasons:
            parts += [f"## {title}", "\n".join(f"- {escape(reason.sentence)}" for reason in reasons)]
    return parts


def _requirements(vetoes: Iterable[Veto]) -> list[str]:
    rows = [
        f"| {escape(veto.requirement)} | {TITLES[veto.framework]} | {_MET[veto.status]} | {escape(veto.text)} |"
        for veto in vetoes
    ]
    if not rows:
        return []
    return ["## Hard requirements", "\n".join(["| requirement | framework | | |", "|---|---|---|---|", *rows])]


def _criteria(decision: Decision) -> list[str]:
    head = ["| criterion | weight | PyTorch | TensorFlow | contribution | rests on |", "|---|---:|---:|---:|---:|---|"]
    ordered = sorted(decision.criteria, key=lambda row: -row.weight)
    lines = [
        f"| {escape(row.criterion.title)} | {_percent(row.weight)} | {_value(row.cells['pytorch'])} "
        f"| {_value(row.cells['tensorflow'])} | {row.contribution * 100:+.1f} | {_basis(row)} |"
        for row in ordered
    ]
    legend = (
        "Values go from 0, the worst anchor, to 1, the best, with their ranges. Contributions are points of 100; "
        "positive ones speak for PyTorch, negative ones for TensorFlow."
    )
    return ["## Criteria", "\n".join([*head, *lines]), legend]


def _value(cell: Cell) -> str:
    return f"{cell.likely:.2f} ({cell.low:.2f}–{cell.high:.2f})"


def _basis(row: CriterionRow) -> str:
    reason = next((cell.reason for cell in row.cells.values() if cell.reason), "")
    return f"{_STATUS[row.status]}: {escape(reason)}" if reason else _STATUS[row.status]


def _flips(decision: Decision) -> list[str]:
    able = [flip for flip in decision.flips if flip.flips_at is not None]
    if not decision.verdict.probability:
        return []
    lines = [f"- {escape(flip.sentence)}" for flip in able[:_TURNS]] or [
        "- No weight on a single criterion changes the answer."
    ]
    central = [escape(sentence) for sentence in decision.central_sentences.values() if sentence]
    return ["## What would turn it", "\n".join(lines), " ".join(central)]


def _routes(decision: Decision) -> list[str]:
    titles = load().target_titles
    rows = [
        f"| {escape(titles[target])} | {TITLES[side]} | {_route(choice)} |"
        for target, sides in decision.routes.items()
        for side, choice in sides.items()
    ]
    if not rows:
        return []
    return ["## Ways to the targets", "\n".join(["| target | framework | best way |", "|---|---|---|", *rows])]


def _route(choice: RouteChoice) -> str:
    route = choice.route
    seen = " ".join(found.said for found in (choice.tried, *choice.broken) if found)
    if route is None:
        none = "none that works here" if choice.broken else "none of its own is known"
        return escape(f"{none}. {seen}" if seen else none)
    version = f" {route.version}" if route.version else ""
    return escape(f"{route.tool}{version}, {route.maturity}, {route.month}: {route.constraints}. {seen}".rstrip(". "))


def _next(decision: Decision) -> list[str]:
    if not decision.next_steps:
        return []
    lines = [f"- {escape(step.title)}: {escape(step.sentence)}" for step in decision.next_steps[:5]]
    return ["## Worth finding out next", "\n".join(lines)]


def _sources(decision: Decision) -> list[str]:
    """Every piece of evidence once, under its criterion."""
    lines = []
    for row in decision.criteria:
        if row.evidence:
            lines.append(f"### {escape(row.criterion.title)}")
            because = "; ".join(row.because)
            lines.append(f"Swing {row.swing:.0f} of 100{f' ({escape(because)})' if because else ''}.")
            lines.append("\n".join(f"- {_cited(item)}" for item in row.evidence))
    aged = f"Facts are worth what their age leaves of them on {decision.day}; stale ones are past their half-life."
    return ["## Evidence", *([aged] if decision.day else []), *lines] if lines else []


def _cited(item: Evidence) -> str:
    parts = [escape(item.text.rstrip(". "))]
    if item.date:
        parts.append(item.date)
    if item.machine:
        parts.append(f"on {escape(item.machine)}")
    if item.source is not None:
        title = escape(item.source.title)
        parts.append(f"[{title}](<{item.source.url}>)" if item.source.url.startswith("https://") else title)
    if item.confidence:
        parts.append(f"{item.confidence} confidence")
    if item.confidence == "low" and item.source is not None and item.source.note:
        parts.append(escape(item.source.note))
    return f"{'; '.join(parts)}."
