"""A report as JSON, text and Markdown. What wasn't seen stands first in each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from advisor.scan.ecosystems import FRAMEWORK_NAMES
from advisor.scan.report import BlindSpot, CodeFinding, FateReason, FileActivity, Reach, ScanReport
from advisor.wording.markdown import for_github as plain
from advisor.wording.quantities import counted, percent
from probes.system.sentences import upper_first

_PRIMARY: Final = {**FRAMEWORK_NAMES, "mixed": "several frameworks, none of them first", "none": "no framework"}
_SEVERITIES: Final = {
    "must": "has to change",
    "perhaps": "may have to change",
    "nice": "could be better",
}
_CONCERNS: Final = {
    "upgrade": "On today's versions",
    "move": "In a move to another framework",
}
_WAYS: Final[Mapping[Reach, str]] = {
    "entry_point": "run from an entry point",
    "notebook": "from a notebook",
    "package": "imported by the package",
    "tests": "from tests alone",
    "nothing": "reached by nothing",
}
#: Who decides what to keep wants to know which test or notebook is all that uses a file.
_BESIDE_PROGRAMS: Final[Mapping[Reach, str]] = {
    "notebook": "reached from a notebook and by no program",
    "tests": "reached from tests alone",
}
_FATES: Final[Mapping[FateReason, str]] = {
    "reached": "It is reached.",
    "artefact": "Nothing reaches it, but it names a model's file.",
    "recent": "Nothing reaches it, but somebody changed it lately.",
    "unreached": "Nothing reaches it.",
    "unreached_and_quiet": "Nothing reaches it, and nobody changed it for two years.",
}
_PLACES: Final = 3
_SPOTS: Final = 12


def to_json(report: ScanReport) -> str:
    """Stable: keys are added and never renamed. ``migration`` has its place, and no figure yet."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=False)


def as_data(report: ScanReport) -> dict[str, Any]:
    """The JSON of a report as plain data."""
    whole = asdict(report)
    unknown = {"low": None, "likely": None, "high": None, "unit": "person-days", "reason": "not estimated"}
    return {
        "schema": 1,
        "blind_spots": whole["blind_spots"],
        "primary": whole["primary"],
        "coverage": whole["coverage"],
        "frameworks": whole["frameworks"],
        "areas": whole["areas"],
        "dependencies": whole["dependencies"],
        "artefacts": whole["artefacts"],
        "activity": whole["activity"],
        "findings": whole["findings"],
        "sources": whole["sources"],
        "migration": {"pytorch": unknown, "tensorflow": unknown},
    }


def to_text(report: ScanReport) -> str:
    """For a terminal: rules with the first places of each, not every place."""
    lines = [_headline(report), "", "Not seen:"]
    lines += [f"  - {spot}" for spot in _spots(report.blind_spots)] or ["  - nothing was left out"]
    lines += ["", "Frameworks:", *(f"  - {line}" for line in _frameworks(report)), "", "Areas:"]
    lines += [f"  - {line}" for line in _areas(report)]
    lines += ["", "Still in use? Keep, drop or rewrite, once an area:", *(f"  - {line}" for line in _activity(report))]
    if report.artefacts:
        lines += [
            "",
            "Models:",
            *(f"  - {one.file}: {one.format}, {one.size:,} bytes" for one in report.artefacts[:20]),
        ]
    for concern, title in _CONCERNS.items():
        for severity, said in _SEVERITIES.items():
            groups = _groups(report, concern, severity)
            if groups:
                lines += ["", f"{title}, what {said}:"]
                lines += [
                    f"  - {message}\n    {counted(len(found), 'place')}: {_places(found)}" for message, found in groups
                ]
    return "\n".join(lines)


def to_markdown(report: ScanReport) -> str:
    """For people who read it elsewhere; what stands in the tree is escaped."""
    lines = ["# What the code holds", "", *_seen(report, "##"), "", "## Areas", ""]
    lines += [f"- {plain(line)}" for line in _areas(report)]
    lines += ["", "## Still in use? Keep, drop or rewrite, once an area", ""]
    lines += [f"- {plain(line)}" for line in _activity(report)]
    for concern, title in _CONCERNS.items():
        groups = [(severity, *group) for severity in _SEVERITIES for group in _groups(report, concern, severity)]
        if groups:
            lines += ["", f"## {title}", "", "| | what | places | where |", "|---|---|---|---|"]
            lines += [
                f"| {_SEVERITIES[severity]} | {plain(message)} | {len(found)} | {plain(_places(found))} |"
                for severity, message, found in groups
            ]
    return "\n".join([*lines, ""])


def section(report: ScanReport) -> str:
    """What was seen and what wasn't, as a section of another document."""
    return "\n".join(["## Your code, by a scan", "", *_seen(report, "###"), ""])


def _seen(report: ScanReport, level: str) -> Iterator[str]:
    """What wasn't seen comes first: all the rest is without it."""
    yield from (plain(_headline(report)), "", f"{level} Not seen", "")
    yield from [f"- {plain(spot)}" for spot in _spots(report.blind_spots)] or ["- Nothing was left out."]
    yield from ("", f"{level} Frameworks", "", *(f"- {plain(line)}" for line in _frameworks(report)))


