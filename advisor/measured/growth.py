"""How the ratio of both sides changes as a network grows: a ratio at each of its sizes, from details ``weights_N``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from statistics import fmean

from probes.results import Measurement, ProbeResult
from probes.schema import FRAMEWORKS, Framework, Outcome

_NAME = "weights_"
_FEWEST = 2  # sizes that make a picture


@dataclass(frozen=True, slots=True)
class SizePoint:
    """TensorFlow / PyTorch at one size: the geometric mean over the rounds, the lowest and the highest of them."""

    weights: int
    ratio: float
    low: float
    high: float
    rounds: int

    def ahead(self, margin: float) -> Framework | None:
        """Which side took less, by more than ``margin`` and in every round; None where that can't be said."""
        if log(self.low) > log1p(margin):
            return "pytorch"
        return "tensorflow" if log(self.high) < -log1p(margin) else None

    def equal(self, margin: float) -> bool:
        """Whether every round lies within ``margin``."""
        return -log1p(margin) <= log(self.low) and log(self.high) <= log1p(margin)


@dataclass(frozen=True, slots=True)
class Growth:
    """A probe's ratio over the sizes of its network, the smallest first."""

    title: str
    margin: float
    points: tuple[SizePoint, ...]


def growth(result: ProbeResult, raw: Sequence[Measurement]) -> Growth | None:
    """The ratios over sizes of a probe that was measured at several, where lower is better; None for any other."""
    if result.outcome is not Outcome.OK or result.better != "lower":
        return None
    ratios: dict[int, list[float]] = {}
    for measurement in raw:
        for instance in measurement.instances:
            pytorch, tensorflow = (instance.details.get(side, {}) for side in FRAMEWORKS)
            for name in pytorch.keys() & tensorflow.keys():
                if name.startswith(_NAME):
                    ratios.setdefault(int(name.removeprefix(_NAME)), []).append(tensorflow[name] / pytorch[name])
    points = tuple(
        SizePoint(at, exp(fmean(map(log, found))), min(found), max(found), len(found))
        for at, found in sorted(ratios.items())
    )
    return Growth(result.title, result.margin, points) if len(points) >= _FEWEST else None
