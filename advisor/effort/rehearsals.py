"""What rehearsals say of a team's code: how much of it ran where it might go, and which calls are known to fail there.

Only the share of the code that a rehearsed model is, and only of its models: a rehearsal runs a network and one step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from advisor.effort.constructs import Constructs, FileConstructs
from advisor.effort.rates import EffortWay, RehearsedUntil
from advisor.scan.report import Concern, FoundFramework, ScanReport
from advisor.scan.rules import rules
from probes.rehearsal.schema import RanFile, Rehearsal, RehearsedWay
from probes.schema import Framework

#: Whose names a side's half is written in: what the scan calls Keras lives in TensorFlow's half.
_WRITTEN_IN: Final[Mapping[Framework, tuple[FoundFramework, ...]]] = {
    "pytorch": ("pytorch",),
    "tensorflow": ("tensorflow", "keras"),
}
_NAMED: Final = 5  # files that an error offers
MOST: Final = 64  # rehearsals that are looked at, the newest
T = TypeVar("T")


class ForeignRehearsalError(ValueError):
    """A rehearsal of code that this isn't: one line that names field and value."""


@dataclass(frozen=True, slots=True)
class RehearsedShare:
    """Of a framework's constructs in models: those that ``passed``, and how many calls ``failed`` that nothing in the
    code's findings counts yet."""

    passed: Constructs = field(default_factory=Constructs)
    failed: int = 0


#: By framework. Always of the area «model».
Rehearsed: TypeAlias = Mapping[FoundFramework, RehearsedShare]


@dataclass(frozen=True, slots=True)
class RehearsedTry:
    """A way of a rehearsal that says something of an option. ``passed``: None where it was not tried to its end."""

    rehearsal: Rehearsal
    way: RehearsedWay
    passed: bool | None
    files: Mapping[str, float]  # of the scan: the share of each that ran
    counted: bool = False  # what failed is a finding already


def check(report: ScanReport, rehearsals: Sequence[Rehearsal]) -> None:
    """Raises ForeignRehearsalError for one of other code, or of code that has changed, and for two of one file."""
    seen: set[str] = set()
    for one in rehearsals:
        name, sha256 = one.file.name, one.file.sha256
        if sha256 in seen:
            raise ForeignRehearsalError(f"file.sha256: {sha256!r} ({name}) is there twice; allowed: a file once")
        seen.add(sha256)
        if not concerns(report, one):
            files = [source.file for source in report.sources if source.sha256]
            more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
            allowed = f"{', '.join(files[:_NAMED])}{more}" if files else "none, for no file here names a framework"
            raise ForeignRehearsalError(
                f"file.sha256: {sha256!r} ({name}), and no file that ran with it is in this code as it was rehearsed; "
                f"allowed: a rehearsal of {allowed}. If the code has changed since, rehearse it again"
            )


def concerns(report: ScanReport, rehearsal: Rehearsal) -> bool:
    """Whether anything that ran is in this code, byte for byte."""
    return any(_shares(report, files) for files in rehearsal.ran.values())


def of_code(report: ScanReport, rehearsals: Iterable[tuple[T, Rehearsal]]) -> tuple[tuple[T, Rehearsal], ...]:
    """Those that concern this code, each beside what it is known by; of each file the first, of ``MOST`` in all."""
    of: dict[str, tuple[T, Rehearsal]] = {}
    for one in islice(rehearsals, MOST):
        if concerns(report, one[1]):
            of.setdefault(one[1].file.sha256, one)
    return tuple(of.values())


def tries(
    report: ScanReport,
    rehearsals: Sequence[Rehearsal],
    way: EffortWay,
    concerned: Mapping[FoundFramework, Collection[Concern]],
) -> tuple[RehearsedTry, ...]:
    """What rehearsals of this code say of an option. ``concerned``: which findings count for each framework."""
    return tuple(_tries(report, rehearsals, way, concerned))


