"""A report as SARIF 2.1.0, for code scanning: rules, results with fingerprints, and blind spots as notifications."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any, Final
from urllib.parse import quote

from advisor.scan.engine import index, message
from advisor.scan.report import BlindSpot, CodeFinding, ScanReport
from advisor.scan.rules import CodeRule
from probes.system.sentences import upper_first

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"must": "error", "perhaps": "warning", "nice": "note"}
_ROOT: Final = "SRCROOT"


def to_sarif(report: ScanReport) -> str:
    """Paths are relative to the tree; columns aren't told."""
    return json.dumps(as_sarif(report), indent=2, ensure_ascii=False)


def as_sarif(report: ScanReport) -> dict[str, Any]:
    """One run with all rules, so that a rule that isn't broken is known to have been looked for."""
    rules = index().known
    places = {rule.id: place for place, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    run = {
        "invocations": [{
            "executionSuccessful": True,
            "toolExecutionNotifications": [_notification(spot) for spot in report.blind_spots],
        }],
        "tool": {"driver": {
            "name": "Fulcrum", "rules": [_rule(rule) for rule in rules],
        }},
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder or archive that was scanned."}}},
        "results": [_result(one, places[one.rule], seen) for one in report.findings],
        "columnKind": "utf16CodeUnits",
    }  # fmt: skip
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: CodeRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": upper_first(rule.title)},
        "fullDescription": {"text": message(rule)},
        "helpUri": rule.source,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.concern, rule.framework], "since": rule.since},
    }


def _result(one: CodeFinding, place: int, seen: Counter[str]) -> dict[str, Any]:
    """The fingerprint survives lines that move: file, rule, name, and which of them it is."""
    stem = "\0".join((one.file, one.rule, one.name, str(one.cell)))
    seen[stem] += 1
    said = one.message if one.cell is None else f"Cell {one.cell}, line {one.line}. {one.message}"
    properties: dict[str, Any] = {"concern": one.concern, "area": one.area, "name": one.name}
    if one.probability is not None:
        properties["probability"] = one.probability
    return {
        "ruleId": one.rule,
        "ruleIndex": place,
        "level": _LEVELS[one.severity],
        "message": {"text": said},
        "locations": [_location(one.file, one.line if one.cell is None else 0)],
        "partialFingerprints": {"fulcrum/v1": hashlib.sha256(f"{stem}\0{seen[stem]}".encode()).hexdigest()[:32]},
        "properties": properties,
    }


def _notification(spot: BlindSpot) -> dict[str, Any]:
    found: dict[str, Any] = {
        "level": "warning",
        "message": {"text": f"{spot.count:,} {spot.said}" if spot.count > 1 else spot.said},
        "properties": {"kind": spot.kind},
    }
    if spot.file:
        found["locations"] = [_location(spot.file, spot.line)]
    return found


def _location(file: str, line: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file), "uriBaseId": _ROOT}}
    if line:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}
