"""``data/peaks.yaml`` (what machines can do at most) and ``data/steps.yaml`` (what steps compute, and took)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from advisor.model.facts import AsOf
from probes.schema import Framework
from probes.system.data_files import DataFile, Once, Text

Positive = Annotated[float, Field(gt=0)]
StepId = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z0-9_]+$")]


@dataclass(frozen=True, slots=True)
class PeakSource:
    """Whose figure it is, and where."""

    title: Text
    url: Text


@dataclass(frozen=True, slots=True)
class Peaks:
    """A kind of machine: float32 at most, of one core of a processor or of a whole GPU."""

    id: str
    title: Text
    kind: Literal["cpu", "gpu"]
    gflops: Positive  # 10⁹ float32 operations a second, without tensor cores
    gigabytes: Positive  # 10⁹ bytes a second from memory
    how: Text  # what the figures are made of
    source: PeakSource
    as_of: AsOf
    seen_as: str = ""  # the processor or GPU in the records of runs on it; "": none is on record


@dataclass(frozen=True, slots=True)
class CountedStep:
    """A step of a stock network at its default sizes: what it computes, and what it took, in seconds by machine (an id
    of ``peaks.yaml``) and framework, each side in its default mode on one thread."""

    id: StepId  # "mlp.train_step"
    flops: int
    bytes: int
    operations: int
    seconds: Mapping[str, Mapping[Framework, Positive]]

    @property
    def network(self) -> str:
        return self.id.partition(".")[0]

    @property
    def measure(self) -> str:
        return self.id.partition(".")[2]


class PeakTable(DataFile):
    file: ClassVar[str] = "peaks.yaml"
    machines: Once[Peaks]


class StepTable(DataFile):
    file: ClassVar[str] = "steps.yaml"
    steps: Once[CountedStep]


@cache
def peaks() -> Mapping[str, Peaks]:
    """By id. Raises DataError."""
    return {row.id: row for row in PeakTable.read().machines}


@cache
def steps() -> tuple[CountedStep, ...]:
    """In the order of the file. Raises DataError."""
    return StepTable.read().steps
