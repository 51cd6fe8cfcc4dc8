"""What a scan of the team's code says of moving it: person-days of each option, for every level of the team.

``advisor.effort`` estimates them; ``advisor.decision.evidence.scanned_code`` brings them into the knowledge of one
decision, as ``route_runs`` does with what was tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from advisor.answers import Answers, CodeFramework, SkillName

#: Person-days: low, likely, high; of a scan P10, P50, P90.
Days: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ScannedWay:
    """What one option takes. ``levels``: by the best of the team's ``skills``, 0 to 5; ``unknown``: none is said."""

    skills: tuple[SkillName, ...]
    levels: tuple[Days, ...]
    unknown: Days

    def days(self, answers: Answers) -> Days:
        """With the team's own skills."""
        known = [answers.team.skills[name] for name in self.skills if name in answers.team.skills]
        return self.levels[max(known)] if known and self.levels else self.unknown


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """A scan, as a decision needs it. ``framework`` and ``lines``: what the code shows, None for nothing.

    ``record``: how such estimates did, one sentence.
    """

    ways: Mapping[str, ScannedWay]  # by option of data/options.yaml; those that the code leaves open
    framework: CodeFramework | None
    lines: int | None
    record: str