def _headline(report: ScanReport) -> str:
    seen = report.coverage
    return (
        f"{upper_first(_PRIMARY[report.primary])}. {counted(seen.sources, 'source file')} with "
        f"{counted(seen.lines, 'line')}; {seen.parsed:,} with {counted(seen.parsed_lines, 'line')} were parsed, "
        "because the others name no framework."
    )


def _spots(spots: Iterable[BlindSpot]) -> Iterator[str]:
    """The first of each kind, and how many more there are."""
    kinds: dict[str, list[BlindSpot]] = {}
    for spot in spots:
        kinds.setdefault(spot.kind, []).append(spot)
    for found in kinds.values():
        for spot in found[:_SPOTS]:
            where = f"{spot.file}:{spot.line}" if spot.line else spot.file
            many = f"{spot.count:,} " if spot.count > 1 else ""
            yield f"{where}: {many}{spot.said}" if where else f"{many}{spot.said}"
        if len(found) > _SPOTS:
            yield f"and {len(found) - _SPOTS:,} more of this kind"


def _frameworks(report: ScanReport) -> Iterator[str]:
    if not report.frameworks:
        yield "none"
    for framework, use in report.frameworks.items():
        said = [f"{counted(use.uses, 'use')} in {counted(use.files, 'file')}"]
        if use.lazy or use.conditional:
            said.append(
                f"{counted(use.imports, 'import')}, {use.lazy:,} inside functions, {use.conditional:,} below if or try"
            )
        if use.major:
            said.append(f"version {use.major}")
        if use.backend:
            said.append(f"on {use.backend}")
        if use.versions:
            said.append(f"asked for as {', '.join(use.versions[:4])}")
        yield f"{FRAMEWORK_NAMES[framework]}: {'; '.join(said)}"


def _areas(report: ScanReport) -> Iterator[str]:
    if not report.areas:
        yield "none"
    for area, use in report.areas.items():
        uses = ", ".join(f"{FRAMEWORK_NAMES[name]} {count:,}" for name, count in use.uses.items())
        yield f"{area.replace('_', ' ')}: {counted(use.files, 'file')} ({uses})"


def _activity(report: ScanReport) -> Iterator[str]:
    """An area a line, then the files that nothing reaches."""
    alive = report.activity
    if not alive.areas:
        yield "no code of a framework"
    elif not alive.last_commit:
        yield "no git history was read, so when files were last changed isn't known"
    elif alive.read_back_to:
        yield f"the git history was read back to {alive.read_back_to}; files without a day were last changed by then"
    for area, one in alive.areas.items():
        ways = ", ".join(f"{count:,} {_WAYS[way]}" for way, count in one.reached_from.items())
        last = f"; last changed {one.last_commit}" if one.last_commit else ""
        names = f"; {counted(one.artefacts, 'model file')} named" if one.artefacts else ""
        yield f"{area.replace('_', ' ')}: {one.proposed}? {_FATES[one.reason]} Files: {ways}{last}{names}."
    for way, said in _BESIDE_PROGRAMS.items():
        if beside := [one for one in alive.files if one.reached_from == way and one.reached_by != one.file]:
            shown = ", ".join(f"{file.file} (by {file.reached_by})" for file in beside[:_SPOTS])
            yield f"{said}: {shown}{_more(beside)}."
    idle = [file for file in alive.files if file.reached_from == "nothing"]
    if idle:
        shown = ", ".join(
            f"{file.file}{f' ({file.last_commit})' if file.last_commit else ''}" for file in idle[:_SPOTS]
        )
        yield (
            f"reached by nothing: {shown}{_more(idle)}. Names in configurations aren't followed; what they load is in "
            "use."
        )


def _more(files: list[FileActivity]) -> str:
    return f" and {len(files) - _SPOTS:,} more" if len(files) > _SPOTS else ""


def _groups(report: ScanReport, concern: str, severity: str) -> list[tuple[str, list[CodeFinding]]]:
    """Findings of a rule together, those with most places first."""
    found: dict[str, list[CodeFinding]] = {}
    for one in report.findings:
        if (one.concern, one.severity) == (concern, severity):
            found.setdefault(one.rule, []).append(one)
    by_size = sorted(found.values(), key=lambda ones: (-len(ones), ones[0].rule))
    return [(f"{ones[0].message} [{ones[0].rule}]{_probability(ones[0])}", ones) for ones in by_size]


def _probability(one: CodeFinding) -> str:
    return f" ({percent(one.probability)} likely)" if one.probability is not None else ""


def _places(found: list[CodeFinding]) -> str:
    shown = ", ".join(
        f"{one.file}:{one.line}" if one.cell is None else f"{one.file} cell {one.cell}, line {one.line}"
        for one in found[:_PLACES]
    )
    return f"{shown} and {len(found) - _PLACES:,} more" if len(found) > _PLACES else shown
