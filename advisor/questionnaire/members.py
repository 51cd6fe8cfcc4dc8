"""The team's skills from a CSV file: one line a member, with columns name, pytorch and tensorflow."""

from __future__ import annotations

import csv
import io
from statistics import median
from typing import Final

from advisor.model import Member, Team
from advisor.questionnaire.errors import AnswersError, shown

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
    first = text.lstrip("\ufeff").partition("\n")[0]
    rows = csv.DictReader(
        io.StringIO(text.lstrip("\ufeff")), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    named = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    if sorted(named) != sorted(COLUMNS):
        raise AnswersError("line 1", shown(", ".join(named)), f"the columns {', '.join(COLUMNS)}", problem="")
    rows.fieldnames = named
    members = [_member(row, rows.line_num) for row in rows if any(row.values())]
    if not 1 <= len(members) <= MOST:
        raise AnswersError("", f"{len(members)} members", f"1 to {MOST:,} members, a line each", problem="")
    return tuple(members)


def _member(row: dict[str, str | None], line: int) -> Member:
    if None in row or any(value is None for value in row.values()):
        raise AnswersError(f"line {line}", f"{len(row)} values", f"{len(COLUMNS)} values", problem="")
    name = (row["name"] or "").strip()
    if not 1 <= len(name) <= 80:
        raise AnswersError(f"line {line}, column name", shown(name), "text of 1 to 80 characters")
    return Member(name=name, pytorch=_level(row, "pytorch", line), tensorflow=_level(row, "tensorflow", line))


def _level(row: dict[str, str | None], column: str, line: int) -> int | None:
    text = (row[column] or "").strip()
    if text == "":
        return None
    if text not in {str(level) for level in range(6)}:
        raise AnswersError(f"line {line}, column {column}", shown(text), _LEVELS)
    return int(text)


def applied(team: Team, members: tuple[Member, ...]) -> Team:
    """``team`` with these members: its levels are their medians (the lower middle one), its size their number."""
    skills = dict(team.skills)
    for side in ("pytorch", "tensorflow"):
        known = [level for member in members if (level := getattr(member, side)) is not None]
        if known:
            skills[side] = int(median(known))
    return team.model_copy(update={"members": members, "skills": skills, "size": len(members)})
