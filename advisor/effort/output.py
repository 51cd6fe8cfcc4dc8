"""Effort and clock beside a scan, as JSON, text and Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from advisor.effort.pins import CodeClock
from advisor.effort.proposals import Proposal
from advisor.effort.report import EffortReport, OptionEffort
from advisor.lifecycle import report as lifecycle_report
from advisor.scan import output as scan_output
from advisor.scan.report import ScanReport
from advisor.wording.markdown import for_github as plain
from advisor.wording.quantities import percent, person_days
from probes.json_form import to_dict
from probes.schema import FRAMEWORKS
from probes.system.sentences import lower_first

UNIT: Final = "person-days"
_WORTH_SAYING: Final = 0.1  # days


def as_data(effort: EffortReport, clock: CodeClock, proposals: Sequence[Proposal]) -> dict[str, Any]:
    """What the JSON of a scan gains. Stable: keys are added and never renamed. Days are person-days."""
    whole = asdict(effort)
    return {
        "migration": {side: _migration(effort.of(side)) for side in FRAMEWORKS},
        "options": whole["options"],
        "survival": whole["survival"],
        "limits": whole["limits"],
        "rehearsed": whole["rehearsed"],
        "rehearsals": [to_dict(one) for one in effort.rehearsals],
        "seed": effort.seed,
        "answers": [
            {"path": path(one), "value": proposed(one), "answered": one.said, "where": one.where} for one in proposals
        ],
        "clock": _clock(clock),
    }


def _migration(option: OptionEffort | None) -> dict[str, Any]:
    if option is None:
        return {"low": None, "likely": None, "high": None, "unit": UNIT, "reason": "the code leaves no such way open"}
    days, said = option.days, "" if option.moves else option.sentence
    return {"low": days.p10, "likely": days.p50, "high": days.p90, "unit": UNIT, "reason": said}


def _clock(clock: CodeClock) -> dict[str, Any]:
    found = None if clock.clock is None else lifecycle_report.as_data(clock.clock)
    return {"path": clock.file, "reason": clock.reason, **(found or {})}


def to_text(report: ScanReport, effort: EffortReport, clock: CodeClock, proposals: Sequence[Proposal]) -> str:
    """For a terminal, below what was found."""
    lines = ["What each way costs (eight in ten cases should lie in the brackets):"]
    lines += [f"  - {line}" for line in _options(effort)]
    if plan := list(_plan(report, effort, way := _way(effort))):
        lines += ["", f"{_title(effort, way)} in phases:", *(f"  - {line}" for line in plan)]
    if effort.rehearsed:
        lines += ["", "What rehearsals changed in that:", *(f"  - {one.sentence}" for one in effort.rehearsed)]
    lines += ["", "What these figures hold:", *(f"  - {line}" for line in _record(effort))]
    lines += ["", "Until when can it stay?", *(f"  - {line}" for line in _stays(clock))]
    if proposals:
        lines += ["", "Answers that the code shows; nobody's own are replaced:"]
        lines += [f"  - {sentence(one)}" for one in proposals]
    return "\n".join(lines)


def to_markdown(report: ScanReport, effort: EffortReport, clock: CodeClock, proposals: Sequence[Proposal]) -> str:
    """For people who read it elsewhere; what stands in the tree is escaped."""
    lines = ["## What each way costs", "", "| way | person-days | P10 | P90 | most of it |", "|---|---:|---:|---:|---|"]
    lines += [
        f"| {plain(one.title)} | {one.days.p50:,.0f} | {one.days.p10:,.0f} | {one.days.p90:,.0f} | "
        f"{plain(_parts(one)) if one.moves else plain(one.sentence)} |"
        for one in effort.options
    ]
    lines += ["", *(f"- {plain(one.sentence)}" for one in effort.rehearsed)]
    lines += [f"- {plain(line)}" for line in _record(effort)]
    if plan := list(_plan(report, effort, way := _way(effort))):
        lines += ["", f"## {plain(_title(effort, way))} in phases", "", *(f"- {plain(line)}" for line in plan)]
    lines += ["", "## Until when can it stay?", "", *(f"- {plain(line)}" for line in _stays(clock))]
    if proposals:
        lines += ["", "## Answers that the code shows", "", *(f"- {plain(sentence(one))}" for one in proposals)]
    return "\n".join([*lines, ""])


def section(report: ScanReport, effort: EffortReport) -> str:
    """The scan behind a decision's person-days, as a section of its document."""
    said = [*(one.sentence for one in effort.rehearsed), *_record(effort)]
    held = [f"- {plain(line)}" for line in said]
    return "\n".join([scan_output.section(report), "### What the person-days hold", "", *held, ""])


