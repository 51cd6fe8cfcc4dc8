"""The judgements behind every estimate: ``data/effort.yaml``, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from advisor.answers import CodeFramework, SkillName
from advisor.effort.report import EFFORT_AREAS, EffortArea, FloorKind, PhaseId
from advisor.model.facts import AsOf
from advisor.scan.report import Concern, FoundFramework, Severity
from probes.rehearsal.ways import WAYS
from probes.system.data_files import DataFile, Once, Text

EffortId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
#: What of a rehearsal's way says something of an option: that the exported file answers alike, or all of it.
RehearsedUntil = Literal["export", "move"]
NotNegative = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class EffortRange:
    """A triangular range with its reason."""

    low: NotNegative
    likely: NotNegative
    high: NotNegative
    because: Text

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"needs low ≤ likely ≤ high, not {self.low:g}, {self.likely:g}, {self.high:g}")

    @property
    def triple(self) -> tuple[float, float, float]:
        return self.low, self.likely, self.high


@dataclass(frozen=True, slots=True)
class EffortTool:
    """What takes a share of the work off: on names of ``frameworks``, findings among them, in every area."""

    id: EffortId
    title: Text
    share: EffortRange  # of the minutes, 0 to 1
    frameworks: Annotated[tuple[FoundFramework, ...], Field(min_length=1)]
    source: Annotated[str, Field(pattern=r"^https://\S+$")]

    def __post_init__(self) -> None:
        if self.share.high > 1:
            raise ValueError(f"no tool takes more than all of the work off, not {self.share.high:g} of it")


@dataclass(frozen=True, slots=True)
class EffortMove:
    """A way from one framework to another. In minutes, as ranges; ``floor``, what it takes however little, in days.

    ``name``: for a framework's name. ``areas``: what that is multiplied by in an area, 1 where none is named. ``line``:
    for a line of such files. ``findings``: instead of ``name`` where a rule of one of ``concerns`` names the line;
    never less than it.
    """

    id: EffortId
    title: Text
    name: EffortRange
    line: EffortRange
    concerns: tuple[Concern, ...]
    findings: Mapping[Severity, EffortRange]
    floor: Mapping[FloorKind, EffortRange]
    areas: Mapping[EffortArea, Annotated[float, Field(gt=0)]] = field(default_factory=dict)
    tools: tuple[EffortTool, ...] = ()

    def __post_init__(self) -> None:
        for name, given, wanted in (("findings", self.findings, Severity), ("floor", self.floor, FloorKind)):
            if missing := [one for one in get_args(wanted) if one not in given]:
                raise ValueError(f"{name}: {missing[0]!r} is missing")
        for severity, minutes in self.findings.items():
            if any(found < name for found, name in zip(minutes.triple, self.name.triple, strict=True)):
                raise ValueError(f"findings.{severity}: less than an ordinary name costs, which no rule may say")


@dataclass(frozen=True, slots=True)
class EffortWay:
    """How an option of ``data/options.yaml`` is reached: by which move from each framework; what isn't named stays.

    ``codes``: for which code there is this way, all if none is named. ``skills``: the best of them counts.
    ``rehearsals``: which of ``probes.rehearsal.ways`` try it, and how far along: to the exported file, or all the way.
    """

    id: EffortId
    moves: Mapping[FoundFramework, EffortId] = field(default_factory=dict)
    skills: tuple[SkillName, ...] = ()
    codes: tuple[CodeFramework, ...] = ()
    rehearsals: Mapping[EffortId, RehearsedUntil] = field(default_factory=dict)
    stays: str = ""  # why nothing is moved, where there are no moves


@dataclass(frozen=True, slots=True)
class PhaseSpec:
    """A step of the plan. Each area and each part of the floor belongs to one."""

    id: PhaseId
    title: Text
    done_when: Text
    areas: tuple[EffortArea, ...] = ()
    floor: tuple[FloorKind, ...] = ()


class EffortRates(DataFile):
    """``data/effort.yaml``."""

    file: ClassVar[str] = "effort.yaml"
    as_of: AsOf
    minutes_a_day: Annotated[float, Field(gt=0, le=720)]
    #: n alike cost as much as n to this power times the first: who has done ten is quick at the eleventh.
    repetition: Annotated[float, Field(gt=0.5, le=1)]
    repetition_because: Text
    verification: EffortRange  # share on top of what is changed
    rehearsed: EffortRange  # share of the minutes of names that is left of what ran there and answered alike
    rewrite: EffortRange  # what another design multiplies an area by; tools don't help there
    skills: tuple[EffortRange, ...]  # what everything is multiplied by, for levels 0 to 5
    skill_unknown: EffortRange
    moves: Once[EffortMove]
    ways: Once[EffortWay]
    phases: Once[PhaseSpec]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.skills) != 6:
            raise ValueError(f"skills: needs a range for each of the levels 0 to 5, not {len(self.skills)}")
        for lower, upper in zip(self.skills, self.skills[1:], strict=False):
            if any(better > worse for better, worse in zip(upper.triple, lower.triple, strict=True)):
                raise ValueError("skills: who knows more is never slower")
        if self.rewrite.low < 1:
            raise ValueError("rewrite: another design never costs less than the same one")
        if self.rehearsed.high > 1:
            raise ValueError(f"rehearsed: no more than all of it is left, not {self.rehearsed.high:g}")
        ids, rehearsed = [one.id for one in self.moves], [way.id for way in WAYS]
        for way in self.ways:
            if unknown := next((move for move in way.moves.values() if move not in ids), None):
                raise ValueError(f"ways.{way.id}.moves: no move {unknown!r}; allowed: {', '.join(ids)}")
            if unknown := next((name for name in way.rehearsals if name not in rehearsed), None):
                raise ValueError(f"ways.{way.id}.rehearsals: no way {unknown!r}; allowed: {', '.join(rehearsed)}")
            if not way.moves and not way.stays:
                raise ValueError(f"ways.{way.id}: needs moves, or stays with the reason")
        placed = [area for phase in self.phases for area in (*phase.areas, *phase.floor)]
        wanted = [*EFFORT_AREAS, *get_args(FloorKind)]
        if sorted(placed) != sorted(wanted):
            raise ValueError(f"phases: each of {', '.join(sorted(wanted))} belongs to one phase, not {sorted(placed)}")
        return self

    def move(self, name: str) -> EffortMove:
        """The one with this id."""
        return next(one for one in self.moves if one.id == name)

    def way(self, option: str) -> EffortWay:
        """How an option is reached."""
        return next(one for one in self.ways if one.id == option)


@cache
def rates() -> EffortRates:
    """The file. Raises DataError naming file, path and value."""
    return EffortRates.read()