def _tries(
    report: ScanReport,
    rehearsals: Sequence[Rehearsal],
    way: EffortWay,
    concerned: Mapping[FoundFramework, Collection[Concern]],
) -> Iterator[RehearsedTry]:
    for one in rehearsals:
        for tried in one.ways:
            until = way.rehearsals.get(tried.id)
            if until is None or tried.outcome == "no half":
                continue
            ran = one.ran.get(tried.begins_with, ())
            counted = _is_found(report, ran, tried, concerned)
            yield RehearsedTry(one, tried, _passed(tried, until), _shares(report, ran), counted)


def share(tried: Sequence[RehearsedTry], files: Sequence[FileConstructs]) -> Rehearsed:
    """All of it together. A file of which something failed counts as nothing that passed."""
    spoilt = {path for one in tried if one.passed is False for path in one.files}
    best: dict[tuple[Framework, str], float] = {}
    for one in tried:
        if one.passed:
            for path, part in one.files.items():
                key = one.way.begins_with, path
                best[key] = max(best.get(key, 0.0), part)
    held = {file.file: file.held for file in files}
    found: dict[FoundFramework, RehearsedShare] = {}
    for (side, path), part in best.items():
        for framework in _WRITTEN_IN[side] if path not in spoilt else ():
            if (here := held.get(path, {}).get((framework, "model"))) is not None:
                before = found.get(framework, RehearsedShare())
                found[framework] = RehearsedShare(before.passed + here.times(part), before.failed)
    for one in tried:
        if one.passed is False and one.files and not one.counted and (whose := _whose(one, files)) is not None:
            before = found.get(whose, RehearsedShare())
            found[whose] = RehearsedShare(before.passed, before.failed + 1)
    return found


def ran_of(one: RehearsedTry, files: Sequence[FileConstructs]) -> Constructs:
    """What ran with it of the constructs in models that an option moves."""
    whose = _WRITTEN_IN[one.way.begins_with]
    parts = (
        held.times(one.files[file.file])
        for file in files if file.file in one.files
        for (framework, area), held in file.held.items() if area == "model" and framework in whose
    )  # fmt: skip
    return sum(parts, start=Constructs())


def _whose(one: RehearsedTry, files: Sequence[FileConstructs]) -> FoundFramework | None:
    """Whose call failed: by its name, or else the one that those files hold most of; None without any in models."""
    sizes: dict[FoundFramework, float] = {}
    for file in files:
        for framework in _WRITTEN_IN[one.way.begins_with] if file.file in one.files else ():
            if (held := file.held.get((framework, "model"))) is not None:
                sizes[framework] = sizes.get(framework, 0.0) + held.names + held.found
    named = one.way.failure.call.partition(".")[0] if one.way.failure else ""
    return next((one for one in sizes if one == named), max(sizes, key=lambda one: sizes[one], default=None))


def _passed(way: RehearsedWay, until: RehearsedUntil) -> bool | None:
    """All the way: whether it answers and learns alike. To the export: whether that answers alike, come what may."""
    match way.outcome:
        case "same":
            return True
        case "answers only":
            return until == "export"
        case "different":
            return until == "export" and way.parting is not None and way.parting.stage == "move"
        case "refused" if way.failure is not None and way.failure.stage != "model":
            return until == "export" and way.failure.stage == "move"
    return None


def _shares(report: ScanReport, ran: Sequence[RanFile]) -> dict[str, float]:
    """By path in the scan, the share of each file that ran; two equal files are both of it."""
    parts = {one.sha256: one.ran / one.lines for one in ran if one.lines}
    return {one.file: parts[one.sha256] for one in report.sources if one.sha256 in parts}


def _is_found(
    report: ScanReport,
    ran: Sequence[RanFile],
    way: RehearsedWay,
    concerned: Mapping[FoundFramework, Collection[Concern]],
) -> bool:
    """Whether a rule says already that the line which failed has to change."""
    failure = way.failure
    if failure is None or not failure.own:
        return False
    there = _shares(report, [one for one in ran if one.file == failure.file])
    of_rules = {rule.id: rule.framework for rule in rules()}
    return any(
        one.file in there and one.line == failure.line and one.severity == "must"
        and one.concern in concerned.get(of_rules[one.rule], ())
        for one in report.findings if one.rule in of_rules
    )  # fmt: skip
