"""From what there is to move to days: areas × (1 + verification) × skill, and a floor, as draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from advisor.effort.constructs import Constructs, Held
from advisor.effort.draws import Draws, EffortDraws
from advisor.effort.rates import EffortMove, EffortRates, EffortTool, EffortWay
from advisor.effort.rehearsals import Rehearsed, RehearsedShare
from advisor.effort.report import EffortArea, FloorKind, Survival


@dataclass(frozen=True, slots=True)
class WayCost:
    """Days, every array of shape (samples,), before what the finished migrations say of the level.

    ``saved``: what tools have taken off already, by area and tool. ``moves``: those that are taken, dearest first.
    """

    areas: Mapping[EffortArea, Draws]
    saved: Mapping[EffortArea, Mapping[str, Draws]]
    floor: Mapping[FloorKind, Draws]
    tools: Mapping[str, EffortTool]
    moves: tuple[EffortMove, ...]

    @property
    def total(self) -> Draws | float:
        """All of it; 0.0 where nothing moves."""
        return sum((*self.areas.values(), *self.floor.values()), start=0.0)

    def times(self, skill: Draws) -> WayCost:
        """For a team that everything takes so many times as long."""
        areas = {area: days * skill for area, days in self.areas.items()}
        saved = {area: {tool: days * skill for tool, days in tools.items()} for area, tools in self.saved.items()}
        floor = {kind: days * skill for kind, days in self.floor.items()}
        return WayCost(areas, saved, floor, self.tools, self.moves)


def cost(
    held: Held,
    way: EffortWay,
    survival: Survival,
    draws: EffortDraws,
    known: EffortRates,
    rehearsed: Rehearsed = MappingProxyType({}),
) -> WayCost:
    """What a way costs for what there is, before the team's skill. ``rehearsed``: what is known of its models.

    Within an area everything is as hard as the rest of it in each draw (one quantile for names, lines and findings);
    areas are independent of each other; verification is the same for all.
    """
    around = (1 + draws.of("verification", known.verification)) / known.minutes_a_day
    areas: dict[EffortArea, Draws] = {}
    saved: defaultdict[EffortArea, dict[str, Draws]] = defaultdict(dict)
    tools: dict[str, EffortTool] = {}
    weights: defaultdict[str, float] = defaultdict(float)
    for (framework, area), constructs in held.items():
        fate = survival.get(area, "keep")
        if framework not in way.moves or fate == "drop":
            continue
        move = known.move(way.moves[framework])
        named, lines = _minutes(constructs, move, area, draws, known.repetition)
        anew = draws.of("rewrite", known.rewrite) if fate == "rewrite" else 1.0
        minutes = (named + lines) * anew
        left: Draws | float = 1.0
        for tool in move.tools if fate == "keep" else ():
            if framework in tool.frameworks:
                part = draws.of(f"tool/{tool.id}", tool.share)
                left, off = left - part, named * part
                minutes = minutes - off
                saved[area][tool.id] = saved[area].get(tool.id, 0.0) + off * around
                tools[tool.id] = tool
        weights[move.id] += float(np.median(minutes))  # before rehearsals, which say nothing of the rest
        if area == "model" and fate == "keep" and framework in rehearsed:
            minutes = minutes + _learnt(rehearsed[framework], constructs, move, left, draws, known)
        areas[area] = areas.get(area, 0.0) + minutes * around
    moves = tuple(known.move(one) for one in sorted(weights, key=lambda one: -weights[one]))
    return WayCost(areas, saved, _floor(moves, draws), tools, moves)


def _minutes(
    constructs: Constructs, move: EffortMove, area: EffortArea, draws: EffortDraws, repetition: float
) -> tuple[Draws, Draws]:
    """Of names with findings, and of lines."""
    key, times = f"area/{area}", move.areas.get(area, 1.0)
    named = draws.of(key, move.name) * max(constructs.names, 0.0) ** repetition
    for severity, minutes in move.findings.items():
        count = {"must": constructs.must, "perhaps": constructs.perhaps, "nice": constructs.nice}[severity]
        named = named + draws.of(key, minutes) * count**repetition
    return times * named, times * draws.of(key, move.line) * constructs.lines


def _learnt(
    rehearsed: RehearsedShare,
    constructs: Constructs,
    move: EffortMove,
    left: Draws | float,
    draws: EffortDraws,
    known: EffortRates,
) -> Draws:
    """Minutes that a rehearsal adds to models, or takes off.

    Of the names that passed only what ``known.rehearsed`` leaves, or a tool, whichever is less; their lines are read
    all the same. ``left``: the share that tools leave. A call that failed was counted as an ordinary name, and costs
    what a rule's «must» does; no tool helps there.
    """
    times, key, power = move.areas.get("model", 1.0), "area/model", known.repetition
    named, _ = _minutes(constructs, move, "model", draws, power)
    rest, _ = _minutes(constructs.less(rehearsed.passed), move, "model", draws, power)
    saved = (named - rest) * np.maximum(left - draws.of("rehearsed", known.rehearsed), 0.0)
    anew = draws.of(key, move.findings["must"]) - draws.of(key, move.name)
    return np.asarray(times * rehearsed.failed * anew - saved)


def _floor(moves: tuple[EffortMove, ...], draws: EffortDraws) -> dict[FloorKind, Draws]:
    """Of several moves the larger floor counts, part by part, so that giving up one of them never costs more."""
    floor: dict[FloorKind, Draws] = {}
    for move in moves:
        for kind, days in move.floor.items():
            floor[kind] = np.maximum(floor.get(kind, 0.0), draws.of(f"floor/{kind}", days))
    return floor
