"""Values from the team itself: what its people know, and what bringing its code along would take."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from advisor.answers import Answers
from advisor.decision.evidence import scanned_code
from advisor.decision.evidence.assessment import Assessment, fact_evidence
from advisor.decision.evidence.values import Independent, unknown
from advisor.knowledge import Knowledge, cited
from advisor.knowledge.criteria import Carried, CriterionSpec, MigrationSpec, SkillsSpec, anchor_at
from advisor.knowledge.scanned_code import Days, ScannedCode
from advisor.model.evidence import Cell, Evidence
from advisor.wording.quantities import counted, percent
from advisor.wording.quantities import person_days as person_days_words
from probes.schema import FRAMEWORKS, TITLES, Framework

#: Code as it stands in «your … code».
CODE_NAMES = {
    "pytorch": "PyTorch", "tensorflow1": "TensorFlow 1", "tensorflow2": "TensorFlow 2", "keras": "Keras",
    "keras2": "Keras 2", "keras3": "Keras 3", "jax": "JAX", "javascript": "JavaScript",
    "mixed": "PyTorch and TensorFlow", "both": "PyTorch and TensorFlow",
}  # fmt: skip


def skills(spec: CriterionSpec, value: SkillsSpec, answers: Answers) -> Assessment:
    """The team's own levels; a side that was not named is unknown."""
    cells: dict[Framework, Cell] = {}
    evidence: list[Evidence] = []
    for side in FRAMEWORKS:
        known = answers.team.skills.get(side)
        if known is None:
            cells[side] = unknown(f"How well the team knows {TITLES[side]} is not answered.")
            continue
        carried = _carried(value, side, answers)
        middle = _between_members(answers, side) or (known, known)
        low, high = max(min(middle[0], known) - value.doubt, 0.0), min(max(middle[1], known) + value.doubt, 5.0)
        least, likely, most = (carried.least, carried.likely, carried.most) if carried else (1.0, 1.0, 1.0)
        cells[side] = Cell(low * least / 5, known * likely / 5, high * most / 5)
        evidence.append(Evidence("answer", f"team.skills.{side}", f"{TITLES[side]}: {known} of 5"))
        if carried:
            evidence.append(Evidence("judgement", spec.id, _carried_words(carried, answers)))
    missing = tuple(f"team.skills.{side}" for side in FRAMEWORKS if side not in answers.team.skills)
    return Assessment(
        spec.criterion, spec.id, Independent(cells["pytorch"], cells["tensorflow"]),
        "unknown" if missing else "answered", _skills_words(answers, value), tuple(evidence), open_questions=missing,
    )  # fmt: skip


def _between_members(answers: Answers, side: Framework) -> tuple[float, float] | None:
    """The middle half of the members' levels: whoever does the work may know more or less than the median."""
    levels = sorted(level for m in answers.team.members if (level := getattr(m, side)) is not None)
    if not levels:
        return None
    low, high = np.quantile(levels, [0.25, 0.75]).tolist()
    return low, high


#: Weeks in which somebody climbs one level while working: quick, likely, slow. Our own estimate; no study was found.
WEEKS_A_LEVEL: tuple[float, float, float] = (1.0, 3.0, 6.0)
SOLID = 3  # from this level on people work on their own


def ramp_up(level: float) -> tuple[float, float, float] | None:
    """Weeks until people of ``level`` work on their own: quick, likely, slow; None if they do already."""
    if level >= SOLID:
        return None
    quick, likely, slow = ((SOLID - level) * weeks for weeks in WEEKS_A_LEVEL)
    return quick, likely, slow


def _ramp_up_words(levels: Mapping[Framework, int]) -> str:
    said = [
        f"It takes about {counted(round(weeks[1]), 'week')} each ({weeks[0]:.0f} to {weeks[2]:.0f}, our own estimate) "
        f"until they work on their own with {TITLES[side]}."
        for side, level in levels.items()
        if (weeks := ramp_up(level)) is not None
    ]
    return "".join(f" {part}" for part in said)


def _carried(value: SkillsSpec, side: Framework, answers: Answers) -> Carried | None:
    """How much of a level counts, where it was got with a version that is not today's and the code may leave it."""
    found = value.carried.get(answers.code.framework or "")
    return found if found is not None and found.side == side and answers.code.plan != "keep" else None


def _carried_words(carried: Carried, answers: Answers) -> str:
    code = CODE_NAMES[str(answers.code.framework)]
    return (
        f"{code} is what the team knows, and {carried.because}: of its level {percent(carried.likely)} counts here "
        f"({percent(carried.least)} to {percent(carried.most)}; our own estimate)."
    )


def _skills_words(answers: Answers, value: SkillsSpec) -> str:
    levels = [answers.team.skills.get(side) for side in FRAMEWORKS]
    pytorch, tensorflow = levels
    if pytorch is None or tensorflow is None:
        return "How well the team knows both frameworks is not answered."
    learning = _ramp_up_words({"pytorch": pytorch, "tensorflow": tensorflow})
    for side in FRAMEWORKS:
        if carried := _carried(value, side, answers):
            learning += f" {_carried_words(carried, answers)}"
    if pytorch == tensorflow:
        return f"The team knows both equally well ({pytorch} of 5).{learning}"
    better, worse = ("PyTorch", "TensorFlow") if pytorch > tensorflow else ("TensorFlow", "PyTorch")
    high, low = max(pytorch, tensorflow), min(pytorch, tensorflow)
    return f"The team knows {better} better ({high} of 5) than {worse} ({low} of 5).{learning}"


