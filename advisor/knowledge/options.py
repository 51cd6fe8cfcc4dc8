"""The ways that are open to a team beside the two frameworks: what each is worth, costs and keeps open, as data.

An option is written against the two frameworks: on each criterion it is worth what another option is (``as``), the
better of several (``best``), a share between PyTorch's and TensorFlow's value (``mix``), what the team knows of
something (``skill``) or a judgement of its own with facts (``level``). So most of what is known is written once, and
two options that don't differ on a criterion have the same draws there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, ClassVar, Final, get_args

from pydantic import Field, field_validator, model_validator

from advisor.answers import Answers, CodeFramework, SkillName, TargetId
from advisor.knowledge.conditions import ALWAYS, When
from advisor.knowledge.criteria import FirstThatFits, JudgedLevel, Pace
from advisor.model.facts import AsOf, FactId, Since
from advisor.wording.moments import first_day
from probes.schema import FRAMEWORKS, Framework
from probes.system.data_files import DataError, DataFile, Once, Text

OptionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Share = Annotated[float, Field(ge=0, le=1)]
_CODES: Final = frozenset(get_args(CodeFramework))
_KINDS: Final = ("as", "best", "mix", "skill", "level")


@dataclass(frozen=True, slots=True)
class Mix:
    """How far a value lies from TensorFlow's (0) to PyTorch's (1): a triangular range."""

    low: Share
    likely: Share
    high: Share

    @model_validator(mode="after")
    def _in_order(self) -> Mix:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"needs low ≤ likely ≤ high, not {self.low:g}, {self.likely:g}, {self.high:g}")
        return self


@dataclass(frozen=True, slots=True)
class ValueSource:
    """Where a value comes from while ``when`` holds: one of ``as``, ``best``, ``mix``, ``skill``, ``level``.

    ``skill`` is the team's own level; where that isn't answered, the next source counts.
    """

    when: When = ALWAYS
    same: Annotated[OptionId | None, Field(alias="as")] = None
    best: Annotated[tuple[OptionId, ...], Field(min_length=2)] | None = None  # whichever of them is worth more
    mix: Mix | None = None
    skill: SkillName | None = None
    level: JudgedLevel | None = None  # on the criterion's five anchors
    because: str = ""
    facts: tuple[FactId, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> ValueSource:
        given = [
            kind
            for kind, value in zip(_KINDS, (self.same, self.best, self.mix, self.skill, self.level), strict=True)
            if value is not None
        ]
        if len(given) != 1:
            raise ValueError(f"needs one of {', '.join(_KINDS)}, not {' and '.join(given) or 'none of them'}")
        if self.level is not None and not (self.because and self.facts):
            raise ValueError("a level needs because and facts")
        return self

    @property
    def always(self) -> bool:
        """Whether it counts with all answers."""
        return self.when == ALWAYS and self.skill is None

    @property
    def leads_to(self) -> tuple[OptionId, ...]:
        """The options that it takes its value from."""
        return (self.same,) if self.same else self.best or ()

    def holds(self, answers: Answers) -> bool:
        """Whether it counts with these answers."""
        return self.when.holds(answers) and (self.skill is None or self.skill in answers.team.skills)


@dataclass(frozen=True, slots=True)
class Until:
    """Until when an option holds, and why."""

    month: AsOf
    because: Text
    facts: Annotated[tuple[FactId, ...], Field(min_length=1)]
    when: When = ALWAYS


@dataclass(frozen=True, slots=True)
class Closing:
    """When an option can't be taken, and why: a sentence without its full stop."""

    when: When
    because: Text
    facts: Annotated[tuple[FactId, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One way (``data/options.yaml``). ``title`` is what it is called, ``call`` how one is told to take it.

    Open from the day on since when there is such a thing (``since``), if any condition of ``open`` holds (or there is
    none) and none of ``unless``; shown as closed where a condition of ``closed`` holds. ``needs``: the frameworks that
    have to meet what hardware, Python and system require. ``ships``: those of which one must have a way to each target
    that it doesn't reach by itself (``reaches``).
    """

    id: OptionId
    title: Text
    call: Text
    write: Text  # what one writes
    run: Text  # what runs it
    ship: Text  # what is delivered
    right_when: Text
    keeps_open: Text
    needs: tuple[Framework, ...] = ()
    ships: tuple[Framework, ...] = ()
    reaches: tuple[TargetId, ...] = ()
    since: Since = ""
    open: tuple[When, ...] = ()
    unless: tuple[When, ...] = ()
    closed: tuple[Closing, ...] = ()
    otherwise: tuple[ValueSource, ...] = ()  # for criteria that ``values`` doesn't name
    values: Mapping[str, Annotated[tuple[ValueSource, ...], Field(min_length=1)]] = field(default_factory=dict)
    move: Mapping[str, Pace] = field(default_factory=dict)  # by the code's framework; else as ``otherwise``
    until: FirstThatFits[Until] = ()

    @model_validator(mode="after")
    def _whole(self) -> OptionSpec:
        if self.id in FRAMEWORKS:
            if self.otherwise or self.values or self.move:
                raise ValueError("what the two frameworks are worth is in criteria.yaml; no otherwise, values or move")
        elif not any(source.always for source in self.otherwise):
            raise ValueError("otherwise needs a source that always holds")
        if unknown := set(self.move) - _CODES:
            raise ValueError(f"move: no code {sorted(unknown)[0]!r}; allowed: {', '.join(sorted(_CODES))}")
        return self

    def is_open(self, answers: Answers, day: date) -> bool:
        """Whether these answers leave this way at all on that day; requirements are another matter."""
        if self.since and day < first_day(self.since):
            return False
        asked = not self.open or any(condition.holds(answers) for condition in self.open)
        return asked and not any(condition.holds(answers) for condition in self.unless)

    def source(self, row: str, family: str, answers: Answers) -> ValueSource | None:
        """Where its value on a row comes from; None for a framework itself."""
        return next((source for source in self.reachable(row, family) if source.holds(answers)), None)

    def reachable(self, row: str, family: str) -> Iterator[ValueSource]:
        """What may count on a row, in order: a target's own entry, its criterion's, ``otherwise``."""
        named = (*self.values.get(row, ()), *(self.values.get(family, ()) if family != row else ()))
        for source in (*named, *self.otherwise):
            yield source
            if source.always:
                return

    @property
    def sources(self) -> Iterator[ValueSource]:
        """All that it is made of."""
        yield from self.otherwise
        for sources in self.values.values():
            yield from sources

    @property
    def facts(self) -> frozenset[str]:
        """Ids of the facts that it cites."""
        of_values = {fact for source in self.sources for fact in source.facts}
        until = {fact for one in self.until for fact in one.facts}
        return frozenset(of_values | until | {fact for one in self.closed for fact in one.facts})


class Options(DataFile):
    """``data/options.yaml``."""

    file: ClassVar[str] = "options.yaml"
    options: Once[OptionSpec]

    @field_validator("options")
    @classmethod
    def _all(cls, options: tuple[OptionSpec, ...]) -> tuple[OptionSpec, ...]:
        if missing := set(FRAMEWORKS) - {option.id for option in options}:
            raise ValueError(f"the option {sorted(missing)[0]!r} is missing: the others are written against it")
        return options

    def check(self, criteria: Sequence[str]) -> None:
        """Raises DataError, with path and what is allowed, for a criterion or an option that there isn't, and for an
        option that takes its value from itself."""
        ids = [option.id for option in self.options]
        for option in self.options:
            named = {"otherwise": option.otherwise, **{f"values.{name}": of for name, of in option.values.items()}}
            for where, sources in named.items():
                if unknown := next((lead for one in sources for lead in one.leads_to if lead not in ids), None):
                    at = f"{self.file}: options.{option.id}.{where}"
                    raise DataError(f"{at}: no option {unknown!r}; allowed: {', '.join(ids)}")
            if unknown := next((name for name in option.values if name not in criteria), None):
                where = f"{self.file}: options.{option.id}.values.{unknown}"
                raise DataError(f"{where}: no such criterion; allowed: {', '.join(criteria)}")
        for criterion in ("", *criteria):
            family = criterion.partition(".")[0]
            leads = {
                option.id: frozenset(lead for source in option.reachable(criterion, family) for lead in source.leads_to)
                for option in self.options
            }
            if circle := _circle(leads):
                of = f" on {criterion!r}" if criterion else ""
                start = f"{self.file}: options.{circle[0]}"
                way = " → ".join(circle)
                raise DataError(f"{start}: it takes its value from itself{of}: {way}; end it at {_roots()}")


def _roots() -> str:
    return " or ".join(FRAMEWORKS)


def _circle(leads: Mapping[OptionId, Collection[OptionId]]) -> list[str]:
    """A circle in a graph as the nodes on it, the first one again at its end; empty if there is none."""
    done: set[str] = set()

    def walk(node: OptionId, path: list[str]) -> list[str]:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return []
        for following in sorted(leads[node]):
            if found := walk(following, [*path, node]):
                return found
        done.add(node)
        return []

    return next((found for node in leads if (found := walk(node, []))), [])
