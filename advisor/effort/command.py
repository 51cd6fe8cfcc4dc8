"""What ``python -m advisor scan`` prints: what was found, what each way costs, and until when it can stay."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from advisor.answers import Answers
from advisor.effort import output as effort_output
from advisor.effort.estimate import estimate
from advisor.effort.pins import clock_of
from advisor.effort.proposals import proposals
from advisor.effort.rehearsals import ForeignRehearsalError, check
from advisor.effort.report import EFFORT_AREAS, EffortReport, Survival
from advisor.scan import engine, output, sarif
from advisor.scan.archives import opened
from advisor.scan.files import ScanFileError, content, understood
from advisor.scan.limits import ScanClock, ScanError, ScanLimits
from advisor.scan.report import AreaFate, ScanReport
from probes.rehearsal import reading
from probes.rehearsal.reading import RehearsalFileError
from probes.rehearsal.schema import Rehearsal

Form: TypeAlias = Literal["text", "json", "sarif", "markdown"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)

__all__ = ["FORMS", "Form", "RehearsalFileError", "ScanError", "ScanFileError", "reread", "shown"]


def shown(
    path: Path,
    form: Form,
    day: date,
    answers: Answers | None,
    survival: Survival,
    rehearsed: Sequence[Path] = (),
) -> str:
    """A scan in one of ``FORMS``; ``day`` is that of the support clock. ``rehearsed``: files of rehearsals.

    Raises ScanError, RehearsalFileError.
    """
    rehearsals = [reading.read(one) for one in rehearsed]
    limits, own = ScanLimits(), answers or Answers()
    clock = ScanClock(limits.seconds)
    with opened(path, limits, clock) as root:
        report = engine.scan_opened(root, limits, clock)
        _of_this_code(report, rehearsals, rehearsed)
        if form == "sarif":
            return sarif.to_sarif(report)
        pins = clock_of(root, report, day, own)
    effort = estimate(report, own, survival={**own.code_parts, **survival}, rehearsals=rehearsals)
    beside = (effort, pins, proposals(report, own))
    match form:
        case "json":
            data = {**output.as_data(report), **effort_output.as_data(*beside)}
            return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
        case "text":
            return f"{output.to_text(report)}\n\n{effort_output.to_text(report, *beside)}"
        case "markdown":
            return f"{output.to_markdown(report)}\n{effort_output.to_markdown(report, *beside)}"


@dataclass(frozen=True, slots=True)
class Reread:
    """The JSON of a scan, worked out again. ``shows``: what the code shows and the answers don't say, a sentence each;
    ``section``: the scan as a section of a decision's document.
    """

    effort: EffortReport
    shows: tuple[str, ...]
    section: str


def reread(path: Path, answers: Answers) -> Reread:
    """The estimate from what the JSON of a scan holds, with today's rates and these answers. Raises ScanFileError.

    What was found counts, what rehearsals found too, and what becomes of the areas, unless the answers say it; figures
    in the file don't.
    """
    found = content(path)
    report = understood(found, str(path))
    survival = {**_survival(found.get("survival", {}), path), **answers.code_parts}
    effort = estimate(report, answers, survival=survival, rehearsals=_rehearsals(found, report, path))
    shows = tuple(effort_output.sentence(one) for one in proposals(report, answers))
    return Reread(effort, shows, effort_output.section(report, effort))


def _of_this_code(report: ScanReport, rehearsals: Sequence[Rehearsal], files: Sequence[Path]) -> None:
    """Raises RehearsalFileError naming the file whose rehearsal is of other code, or of the code of another file."""
    for number, file in enumerate(files, start=1):
        try:
            check(report, rehearsals[:number])
        except ForeignRehearsalError as error:
            raise RehearsalFileError(f"{file}: {error}") from error


def _rehearsals(found: Mapping[str, object], report: ScanReport, path: Path) -> Sequence[Rehearsal]:
    given = found.get("rehearsals", [])
    if not isinstance(given, list):
        raise ScanFileError(f"{path}: rehearsals: {type(given).__name__} is not allowed; allowed: a list of rehearsals")
    try:
        rehearsals = [reading.understood(one, f"{path}: rehearsals.{place}") for place, one in enumerate(given)]
        check(report, rehearsals)
    except RehearsalFileError as error:
        raise ScanFileError(str(error)) from error
    except ForeignRehearsalError as error:
        raise ScanFileError(f"{path}: rehearsals: {error}") from error
    return rehearsals


def _survival(fates: object, path: Path) -> Survival:
    if not isinstance(fates, dict):
        raise ScanFileError(f"{path}: survival: {fates!r} is no table of areas")
    for area, fate in fates.items():
        if area not in EFFORT_AREAS:
            raise ScanFileError(f"{path}: survival: {area!r} is no area; allowed: {', '.join(EFFORT_AREAS)}")
        if fate not in get_args(AreaFate):
            allowed = ", ".join(get_args(AreaFate))
            raise ScanFileError(f"{path}: survival.{area}: {fate!r} is not allowed; allowed: {allowed}")
    return fates
