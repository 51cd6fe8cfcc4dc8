"""A scan that was written as JSON, read again: strict, and held against itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from advisor.scan.report import ScanReport
from advisor.scan.rules import rules
from probes.system.mistakes import mistake
from probes.system.whole_files import UnreadableFileError, contents

LARGEST: Final = 200_000_000  # bytes; the JSON of a million lines has a tenth of that
_AGAIN: Final = "scan the code again with «python -m advisor scan PATH --format json»"
_SCHEMA: Final = 1
_report: Final = TypeAdapter(ScanReport)


class ScanFileError(Exception):
    """A file that is no scan, or one that doesn't agree with itself: one line that names field and value."""


def read(path: Path) -> ScanReport:
    """What ``scan --format json`` wrote. Raises ScanFileError."""
    return understood(content(path), str(path))


def content(path: Path) -> dict[str, Any]:
    """The file's JSON, an object. Raises ScanFileError."""
    try:
        found = json.loads(contents(path, largest=LARGEST))
    except UnreadableFileError as error:
        raise ScanFileError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise ScanFileError(f"{path}: is not JSON: {error}; {_AGAIN}") from error
    if not isinstance(found, dict):
        raise ScanFileError(f"{path}: is no scan: it holds {type(found).__name__}, not an object; {_AGAIN}")
    return found


def understood(found: Mapping[str, Any], name: str) -> ScanReport:
    """The report in the JSON of a scan; what was added to it is passed over. Raises ScanFileError."""
    if found.get("schema") != _SCHEMA:
        raise ScanFileError(f"{name}: schema: {found.get('schema')!r} is not allowed; allowed: {_SCHEMA}; {_AGAIN}")
    try:
        report = _report.validate_json(json.dumps(found), strict=True)
    except ValidationError as error:
        raise ScanFileError(f"{name}: {mistake(error, ScanReport, found)}; {_AGAIN}") from error
    if wrong := _disagrees(report):
        raise ScanFileError(f"{name}: {wrong}; it was edited, or another version wrote it: {_AGAIN}")
    return report


def _disagrees(report: ScanReport) -> str:
    """Where a report doesn't follow from itself; "" if it does."""
    names: Counter[str] = Counter()
    for source in report.sources:
        for area, uses in source.uses.items():
            names[area] += sum(uses.values())
    for area, use in report.areas.items():
        if (stated := sum(use.uses.values())) != names[area]:
            return f"areas.{area}: names {stated:,}, and the files of sources {names[area]:,}"
    stated = sum(use.uses for use in report.frameworks.values())
    if stated != names.total():
        return f"frameworks: {stated:,} uses, and the files of sources have {names.total():,}"
    if report.coverage.lines < (lines := sum(source.lines for source in report.sources)):
        return f"coverage.lines: {report.coverage.lines:,}, and the files of sources have {lines:,}"
    known = {rule.id for rule in rules()}
    for place, one in enumerate(report.findings):
        if one.rule not in known:
            return f"findings.{place}.rule: there is no rule {one.rule!r}"
        if (one.severity == "perhaps") != (one.probability is not None):
            return f"findings.{place}.probability: {one.probability!r} of a finding that is {one.severity!r}"
        if one.line < 0 or not 0 <= (one.probability or 0.0) <= 1:
            return f"findings.{place}: line {one.line}, probability {one.probability!r}"
    return ""
