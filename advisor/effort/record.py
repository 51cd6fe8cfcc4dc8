"""How the model does on finished migrations, and what they say of its level and spread (``data/migrations.yaml``).

Each migration is estimated as it was before it began: the constructs that the scan finds there, the way that was taken,
and what became of the code, which a team decides itself. ``author_days / median`` of the others gives level and spread,
on a log scale; an interval is a Student's t prediction on top of the model's own draws. What the rows don't hold: the
split by area, single findings, anything of a move that none of them made, and moves that were begun and given up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from advisor.effort.constructs import Constructs, Held
from advisor.effort.costs import cost
from advisor.effort.draws import Draws, EffortDraws
from advisor.effort.migrations import MigratedTo, Migration, migrations
from advisor.effort.rates import EffortWay, rates
from advisor.effort.report import EffortArea, EffortRecord
from advisor.scan.report import AreaFate, FoundFramework
from advisor.wording.quantities import counted, percent

SAMPLES: Final = 4_000
_OPTIONS: Final[Mapping[MigratedTo, str]] = {"pytorch": "pytorch", "keras-3": "keras-pytorch", "onnx": "runtime"}
TEAMS_LEVEL: Final = 3  # of those who did them: nobody asked
_LEAST: Final = 0.2  # spread on the log scale that is always left: no two teams are alike
_QUANTILES: Final = (0.1, 0.5, 0.9)
_HOPED: Final = 0.8  # lie between P10 and P90 where the intervals are right


def way_taken(target: MigratedTo) -> EffortWay:
    """The way to where a migration went."""
    return rates().way(_OPTIONS[target])


@dataclass(frozen=True, slots=True)
class Fit:
    """What finished migrations say: on the log scale, how far author-days lie from the model's median."""

    location: float
    spread: float
    rows: int

    def factor(self, draws: EffortDraws) -> Draws:
        """What days are multiplied by: the level, and how far a further migration may lie from it."""
        further = self.spread * np.sqrt(1 + 1 / self.rows)
        return np.asarray(np.exp(self.location + further * draws.student("record", self.rows - 1)))


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A migration beside its estimate from the others, in days. ``held``: None where its history is squashed."""

    migration: Migration
    p10: float
    p50: float
    p90: float

    @property
    def held(self) -> bool | None:
        """Whether its author-days lie between P10 and P90."""
        return None if self.migration.squashed else self.p10 <= self.migration.counted.author_days <= self.p90


@dataclass(frozen=True, slots=True)
class _Row:
    migration: Migration
    days: Draws

    @property
    def off(self) -> float:
        return float(np.log(self.migration.counted.author_days / np.median(self.days)))


@cache
def fit() -> Fit:
    """From all migrations whose history isn't squashed."""
    return _fit([row for row in _rows() if not row.migration.squashed])


@cache
def lines(*, told: bool = True) -> tuple[RecordLine, ...]:
    """Every migration, estimated from the others.

    ``told``: with what became of its code, as a team says it beforehand; else as if all of it had been kept.
    """
    draws, rows = EffortDraws(0, SAMPLES), _rows(told=told)
    found = []
    for row in rows:
        others = [one for one in rows if one is not row and not one.migration.squashed]
        quantiles = np.quantile(row.days * _fit(others).factor(draws), _QUANTILES)
        found.append(RecordLine(row.migration, *(float(one) for one in quantiles)))
    return tuple(found)


def record(move: str) -> EffortRecord:
    """The record, as it stands beside an option whose dearest move is ``move``."""
    told = [line for line in lines() if line.held is not None]
    held, squashed = sum(bool(line.held) for line in told), len(lines()) - len(told)
    alike = sum(_move(line.migration) == move for line in told)
    width = float(np.median([line.p90 / line.p10 for line in told]))
    newest = max(line.migration.counted.ended for line in told)[:7]
    sentence = (
        f"Tried on {counted(len(told), 'finished migration')} of other teams, each estimated from the others alone: "
        f"{held} lay between P10 and P90, where {percent(_HOPED)} should. P90 is {width:.1f} times P10. {alike} of the "
        f"{len(told)} moved this way. {squashed} more were squashed into single commits and can't be checked."
    )
    return EffortRecord(held, len(told), squashed, width, alike, newest, sentence)


def _move(migration: Migration) -> str:
    """What was done to most of its names; of what the scan doesn't know, what TensorFlow's would be."""
    way = way_taken(migration.target)
    if not migration.held:
        return way.moves["tensorflow"]
    most = max(migration.held, key=lambda key: migration.held[key].names)
    return way.moves[most[0]]


def _fit(rows: Sequence[_Row]) -> Fit:
    off = np.array([row.off for row in rows])
    own = np.mean([np.var(np.log(row.days)) for row in rows])
    return Fit(float(off.mean()), float(np.sqrt(max(off.var(ddof=1) - own, _LEAST**2))), len(rows))


@cache
def _rows(*, told: bool = True) -> tuple[_Row, ...]:
    known, draws = rates(), EffortDraws(0, SAMPLES)
    typical = _typical()
    found = []
    for one in migrations():
        held = one.held or {key: each.times(one.counted.lines_before) for key, each in typical.items()}
        held = {key: each.times(one.brought if told else 1.0) for key, each in held.items()}
        survival: dict[EffortArea, AreaFate] = {area: _fate(one) for _, area in held} if told else {}
        skill = draws.of("skill", known.skills[TEAMS_LEVEL])
        days = cost(held, way_taken(one.target), survival, draws, known).times(skill).total
        found.append(_Row(one, np.asarray(days)))
    return tuple(found)


def _fate(migration: Migration) -> AreaFate:
    return "rewrite" if migration.features or migration.kind == "rewritten" else "keep"


def _typical() -> Held:
    """What a line of the others holds, for code that the scan doesn't know (MXNet, Theano)."""
    scanned = [one for one in migrations() if one.held]
    size = sum(one.counted.lines_before for one in scanned)
    sums: dict[tuple[FoundFramework, EffortArea], Constructs] = {}
    for one in scanned:
        for (_, area), each in one.held.items():
            sums["tensorflow", area] = sums.get(("tensorflow", area), Constructs()) + each
    return {key: each.times(1 / size) for key, each in sums.items()}
