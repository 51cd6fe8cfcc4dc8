"""When compiling pays: what it costs once, what every step gains, and after how many steps the two are even."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from advisor.wording.quantities import number, percent, quantity
from probes.results import Measurement
from probes.schema import FRAMEWORKS, TITLES, Framework

#: The parts that the measure tells by name, see probes/measures/compile_cost.py.
_PARTS: Final = ("plain_first_s", "plain_step_s", "compiled_first_s", "compiled_step_s")


@dataclass(frozen=True, slots=True)
class BreakEven:
    """One side. Steps are infinite where a compiled step isn't shorter; the range is over fresh processes."""

    cost: float  # seconds until the first step that compiling adds, the median
    gain: float  # share of a step that it saves, the median; below 0 it lengthens it
    steps: float
    low: float
    high: float
    processes: int


def break_even(raw: Sequence[Measurement]) -> dict[Framework, BreakEven]:
    """By side, from the raw instances of a probe; nothing for a probe that doesn't tell the parts."""
    by_side = {}
    for framework in FRAMEWORKS:
        told = [instance.details.get(framework, {}) for measurement in raw for instance in measurement.instances]
        told = [parts for parts in told if all(name in parts for name in _PARTS)]
        if told:
            steps = sorted(map(_steps, told))
            by_side[framework] = BreakEven(
                cost=median(parts["compiled_first_s"] - parts["plain_first_s"] for parts in told),
                gain=median(1 - parts["compiled_step_s"] / parts["plain_step_s"] for parts in told),
                steps=median(steps) if math.isfinite(steps[-1]) else steps[len(steps) // 2],
                low=steps[0],
                high=steps[-1],
                processes=len(told),
            )
    return by_side


def sentences(raw: Sequence[Measurement]) -> tuple[str, ...]:
    """What each side's figures come to, in words."""
    return tuple(_said(framework, even) for framework, even in break_even(raw).items())


def _steps(parts: Mapping[str, float]) -> float:
    """Steps after which the time saved is the time spent; 0 if nothing was spent."""
    cost = parts["compiled_first_s"] - parts["plain_first_s"]
    gain = parts["plain_step_s"] - parts["compiled_step_s"]
    if cost <= 0:
        return 0.0
    return cost / gain if gain > 0 else math.inf


def _said(framework: Framework, even: BreakEven) -> str:
    change = "shorter" if even.gain > 0 else "longer"
    start = (
        f"{TITLES[framework]}: compiling adds {quantity(max(0.0, even.cost), 's')} before the first step ends, and a "
        f"step gets {percent(abs(even.gain))} {change}"
    )
    if math.isinf(even.steps):
        return f"{start}: it doesn't pay back here."
    if even.low == even.high:
        return f"{start}: it pays back after {_count(even.steps)} steps (one process)."
    over = f"{_count(even.low)} to {_count(even.high)}" if math.isfinite(even.high) else f"{_count(even.low)} to never"
    return f"{start}: it pays back after {_count(even.steps)} steps ({over} over {even.processes} fresh processes)."


def _count(steps: float) -> str:
    """Two digits: more would claim too much."""
    if steps < 10:
        return f"{steps:.0f}"
    rounded = round(steps, 1 - math.floor(math.log10(steps)))
    return number(rounded) if rounded >= 100 else f"{rounded:.0f}"
