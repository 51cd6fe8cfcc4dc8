"""How long a step takes on a machine by what it computes and what the machine can do at most, as a band.

A step is called, starts operations, and computes: at best as fast as the machine multiplies or reads, whichever takes
longer (the roofline: Williams, Waterman, Patterson 2009, CACM 52:65). So

    seconds = call + start · operations + slack · max(FLOPs / peak, bytes / bandwidth)

with three numbers for each framework, none below 0: the least squares of relative errors over what was measured. The
band is as wide as such predictions were off: each step of each machine predicted from the *other* machines and the
*other* networks (in groups, as the jackknife+ of Barber, Candès, Ramdas, Tibshirani 2021, Ann. Stat. 49:486).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np

from advisor.estimated.tables import CountedStep, Peaks, peaks, steps
from probes.schema import FRAMEWORKS, Framework

#: Share of the errors of predictions that a band is as wide as. Nine of ten bands are to hold; the last ones to come
#: are off by more than those before.
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Band:
    """``low`` to ``high`` around ``middle``, in seconds or as TensorFlow / PyTorch."""

    middle: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class StepEstimate:
    """A step on a machine. ``ratio``: None where no machine of that kind measured both frameworks."""

    step: CountedStep
    seconds: dict[Framework, Band]
    ratio: Band | None


@dataclass(frozen=True, slots=True)
class Prediction:
    """One prediction of what was measured, and how wide the band is that it is to lie in, as a factor either way."""

    machine: str
    step: CountedStep
    what: Framework | None  # None: the ratio
    measured: float
    predicted: float
    width: float

    @property
    def off(self) -> float:
        """Logarithm of measured / predicted."""
        return math.log(self.measured / self.predicted)

    @property
    def held(self) -> bool:
        return abs(self.off) <= math.log(self.width)


@dataclass(frozen=True, slots=True)
class _Seen:
    machine: Peaks
    step: CountedStep
    seconds: float


def estimates(machine: Peaks) -> tuple[StepEstimate, ...]:
    """Every step of the stock networks on a machine; of a GPU those of a framework that some GPU measured."""
    off = {what: width([trial for trial in backtest() if trial.what == what]) for what in (*FRAMEWORKS, None)}
    found = []
    for step in steps():
        others = [row for row in _seen() if row[1].machine.id != machine.id]
        middles = {side: _predicted(machine, step, _of(others, side)) for side in FRAMEWORKS}
        known = {side for side, row in _seen() if row.machine.kind == machine.kind}
        seconds = {side: _band(middle, off[side]) for side, middle in middles.items() if side in known and middle}
        both = len(seconds) == len(FRAMEWORKS)
        ratio = seconds["tensorflow"].middle / seconds["pytorch"].middle if both else None
        found.append(StepEstimate(step, seconds, _band(ratio, off[None]) if ratio else None))
    return tuple(found)


def beyond(machine: Peaks) -> bool:
    """Whether it can do less or more at most than every machine on record of its kind: how far estimates are off there
    nobody has seen."""
    alike = [row.machine for _, row in _seen() if row.machine.kind == machine.kind]
    return not all(
        min(getattr(row, peak) for row in alike) <= getattr(machine, peak) <= max(getattr(row, peak) for row in alike)
        for peak in ("gflops", "gigabytes")
    )


@cache
def backtest() -> tuple[Prediction, ...]:
    """What was measured, each predicted without its machine and its network; the width of its band is made of the
    predictions of other machines and other networks, so that it had no say in it."""
    bare = [trial for machine, step in _cells() for trial in _trials(machine, step)]
    return tuple(replace(trial, width=width(others)) for trial in bare if (others := apart(trial, bare)))


def apart(trial: Prediction, trials: Collection[Prediction]) -> list[Prediction]:
    """Those of the same kind that have neither its machine nor its network."""
    return [
        other
        for other in trials
        if other.what == trial.what and other.machine != trial.machine and other.step.network != trial.step.network
    ]


def width(trials: Collection[Prediction]) -> float:
    """A factor within which so many of the predictions were right, with one more that is yet to come among them."""
    off = sorted(abs(trial.off) for trial in trials)
    return math.exp(off[min(len(off), math.ceil((len(off) + 1) * CONFIDENCE)) - 1])


def hits(trials: Collection[Prediction]) -> tuple[int, int]:
    """How many held, of how many."""
    return sum(trial.held for trial in trials), len(trials)


def _cells() -> list[tuple[Peaks, CountedStep]]:
    return list({(row.machine.id, row.step.id): (row.machine, row.step) for _, row in _seen()}.values())


def _trials(machine: Peaks, step: CountedStep) -> list[Prediction]:
    """The predictions of one step on one machine, their widths not known yet."""
    others = [(side, row) for side, row in _seen() if row.machine.id != machine.id and row.step.network != step.network]
    found = {
        side: Prediction(machine.id, step, side, step.seconds[machine.id][side], predicted, 1.0)
        for side in FRAMEWORKS
        if side in step.seconds[machine.id] and (predicted := _predicted(machine, step, _of(others, side)))
    }
    if len(found) == len(FRAMEWORKS):
        one, other = found["pytorch"], found["tensorflow"]
        ratio = Prediction(machine.id, step, None, other.measured / one.measured, other.predicted / one.predicted, 1.0)
        return [*found.values(), ratio]
    return list(found.values())


@cache
def _seen() -> tuple[tuple[Framework, _Seen], ...]:
    return tuple(
        (side, _Seen(peaks()[machine], step, value))
        for step in steps()
        for machine, sides in step.seconds.items()
        for side, value in sides.items()
    )


def _of(rows: Sequence[tuple[Framework, _Seen]], side: Framework) -> list[_Seen]:
    return [row for framework, row in rows if framework == side]


def _predicted(machine: Peaks, step: CountedStep, seen: Sequence[_Seen]) -> float:
    """Seconds; 0 where too little was measured."""
    if len({row.step.network for row in seen}) < 2:
        return 0.0
    seconds = np.array([row.seconds for row in seen])
    parts = np.array([_parts(row.machine, row.step) for row in seen]) / seconds[:, None]
    from scipy.optimize import nnls

    factors, _ = nnls(parts, np.ones(len(seen)))
    return float(np.dot(_parts(machine, step), factors))


def _parts(machine: Peaks, step: CountedStep) -> tuple[float, float, float]:
    """A call, its operations, and the least seconds of computing."""
    return 1.0, float(step.operations), roof(machine, step)


def roof(machine: Peaks, step: CountedStep) -> float:
    """Seconds that it takes at least: by multiplying or by reading, whichever takes longer."""
    return max(step.flops / machine.gflops, step.bytes / machine.gigabytes) / 1e9


def _band(middle: float, factor: float) -> Band:
    return Band(middle, middle / factor, middle * factor)
