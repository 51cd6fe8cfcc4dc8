"""The use case: a scan and a team's answers in, what each way costs out. The same arguments give the same report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np

from advisor.answers import Answers
from advisor.effort import record
from advisor.effort.constructs import Constructs, Held, by_area, by_file
from advisor.effort.costs import WayCost, cost
from advisor.effort.draws import Draws, EffortDraws
from advisor.effort.effects import effect
from advisor.effort.rates import EffortRates, EffortWay, rates
from advisor.effort.rehearsals import RehearsedTry, ran_of, share, tries
from advisor.effort.report import (
    EFFORT_AREAS,
    AreaEffort,
    AutomatedShare,
    EffortArea,
    EffortPart,
    EffortPhase,
    EffortReport,
    FirstFile,
    FloorEffort,
    FloorKind,
    OptionEffort,
    PartKind,
    PersonDays,
    RehearsalEffect,
    SkillEffect,
    Survival,
)
from advisor.effort.seen import seen
from advisor.knowledge.options import Options
from advisor.scan.report import ScanReport
from advisor.wording.quantities import counted, person_days
from probes.rehearsal.schema import Rehearsal
from probes.system.sentences import sentence, upper_first

_LARGEST: Final = 3
_FIRST_FILES: Final = 5
_BEGINNER: Final = 1
_EXPERT: Final = 5
_NOTHING: Final = PersonDays(0.0, 0.0, 0.0)
AREA_TITLES: Final[Mapping[EffortArea, str]] = {
    "model": "models", "training_loop": "training loop", "data_pipeline": "data pipeline",
    "losses_metrics": "losses and metrics", "export": "export", "serving": "serving", "distributed": "distributed",
    "tests": "tests", "elsewhere": "operations and other code",
}  # fmt: skip
FLOOR_TITLES: Final[Mapping[FloorKind, str]] = {
    "set_up": "set-up", "parity": "showing the same results", "retraining": "training again",
}  # fmt: skip


def estimate(
    report: ScanReport,
    answers: Answers | None = None,
    *,
    survival: Survival | None = None,
    rehearsals: Sequence[Rehearsal] = (),
    seed: int = 0,
) -> EffortReport:
    """What each option costs that the code leaves open.

    ``answers``: of them the team's skills count. ``survival``: what becomes of each area; one that isn't named is kept.
    ``rehearsals``: of models in this code, as ``rehearsals.check`` wants them; they count in place of guesses.
    """
    known, draws = rates(), EffortDraws(seed, record.SAMPLES)
    answers, survival = answers or Answers(), dict(survival or {})
    code = seen(report)
    titles = _titles()
    ways = [way for way in known.ways if not way.codes or code.framework in way.codes]
    found = [
        _Option(report, way, titles[way.id], answers, survival, draws, known, rehearsals)
        for way in ways
        if way.id in titles
    ]
    order = list(titles)
    found.sort(key=lambda one: order.index(one.id))
    return EffortReport(
        options=tuple(one.effort() for one in found), seen=code, survival=survival,
        limits=tuple(_limits(report, rehearsals)), seed=seed, samples=record.SAMPLES, rehearsals=tuple(rehearsals),
        rehearsed=tuple(effect for one in found for effect in one.rehearsed()),
    )  # fmt: skip


@cache
def _titles() -> Mapping[str, str]:
    """What the options are called, in their order."""
    return {option.id: option.title for option in Options.read().options}


class _Option:
    """One option on the way to its effort."""

    def __init__(
        self, report: ScanReport, way: EffortWay, title: str, answers: Answers, survival: Survival,
        draws: EffortDraws, known: EffortRates, rehearsals: Sequence[Rehearsal],
    ) -> None:  # fmt: skip
        self.id = way.id
        self._way, self._title, self._survival, self._draws, self._known = way, title, survival, draws, known
        levels = [answers.team.skills[name] for name in way.skills if name in answers.team.skills]
        self._level = max(levels, default=None)
        concerns = {framework: known.move(move).concerns for framework, move in way.moves.items()}
        self._files = by_file(report, concerns)
        self._held = by_area(self._files)
        self._factor = record.fit().factor(draws)
        self._tries = tries(report, rehearsals, way, concerns)
        self._unskilled = self._unskilled_by(self._tries)
        self._cost = self._at(self._level)
        self._total = np.asarray(self._cost.total * self._factor)

    def effort(self) -> OptionEffort:
        moved = self._cost
        areas = sorted((self._area(area) for area in self._areas()), key=lambda one: -one.days.p50)
        floor = tuple(
            FloorEffort(kind, FLOOR_TITLES[kind], self._days(days), self._because(kind))
            for kind, days in moved.floor.items()
        )
        days = self._days(self._total) if moved.moves else _NOTHING
        main = moved.moves[0].id if moved.moves else ""
        return OptionEffort(
            option=self._way.id, title=self._title, moves=bool(moved.moves), days=days, areas=tuple(areas),
            floor=floor, largest=tuple(self._largest(areas, floor)), tools=tuple(self._tools()),
            phases=tuple(self._phases()), first_files=tuple(self._first_files()), skills=self._skill_effect(),
            record=record.record(main), sentence=self._sentence(days),
        )  # fmt: skip

    def rehearsed(self) -> Iterator[RehearsalEffect]:
        """What each rehearsal changed by itself."""
        before = float(np.median(self._at(self._level, self._unskilled_by(())).total * self._factor))
        fate = self._survival.get("model", "keep")
        models = sum((one for key, one in self._held.items() if key[1] == "model"), start=Constructs())
        for one in self._tries:
            ran = ran_of(one, self._files)
            after = float(np.median(self._at(self._level, self._unskilled_by((one,))).total * self._factor))
            yield effect(
                one, self.id, self._title, uses=ran.names + ran.found, of=models.names + models.found,
                days=after - before, fate=fate,
            )  # fmt: skip

    def _unskilled_by(self, tried: Sequence[RehearsedTry]) -> WayCost:
        return cost(self._held, self._way, self._survival, self._draws, self._known, share(tried, self._files))

    def _at(self, level: int | None, of: WayCost | None = None) -> WayCost:
        of = of or self._unskilled
        if not self._way.skills:
            return of
        skill = self._known.skill_unknown if level is None else self._known.skills[level]
        return of.times(self._draws.of("skill", skill))

    def _days(self, drawn: Draws) -> PersonDays:
        return PersonDays(*(float(one) for one in np.quantile(drawn, (0.1, 0.5, 0.9))))

    def _areas(self) -> list[EffortArea]:
        return [area for area in EFFORT_AREAS if any(area == held for _, held in self._held)]

    def _area(self, area: EffortArea) -> AreaEffort:
        held = sum((one for (_, its), one in self._held.items() if its == area), start=Constructs())
        drawn = self._cost.areas.get(area)
        files = sum(any(its == area for _, its in file.held) for file in self._files)
        return AreaEffort(
            area=area, title=AREA_TITLES[area], fate=self._survival.get(area, "keep"), names=round(held.names),
            findings=round(held.found), lines=round(held.lines), files=files,
            days=_NOTHING if drawn is None else self._days(drawn * self._factor), tools=tuple(self._tools(area)),
        )  # fmt: skip

    def _tools(self, of: EffortArea | None = None) -> Iterator[AutomatedShare]:
        saved: dict[str, Draws] = {}
        for area, by_tool in self._cost.saved.items():
            for tool, days in by_tool.items():
                if of in (None, area):
                    saved[tool] = days + saved[tool] if tool in saved else days
        for name, days in saved.items():
            known = self._cost.tools[name]
            median = float(np.median(days * self._factor))
            yield AutomatedShare(name, known.title, median, known.source, known.share.because)

    def _because(self, kind: FloorKind) -> str:
        """Of the move whose part of the floor is the largest."""
        return max((move.floor[kind] for move in self._cost.moves), key=lambda one: one.likely).because

    def _largest(self, areas: Sequence[AreaEffort], floor: Sequence[FloorEffort]) -> list[EffortPart]:
        parts = [self._part("area", one.area, one.title, one.days, self._cost.areas.get(one.area)) for one in areas]
        parts += [self._part("floor", one.kind, one.title, one.days, self._cost.floor[one.kind]) for one in floor]
        return sorted((one for one in parts if one.days.p90 > 0), key=lambda one: -one.share)[:_LARGEST]

    def _part(self, kind: PartKind, name: str, title: str, days: PersonDays, drawn: Draws | None) -> EffortPart:
        """Its share is that of the means: medians of parts don't add up to the median of the whole."""
        mean = 0.0 if drawn is None else float(np.mean(drawn * self._factor)) / float(np.mean(self._total))
        return EffortPart(kind, name, title, days, mean)

    def _phases(self) -> Iterator[EffortPhase]:
        for phase in self._known.phases:
            areas = tuple(area for area in phase.areas if area in self._cost.areas)
            drawn = [self._cost.areas[area] for area in areas]
            drawn += [self._cost.floor[kind] for kind in phase.floor if kind in self._cost.floor]
            if drawn:
                days = self._days(np.sum(drawn, axis=0) * self._factor)
                yield EffortPhase(phase.id, phase.title, areas, days, phase.done_when)

    def _first_files(self) -> list[FirstFile]:
        """Those of the models first, where results can be compared soonest; among them what is hardest.

        A file's days are its share of the median, by the likely minutes of what it holds.
        """
        whole = self._likely(self._kept(self._held))
        if not whole:
            return []
        median = float(np.median(np.sum([*self._cost.areas.values()], axis=0) * self._factor))
        found = []
        for file in self._files:
            held = self._kept(file.held)
            if weight := self._likely(held):
                most = max(held, key=lambda key: held[key].names + held[key].found)
                together = sum(held.values(), start=Constructs())
                names, hard = round(together.names + together.found), round(together.must)
                found.append(FirstFile(file.file, most[1], names, hard, weight / whole * median))
        first = next(phase.areas for phase in self._known.phases if phase.id == "first_model")
        return sorted(found, key=lambda one: (one.area not in first, -one.hard, -one.days, one.file))[:_FIRST_FILES]

    def _kept(self, held: Held) -> Held:
        """What of it this way moves."""
        moves, fates = self._way.moves, self._survival
        return {key: one for key, one in held.items() if key[0] in moves and fates.get(key[1], "keep") != "drop"}

    def _likely(self, held: Held) -> float:
        """Minutes without repetition, tools and people: what files are compared by."""
        total = 0.0
        for (framework, area), one in held.items():
            move = self._known.move(self._way.moves[framework])
            minutes = move.name.likely * one.names + move.line.likely * one.lines
            minutes += move.findings["must"].likely * one.must + move.findings["perhaps"].likely * one.perhaps
            total += move.areas.get(area, 1.0) * (minutes + move.findings["nice"].likely * one.nice)
        return total

    def _skill_effect(self) -> SkillEffect | None:
        if not self._way.skills or not self._cost.moves:
            return None
        levels = tuple(self._days(self._at(level).total * self._factor) for level in range(len(self._known.skills)))
        return SkillEffect(
            self._way.skills, self._level, levels[_BEGINNER].p50, levels[_EXPERT].p50, levels,
            self._days(self._at(None).total * self._factor),
        )  # fmt: skip

    def _sentence(self, days: PersonDays) -> str:
        if self._cost.moves:
            return sentence(upper_first(person_days(days.p10, days.p50, days.p90)))
        return self._way.stays or "Nothing: no code was found that this way would change."


def _limits(report: ScanReport, rehearsals: Sequence[Rehearsal]) -> Iterator[str]:
    """What the estimate doesn't hold."""
    yield (
        "The finished migrations check the level and the spread of all of it, not the split by area. Their days are "
        "days with a commit, which may hold less or more than a person-day, and moves that were given up aren't among "
        "them."
    )
    yield "They ended before language models wrote much of a port; whoever has good help may be quicker."
    if rehearsals:
        yield (
            "A rehearsal speaks for what of the models ran in it, with one batch and one step. Training, data and all "
            "else stay guesses, and so does whether it learns as well in the end."
        )
    lost = sum(one.count for one in report.blind_spots)
    if lost:
        yield f"{counted(lost, 'blind spot')} of the scan {'is' if lost == 1 else 'are'} in no figure."
