"""The team's skills from a CSV file: one line a member, with columns name, pytorch and tensorflow."""

from __future__ import annotations

import csv
import io
from statistics import median_low
from typing import Final

from pydantic import ValidationError

from advisor.answers import Member, SkillName, Team
from advisor.questionnaire.errors import AnswersError, from_pydantic, shown
from advisor.wording.quantities import counted
from probes.schema import FRAMEWORKS

COLUMNS: Final = ("name", "pytorch", "tensorflow")
MOST: Final = 1_000  # members
LARGEST: Final = 200_000  # characters
_LEVELS: Final = "whole numbers from 0 to 5"


def read(text: str) -> tuple[Member, ...]:
    """The members in a CSV text. Raises AnswersError naming line, column, value and what is allowed; nothing is
    half-taken. Columns may come in any order, separated by commas or semicolons; a level may be left empty.
    """
    if len(text) > LARGEST:
        raise AnswersError("", f"{len(text):,} characters", f"a CSV file of at most {LARGEST:,}", problem="")
    lines = io.StringIO(text.lstrip("\ufeff"), newline=None)  # whatever the lines end in
    first = lines.getvalue().partition("\n")[0]
    reader = csv.reader(lines, delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        named = [name.strip().lower() for name in next(reader, [])]
        if sorted(named) != sorted(COLUMNS):
            raise AnswersError("line 1", shown(", ".join(named)), f"the columns {', '.join(COLUMNS)}", problem="")
        members = [_member(named, row, reader.line_num) for row in reader if any(value.strip() for value in row)]
    except csv.Error as error:
        raise AnswersError(f"line {reader.line_num}", str(error), "text that is CSV", problem="") from error
    if not 1 <= len(members) <= MOST:
        raise AnswersError("", counted(len(members), "member"), f"1 to {MOST:,} members, a line each", problem="")
    names = [member.name for member in members]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise AnswersError("column name", f"{shown(twice)} named twice", "each member once", problem="")
    return tuple(members)


def _member(named: list[str], values: list[str], line: int) -> Member:
    if len(values) != len(named):
        raise AnswersError(f"line {line}", counted(len(values), "value"), f"{len(named)} values", problem="")
    row = dict(zip(named, values, strict=True))
    levels = {side: _level(row, side, line) for side in FRAMEWORKS}
    try:
        return Member.model_validate({"name": row["name"], **levels})
    except ValidationError as error:
        found = from_pydantic(error, Member)
        raise AnswersError(f"line {line}, column name", found.value, found.allowed, found.problem) from error


def _level(row: dict[str, str], column: str, line: int) -> int | None:
    text = row[column].strip()
    if text == "":
        return None
    if text not in {str(level) for level in range(6)}:
        raise AnswersError(f"line {line}, column {column}", shown(text), _LEVELS)
    return int(text)


def applied(team: Team, members: tuple[Member, ...]) -> Team:
    """``team`` with these members: its levels are their medians (the lower middle one), its size their number."""
    skills = dict(team.skills) | _medians(members)
    return team.model_copy(update={"members": members, "skills": skills, "size": len(members)})


def completed(team: Team) -> Team:
    """``team`` with what its members say where nothing else was said."""
    skills = _medians(team.members) | dict(team.skills)
    return team.model_copy(update={"skills": skills, "size": team.size or len(team.members) or None})


def _medians(members: tuple[Member, ...]) -> dict[SkillName, int]:
    found: dict[SkillName, int] = {}
    for side in FRAMEWORKS:
        known = [level for member in members if (level := getattr(member, side)) is not None]
        if known:
            found[side] = median_low(known)
    return found
