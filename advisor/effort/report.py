"""What an estimate of effort says, all frozen. Days are person-days of ``minutes_a_day`` in ``data/effort.yaml``.

An author-day, which the record counts in, is a day on which somebody's commit touches such a file. It may hold less
work than a person-day, and work that leads to no commit isn't in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from advisor.answers import CodeFramework, SkillName
from advisor.scan.report import CODE_AREAS, AreaFate, CodeArea
from probes.rehearsal.schema import Rehearsal, RehearsalOutcome

#: ``elsewhere``: code of a framework that belongs to no area of its own.
EffortArea: TypeAlias = CodeArea | Literal["elsewhere"]
#: What becomes of areas: brought along as it is, given up, or brought along in another design. Others are kept.
Survival: TypeAlias = Mapping[EffortArea, AreaFate]
FloorKind: TypeAlias = Literal["set_up", "parity", "retraining"]
PartKind: TypeAlias = Literal["area", "floor"]
PhaseId: TypeAlias = Literal["prepare", "first_model", "training", "around", "prove"]
EFFORT_AREAS: Final[tuple[EffortArea, ...]] = (*CODE_AREAS, "elsewhere")


@dataclass(frozen=True, slots=True)
class PersonDays:
    """Quantiles of a distribution, ≥ 0: one in ten lies below ``p10``, one in ten above ``p90``."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class AutomatedShare:
    """What a tool takes off an area or an option. ``days``: median of what it saves, already taken off."""

    tool: str  # id in data/effort.yaml
    title: str
    days: float
    source: str
    because: str


@dataclass(frozen=True, slots=True)
class AreaEffort:
    """One area on one way.

    ``names``: names of frameworks in it that move. ``findings``: lines of them that a rule names. ``lines``: of the
    files, shared out by their names. ``fate``: what becomes of it; a dropped area has no days.
    """

    area: EffortArea
    title: str
    fate: AreaFate
    names: int
    findings: int
    lines: int
    files: int
    days: PersonDays
    tools: tuple[AutomatedShare, ...]


@dataclass(frozen=True, slots=True)
class FloorEffort:
    """What a move costs however little code there is."""

    kind: FloorKind
    title: str
    days: PersonDays
    because: str


@dataclass(frozen=True, slots=True)
class EffortPart:
    """One of the largest parts. ``share``: of the option's mean, 0 to 1."""

    kind: PartKind
    id: str  # an EffortArea or a FloorKind
    title: str
    days: PersonDays
    share: float


@dataclass(frozen=True, slots=True)
class EffortPhase:
    """A step of the plan, in order: what it takes up, and what has to hold before the next one begins."""

    id: PhaseId
    title: str
    areas: tuple[EffortArea, ...]
    days: PersonDays
    done_when: str


@dataclass(frozen=True, slots=True)
class FirstFile:
    """A file to begin with. ``days``: its own part of the median; ``hard``: lines without a drop-in counterpart."""

    file: str
    area: EffortArea
    names: int
    hard: int
    days: float


@dataclass(frozen=True, slots=True)
class SkillEffect:
    """What the team's level changes. ``of``: the skills of which the best one counts.

    ``level``: the team's own, 0 to 5, None where it isn't answered. ``levels``: the option's days at each level;
    ``unknown`` where none is answered; ``beginner`` (1) and ``expert`` (5) are medians of them.
    """

    of: tuple[SkillName, ...]
    level: int | None
    beginner: float
    expert: float
    levels: tuple[PersonDays, ...]
    unknown: PersonDays


@dataclass(frozen=True, slots=True)
class EffortRecord:
    """How the model did on finished migrations, each estimated from the others alone (leave one out).

    ``held``: of ``of``, those whose author-days lay between P10 and P90. ``squashed``: more, whose history says only
    «at least». ``width``: median of P90/P10. ``alike``: of ``of``, those that moved the way of this option; 0 says that
    the level isn't checked for it. ``newest``: month of the newest one.
    """

    held: int
    of: int
    squashed: int
    width: float
    alike: int
    newest: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RehearsalEffect:
    """What one way of a rehearsal changed for one option.

    ``passed``: it goes (True) or doesn't (False) there; None where it wasn't tried to its end, which changes nothing.
    ``uses``: of the ``of`` uses in models that the option moves, those that ran. ``days``: by how much the option's
    median moves by this alone, negative for fewer.
    """

    option: str
    file: str
    way: str  # an id of probes.rehearsal.ways
    outcome: RehearsalOutcome
    passed: bool | None
    uses: int
    of: int
    days: float
    sentence: str


@dataclass(frozen=True, slots=True)
class OptionEffort:
    """What one option of ``data/options.yaml`` costs. ``moves``: whether anything has to be moved at all."""

    option: str
    title: str
    moves: bool
    days: PersonDays
    areas: tuple[AreaEffort, ...]  # dearest first
    floor: tuple[FloorEffort, ...]
    largest: tuple[EffortPart, ...]  # three at most
    tools: tuple[AutomatedShare, ...]
    phases: tuple[EffortPhase, ...]
    first_files: tuple[FirstFile, ...]
    skills: SkillEffect | None  # None where no skill changes anything
    record: EffortRecord
    sentence: str  # «about 30 person-days (12 to 75)», or why nothing is moved


@dataclass(frozen=True, slots=True)
class SeenAnswers:
    """What the code says of the questions on existing code; None where it says nothing. Proposed, never put in."""

    framework: CodeFramework | None
    lines: int | None
    python: str | None


@dataclass(frozen=True, slots=True)
class EffortReport:
    """All options that the code leaves open, in the order of ``data/options.yaml``.

    ``seen``: what of the answers the code shows. ``survival``: what becomes of each area. ``limits``: sentences on what
    the estimate doesn't hold. ``rehearsed``: what ``rehearsals`` changed. The same arguments give the same report.
    """

    options: tuple[OptionEffort, ...]
    seen: SeenAnswers
    survival: Survival
    limits: tuple[str, ...]
    seed: int
    samples: int
    rehearsals: tuple[Rehearsal, ...] = ()
    rehearsed: tuple[RehearsalEffect, ...] = ()

    def of(self, option: str) -> OptionEffort | None:
        """The one with this id; None where the code doesn't leave it open."""
        return next((one for one in self.options if one.option == option), None)
