"""A scan instead of a guess: what its estimate of effort makes of the person-days of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from advisor.answers import Answers
from advisor.effort.report import EffortReport, OptionEffort, PersonDays
from advisor.knowledge import Knowledge
from advisor.knowledge.criteria import MigrationSpec
from advisor.knowledge.scanned_code import Days, ScannedCode, ScannedWay
from advisor.model.evidence import Evidence
from advisor.model.facts import Source
from advisor.wording.quantities import counted, person_days
from probes.schema import FRAMEWORKS, TITLES, Framework

_NONE: Days = (0.0, 0.0, 0.0)
_MIGRATIONS: Final = Source("Finished migrations, counted from their public histories", note="data/migrations.yaml")


def with_effort(knowledge: Knowledge, effort: EffortReport | None) -> Knowledge:
    """The same knowledge, with what a scan's estimate says of moving the code; unchanged without one.

    Skills count as the answers have them, whatever answers ``effort`` was made with.
    """
    if effort is None:
        return knowledge
    ways = {one.option: _way(one) for one in effort.options}
    record = next((one.record.sentence for one in effort.options if one.moves), "")
    return replace(knowledge, scanned=ScannedCode(ways, effort.seen.framework, effort.seen.lines, record))


def _way(one: OptionEffort) -> ScannedWay:
    if one.skills is None:
        return ScannedWay((), (), _days(one.days))
    return ScannedWay(one.skills.of, tuple(map(_days, one.skills.levels)), _days(one.skills.unknown))


def _days(days: PersonDays) -> Days:
    return days.p10, days.p50, days.p90


def scanned(answers: Answers, knowledge: Knowledge) -> ScannedCode | None:
    """The scan, unless the team says that there is no code to bring along: what it says goes before."""
    return None if answers.code.framework == "none" else knowledge.scanned


def with_code_as_read(answers: Answers, knowledge: Knowledge) -> Answers:
    """The answers with the framework that a scan saw, for what code can do rather than what a team wants of it."""
    found = scanned(answers, knowledge)
    if found is None or found.framework in (None, answers.code.framework):
        return answers
    return answers.model_copy(update={"code": answers.code.model_copy(update={"framework": found.framework})})


def of_side(found: ScannedCode, side: Framework, value: MigrationSpec, answers: Answers) -> Days:
    """Person-days for a framework. None where the team keeps its code and that has nothing to do with this side.

    At home it costs what bringing it to today's versions does, also for a team that keeps it.
    """
    code = answers.code.framework or found.framework
    kept = answers.code.plan == "keep" and code is not None and value.lines_a_day(code, keep=True)[side] is None
    if kept and side != _home(found):
        return _NONE
    return found.ways[side].days(answers)


def words(found: ScannedCode, days: Mapping[Framework, Days]) -> str:
    """What moving takes, by the scan, in a sentence."""
    size = "" if found.lines is None else f" ({counted(found.lines, 'line')} in files that name a framework)"
    said = []
    for side in FRAMEWORKS:
        what = f"bringing it to today's {TITLES[side]}" if side == _home(found) else f"a move to {TITLES[side]}"
        said.append(f"{what} takes {person_days(*days[side])}" if days[side][2] else f"{what} takes nothing")
    return f"By a scan of the code{size}, {' and '.join(said)}."


def _home(found: ScannedCode) -> Framework | None:
    """Whose the code is already."""
    match found.framework:
        case "pytorch":
            return "pytorch"
        case "tensorflow1" | "tensorflow2" | "keras" | "keras2" | "keras3":
            return "tensorflow"
    return None


def evidence(found: ScannedCode) -> Evidence:
    """Where the days come from, and how such estimates did."""
    return Evidence("scan", "code", f"Estimated from a scan of your code. {found.record}".strip(), source=_MIGRATIONS)
