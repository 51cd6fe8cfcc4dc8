"""What the code says of the questions on existing code: proposed to whoever answers, and never put in by itself."""

from __future__ import annotations

import re
from typing import Final, get_args

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from advisor.answers import CodeFramework, PythonVersion
from advisor.effort.report import SeenAnswers
from advisor.lifecycle.code_bounds import is_tensorflow
from advisor.scan.report import ScanReport
from advisor.scan.rules import stays_below, tensorflow1

_OF_TENSORFLOW_1: Final = frozenset(rule.id for rule in tensorflow1.RULES if rule.severity == "must")
#: Share of a framework's names in code up to which old ones are leftovers, and above it what the code is written in.
LEFTOVERS: Final = 0.05
_PYTHONS: Final[tuple[PythonVersion, ...]] = get_args(PythonVersion)  # those that the brief asks about
_KERAS: Final[dict[str | None, CodeFramework]] = {"2": "keras2", "3": "keras3"}


def seen(report: ScanReport) -> SeenAnswers:
    """Framework, lines of files that name one, and the newest Python that the project allows."""
    lines = None if report.primary == "none" else sum(source.lines for source in report.sources)
    return SeenAnswers(_framework(report), lines, _python(report))


def _framework(report: ScanReport) -> CodeFramework | None:
    match report.primary:
        case "none":
            return None if report.blind_spots else "none"
        case "keras":
            use = report.frameworks.get("keras")
            return _KERAS.get((use.major if use else None) or _of_tensorflow(report), "keras")
        case "tensorflow":
            found = sum(one.rule in _OF_TENSORFLOW_1 for one in report.findings)
            uses = sum(use.uses for name, use in report.frameworks.items() if name in ("tensorflow", "keras"))
            return "tensorflow1" if found > LEFTOVERS * uses else "tensorflow2"
        case "pytorch" | "jax" | "mixed":
            return report.primary


def _of_tensorflow(report: ScanReport) -> str | None:
    """Which Keras comes with the TensorFlow that the project asks for: 3 from 2.16 on, which says its own guide."""
    asked = [one.specifier for one in report.dependencies if is_tensorflow(one.name) and one.specifier]
    if any(stays_below(one, "2.16") for one in asked):
        return "2"
    before = [f"2.{minor}.0" for minor in range(16)]
    try:
        return "3" if any(not any(one in SpecifierSet(given) for one in before) for given in asked) else None
    except InvalidSpecifier:
        return None


def _python(report: ScanReport) -> str | None:
    asked = [one.specifier for one in report.dependencies if one.name == "python" and re.search(r"\d", one.specifier)]
    try:
        allowed = SpecifierSet(",".join(asked))
    except InvalidSpecifier:
        return None
    fitting = [one for one in _PYTHONS if f"{one}.99" in allowed or f"{one}.0" in allowed] if asked else []
    return fitting[-1] if fitting and len(fitting) < len(_PYTHONS) else None