def migration(spec: CriterionSpec, value: MigrationSpec, answers: Answers, knowledge: Knowledge) -> Assessment:
    """Person-days to bring the code along: a scan's, or else lines divided by lines a day, low to high."""
    if found := scanned_code.scanned(answers, knowledge):
        return _scanned(spec, value, answers, found)
    framework = answers.code.framework
    if framework is None:
        reason = "Which code exists already is not answered."
        cell = unknown(reason)
        missing = ("code.framework",)
        return Assessment(spec.criterion, spec.id, Independent(cell, cell), "unknown", reason, open_questions=missing)
    lines = lines_of(value, answers)
    rates = value.lines_a_day(framework, keep=answers.code.plan == "keep")
    days = {side: person_days(rates[side], lines) for side in FRAMEWORKS}
    cells = {side: days_cell(days[side], out_of_reach(value, answers)) for side in FRAMEWORKS}
    facts = () if framework == "none" else cited(knowledge, value.facts)
    size = f", {counted(answers.code.lines, 'line')}" if answers.code.lines is not None else ""
    code = f"Existing code: {CODE_NAMES.get(framework, 'none')}{size}"
    evidence = [Evidence("answer", "code.framework", code), *(fact_evidence(fact) for fact in facts)]
    if framework != "none":
        evidence += _at_the_stage(spec, value, answers)
    open_questions = ("code.lines",) if answers.code.lines is None and framework != "none" else ()
    return Assessment(
        spec.criterion, spec.id, Independent(cells["pytorch"], cells["tensorflow"]), "answered",
        _migration_words(answers, value, days), tuple(evidence), open_questions=open_questions,
    )  # fmt: skip


def _at_the_stage(spec: CriterionSpec, value: MigrationSpec, answers: Answers) -> list[Evidence]:
    """What is out of reach at the project's stage, where that isn't what it is elsewhere."""
    anchor = anchor_at(answers.stage, value.stages)
    if anchor is None:
        return []
    text = f"{anchor.full:g} person-days are out of reach here, not {value.full:g} as elsewhere: {anchor.because}."
    return [Evidence("judgement", spec.id, text)]


def _scanned(spec: CriterionSpec, value: MigrationSpec, answers: Answers, found: ScannedCode) -> Assessment:
    days = {side: scanned_code.of_side(found, side, value, answers) for side in FRAMEWORKS}
    cells = {side: days_cell(days[side], out_of_reach(value, answers)) for side in FRAMEWORKS}
    evidence = (scanned_code.evidence(found), *_at_the_stage(spec, value, answers))
    return Assessment(
        spec.criterion, spec.id, Independent(cells["pytorch"], cells["tensorflow"]), "answered",
        scanned_code.words(found, days), evidence,
    )  # fmt: skip


def lines_of(value: MigrationSpec, answers: Answers) -> tuple[float, float, float]:
    """How many lines there are to move: low, likely, high."""
    return value.lines_unknown if answers.code.lines is None else (answers.code.lines,) * 3


def out_of_reach(value: MigrationSpec, answers: Answers) -> float:
    """The person-days that are worth nothing at the project's stage."""
    anchor = anchor_at(answers.stage, value.stages)
    return anchor.full if anchor else value.full


def person_days(rates: tuple[float, float, float] | None, lines: tuple[float, float, float]) -> Days:
    """Days (low, likely, high) for so many ``lines`` at ``rates`` of lines a day (slow, likely, fast); None: none."""
    if rates is None:
        return 0.0, 0.0, 0.0
    slow, likely, fast = rates
    return lines[0] / fast, lines[1] / likely, lines[2] / slow


def days_cell(days: Days, full: float) -> Cell:
    """What ``days`` are worth: none is 1, ``full`` and beyond is 0."""
    low, likely, high = (min(max(1 - day / full, 0.0), 1.0) for day in reversed(days))
    return Cell(low, likely, high)


def _migration_words(answers: Answers, value: MigrationSpec, days: Mapping[Framework, Days]) -> str:
    framework, lines = str(answers.code.framework), answers.code.lines
    if framework == "none":
        return "There is no code to bring along."
    if framework == "both":
        return "There is a complete backend in either framework: nothing has to be moved."
    size = "" if lines is None else f" ({counted(lines, 'line')})"
    code = f"Your {CODE_NAMES[framework]} code{size}"
    kept = [side for side in FRAMEWORKS if days[side][2] == 0]
    moved = [side for side in FRAMEWORKS if days[side][2] > 0]
    costs = "; ".join(f"a move to {TITLES[side]} takes {person_days_words(*days[side])}" for side in moved)
    if not moved:
        return f"{code} {value.how_it_stays(framework, 'pytorch') or 'stays as it is'}, whichever is chosen."
    if kept:
        how = value.how_it_stays(framework, kept[0]) or f"stays as it is with {TITLES[kept[0]]}"
        return f"{code} {how}; {costs}, by estimate."
    if framework == "mixed":
        return f"Your code{size} is partly in PyTorch and partly in TensorFlow; {costs}, by estimate."
    return f"{code} would have to be moved for either: {costs}, by estimate."
