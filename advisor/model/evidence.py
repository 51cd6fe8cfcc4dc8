"""A line of the decision: the values of both sides, and the evidence that they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from advisor.answers import Confidence
from advisor.model.facts import Source
from probes.schema import Framework, Outcome
from probes.system.data_files import Text

#: ``team``: set for this decision alone; ``scan``: read from the team's code.
EvidenceKind = Literal["probe", "fact", "route", "judgement", "answer", "team", "scan"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of what a value rests on, fit to be shown: text, date, source or machine."""

    kind: EvidenceKind
    id: str  # probe id, fact id, route tool, criterion id, or the answer's key path
    text: str
    date: str = ""
    source: Source | None = None
    confidence: Confidence | None = None
    machine: str = ""
    stale: bool = False  # older than its half-life: the text says how old


CellStatus = Literal["measured", "fact", "answered", "unknown"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One framework's value on one criterion: 0 (worst anchor) to 1 (best anchor), as a range."""

    low: float
    likely: float
    high: float
    outcome: Outcome = Outcome.OK
    reason: str = ""  # why there is no measurement, or no knowledge


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the decision (``data/criteria.yaml``)."""

    id: str
    title: Text
    group: Text
    question: Text  # the question it answers
    why: Text  # why it matters, and when


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion with its weight, both values and what they rest on, as the pages show it.

    ``difference`` is value(PyTorch) − value(TensorFlow) in [−1, 1]; ``contribution`` is its mean share in the
    difference of the totals (mean weight × difference over the draws).
    """

    criterion: Criterion
    weight: float  # mean normalised weight, 0 to 1
    swing: float  # 0 to 100, as used
    swing_default: float  # 0 to 100, from the answers
    because: tuple[str, ...]  # "because you deploy to Android, ×1.8"
    cells: Mapping[Framework, Cell]
    difference: float
    difference_low: float  # 5 % quantile
    difference_high: float  # 95 % quantile
    contribution: float
    status: CellStatus
    evidence: tuple[Evidence, ...]
    summary: str = ""  # what the evidence says of both sides, one sentence


@dataclass(frozen=True, slots=True)
class Dropped:
    """A criterion that can't matter to these answers, and why."""

    criterion: Criterion
    because: str