def _options(effort: EffortReport) -> Iterator[str]:
    for one in effort.options:
        said = f"{one.title}: {lower_first(one.sentence)}"
        if one.moves:
            said += f" Most of it: {_parts(one)}."
        tools = [f"{tool.title} {tool.days:.1f} days" for tool in one.tools if tool.days >= _WORTH_SAYING]
        yield said + (f" Off already: by {' and by '.join(tools)}." if tools else "")


def _plan(report: ScanReport, effort: EffortReport, way: str) -> Iterator[str]:
    """One way in phases, where to begin, and what the team's skills change."""
    one = effort.of(way)
    if one is None or not one.moves:
        return
    for number, phase in enumerate(one.phases, start=1):
        days = phase.days
        yield f"{number}. {phase.title}: {person_days(days.p10, days.p50, days.p90)}. {phase.done_when}"
    if one.first_files:
        yield f"Begin with {', '.join(file.file for file in one.first_files)}."
    dropped = {area for area, use in report.activity.areas.items() if use.proposed == "drop"}
    for area in (area for area in one.areas if area.fate == "keep" and area.area in dropped):
        saved = person_days(area.days.p10, area.days.p50, area.days.p90)
        yield f"Nothing uses {area.title} any more: --drop {area.area} takes off {saved}."
    if one.skills is not None:
        own = "your own level isn't answered" if one.skills.level is None else f"yours is {one.skills.level} of 5"
        yield (
            f"A team of beginners takes about {one.skills.beginner:,.0f} person-days, one that knows it well about "
            f"{one.skills.expert:,.0f}; {own}."
        )


def _way(effort: EffortReport) -> str:
    """The way whose plan is told: to the framework that the code isn't in."""
    return "tensorflow" if effort.seen.framework == "pytorch" else "pytorch"


def _title(effort: EffortReport, way: str) -> str:
    found = effort.of(way)
    return found.title if found else way


def _parts(one: OptionEffort) -> str:
    return ", ".join(f"{part.title} {percent(part.share)}" for part in one.largest)


def _record(effort: EffortReport) -> Iterator[str]:
    moved = next((one for one in effort.options if one.moves), None)
    if moved is not None:
        yield moved.record.sentence
        alone = [one.title for one in effort.options if one.moves and not one.record.alike]
        if alone:
            yield f"No finished migration checks the level of: {', '.join(alone)}."
    yield from effort.limits


def _stays(clock: CodeClock) -> Iterator[str]:
    found = clock.clock
    if found is None:
        yield clock.reason
        return
    supposed = ", supposed" if "python" in found.machine.supposed else ""
    yield f"{clock.file}, Python {found.machine.python}{supposed}: {lifecycle_report.answer(found)}"
    yield from (lifecycle_report.code_sentence(bound) for bound in found.code)
    if found.first is not None:
        yield lifecycle_report.sentence(found.first, found)
        yield f"What to do: {lifecycle_report.advice(found.first, found)}"


def path(one: Proposal) -> str:
    """The key path of the answer: «constraints.python»."""
    return ".".join(step for step in one.path if isinstance(step, str))


def proposed(one: Proposal) -> str | int:
    """What the code shows: of several choices the one that it is about."""
    last = one.path[-1]
    value: str | int = last[0] if isinstance(last, tuple) else one.value
    return value


def sentence(one: Proposal) -> str:
    """«code.lines: 1,516 (6 files name a framework; their lines count); you answered 500»."""
    value, said = (f"{part:,}" if isinstance(part, int) else part for part in (proposed(one), one.said))
    answered = "" if one.said is None else f"; you answered {said}"
    return f"{path(one)}: {value} ({one.where}){answered}"
