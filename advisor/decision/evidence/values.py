"""What is known of a pair of values, as a distribution that can be drawn from and has a mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Protocol

import numpy as np

from advisor.decision.scoring.draws import Stream
from advisor.decision.scoring.value_functions import Array, log_ratio, piecewise_linear
from advisor.model.evidence import Cell
from probes.schema import Framework, Outcome

JUDGED_TOGETHER = 0.5  # correlation of judgements across criteria; a judgement itself
Z90 = NormalDist().inv_cdf(0.95)  # half of a 90 % range, in standard deviations


class Values(Protocol):
    """Values of PyTorch and TensorFlow on one criterion, 0 to 1 each, with what is not known of them."""

    def mean(self) -> tuple[float, float]:
        """Expected values, without drawing."""
        ...

    def variance(self) -> float:
        """Of PyTorch's value minus TensorFlow's, without drawing."""
        ...

    def draw(self, stream: Stream, key: str) -> Array:
        """Draws, shape (2, samples), PyTorch first."""
        ...

    def cells(self) -> dict[Framework, Cell]:
        """Range and likeliest value of each side, for people."""
        ...


@cache
def _normal_grid() -> Array:
    return np.array([NormalDist().inv_cdf((i + 0.5) / 101) for i in range(101)])


def unknown(reason: str, outcome: Outcome = Outcome.OK) -> Cell:
    """Anything from the worst to the best anchor, and why nobody knows better."""
    return Cell(0.0, 0.5, 1.0, outcome, reason)


@dataclass(frozen=True, slots=True)
class Independent:
    """Each side known for itself. Triangular; a cell that says why it is unknown is uniform on its range.

    ``judged`` values err together across criteria, PyTorch's one way and TensorFlow's the other: they come from one
    hand, and several facts may share one cause. Taken as independent, many small judgements would add up to a false
    certainty.
    """

    pytorch: Cell
    tensorflow: Cell
    judged: bool = False

    def mean(self) -> tuple[float, float]:
        return _mean(self.pytorch), _mean(self.tensorflow)

    def variance(self) -> float:
        pytorch, tensorflow = _variance(self.pytorch), _variance(self.tensorflow)
        apart = 2 * JUDGED_TOGETHER * math.sqrt(pytorch * tensorflow) if self.judged else 0.0
        return pytorch + tensorflow + apart

    def draw(self, stream: Stream, key: str) -> Array:
        shared = JUDGED_TOGETHER if self.judged else 0.0
        pytorch = _draw(self.pytorch, stream, f"{key}/pytorch", shared)
        return np.stack([pytorch, _draw(self.tensorflow, stream, f"{key}/tensorflow", -shared)])

    def cells(self) -> dict[Framework, Cell]:
        return {"pytorch": self.pytorch, "tensorflow": self.tensorflow}


def _mean(cell: Cell) -> float:
    return (cell.low + cell.high) / 2 if cell.reason else (cell.low + cell.likely + cell.high) / 3


def _variance(cell: Cell) -> float:
    a, b, c = cell.low, cell.likely, cell.high
    return (c - a) ** 2 / 12 if cell.reason else (a * a + b * b + c * c - a * b - a * c - b * c) / 18


def _draw(cell: Cell, stream: Stream, key: str, shared: float) -> Array:
    if cell.reason:
        return cell.low + (cell.high - cell.low) * stream.uniform(key)
    return stream.triangular(key, cell.low, cell.likely, cell.high, common="judgement", correlation=shared)


@dataclass(frozen=True, slots=True)
class CostRatio:
    """One measured ratio of costs (TensorFlow / PyTorch), log-normal. The sides add up to 1."""

    log: float
    sd: float  # of the log: the measurement's and what moving to another machine adds
    swing: float
    margin: float

    def mean(self) -> tuple[float, float]:
        value = float(log_ratio(self.log + self.sd * _normal_grid(), self.swing, self.margin).mean())
        return value, 1 - value

    def variance(self) -> float:
        values = log_ratio(self.log + self.sd * _normal_grid(), self.swing, self.margin)
        return float((2 * values - 1).var())

    def draw(self, stream: Stream, key: str) -> Array:
        value = log_ratio(self.log + self.sd * stream.normal(key), self.swing, self.margin)
        return np.stack([value, 1 - value])

    def cells(self) -> dict[Framework, Cell]:
        """The 90 % range."""
        reach = self.sd * Z90
        low, likely, high = log_ratio([self.log - reach, self.log, self.log + reach], self.swing, self.margin).tolist()
        return {"pytorch": Cell(low, likely, high), "tensorflow": Cell(1 - high, 1 - likely, 1 - low)}


@dataclass(frozen=True, slots=True)
class UnknownRatio:
    """A ratio that nobody measured: uniform over the whole swing, so that one side's gain is the other's loss."""

    cell: Cell

    def mean(self) -> tuple[float, float]:
        return 0.5, 0.5

    def variance(self) -> float:
        return 1 / 3  # uniform on [−1, 1]

    def draw(self, stream: Stream, key: str) -> Array:
        u = stream.uniform(key)
        return np.stack([u, 1 - u])

    def cells(self) -> dict[Framework, Cell]:
        """The whole range, with the reason."""
        return {"pytorch": self.cell, "tensorflow": self.cell}


@dataclass(frozen=True, slots=True)
class Limit:
    """Times against the team's own target and limit: a common level and the measured ratio, both log-normal."""

    log_level: float  # log of the geometric mean of both sides, in the unit of target and limit
    level_sd: float
    log: float  # log of TensorFlow / PyTorch
    sd: float
    target: float
    limit: float

    def _values(self, level: Array, ratio: Array) -> Array:
        half = ratio / 2
        times = np.exp(np.stack([level - half, level + half]))
        return piecewise_linear(times, (self.target, self.limit), (1.0, 0.0))

    def _on_grid(self) -> Array:
        grid = _normal_grid()
        level, ratio = np.meshgrid(self.log_level + self.level_sd * grid, self.log + self.sd * grid)
        return self._values(level, ratio).reshape(2, -1)

    def mean(self) -> tuple[float, float]:
        pytorch, tensorflow = self._on_grid().mean(axis=1)
        return float(pytorch), float(tensorflow)

    def variance(self) -> float:
        pytorch, tensorflow = self._on_grid()
        return float((pytorch - tensorflow).var())

    def draw(self, stream: Stream, key: str) -> Array:
        level = self.log_level + self.level_sd * stream.normal(f"{key}/level")
        return self._values(level, self.log + self.sd * stream.normal(key))

    def cells(self) -> dict[Framework, Cell]:
        """The range with level and ratio at their 5 % and 95 % quantiles together."""
        reach = Z90 * float(np.hypot(self.level_sd, self.sd / 2))
        slow, likely, fast = (
            self._values(np.array(self.log_level + step), np.array(self.log)) for step in (reach, 0.0, -reach)
        )
        sides = zip(slow.tolist(), likely.tolist(), fast.tolist(), strict=True)
        pytorch, tensorflow = (Cell(low, mid, high) for low, mid, high in sides)
        return {"pytorch": pytorch, "tensorflow": tensorflow}
