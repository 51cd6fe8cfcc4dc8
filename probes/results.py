"""What comes out: raw rounds, and results, which are a pure function of the request and its rounds.

A *round* (a fresh pair of child processes) is the unit that is stored, so any verdict can be recomputed from what was
kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from probes.places import Framework, against
from probes.schema import (
    Better,
    Calibration,
    Machine,
    Outcome,
    Priority,
    RunRequest,
    RunSetup,
    Schedule,
    Track,
    Verdict,
)

#: Of the four blocks of a superblock. A is what runs at PyTorch's place.
Order = Literal["ABBA", "BAAB"]
ORDERS: Final[tuple[Order, Order]] = ("ABBA", "BAAB")
_SIDES: Final[Mapping[str, Framework]] = {"A": "pytorch", "B": "tensorflow"}


def sides_of(order: Order) -> tuple[Framework, ...]:
    """Whose block each of the four is, in the order run."""
    return tuple(_SIDES[letter] for letter in order)


@dataclass(frozen=True, slots=True)
class Superblock:
    """Four blocks. Figures per step, in the order run, in seconds."""

    order: Order
    wall: tuple[float, float, float, float]
    cpu: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Instance:
    """One build of model, inputs and optimiser on both sides: the cheap replicate.

    Timed measures keep ``superblocks``; one-shot measures (memory, start-up, time to accuracy) keep one value
    a side in ``single``, in the probe's unit. ``details`` holds named parts (import_s, accuracy …). Where one
    framework can't run, the other's blocks stand alone in ``blocks``: seconds per step, nothing to pair with.
    """

    superblocks: tuple[Superblock, ...] = ()
    steps: Mapping[Framework, int] = field(default_factory=dict)  # steps in a block
    single: Mapping[Framework, float] = field(default_factory=dict)
    details: Mapping[Framework, Mapping[str, float]] = field(default_factory=dict)
    blocks: Mapping[Framework, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SideReport:
    """How one framework's half of a probe ended in one round."""

    outcome: Outcome = Outcome.OK
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One probe in one round: its instances, and how each side ended."""

    probe: str
    sides: Mapping[Framework, SideReport]
    instances: tuple[Instance, ...] = ()
    # Largest absolute deviation between the sides before any clock: {"outputs": …, "weights": …}.
    agreement: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    doubt: str = ""  # why the sides of a team's own model, measured all the same, aren't shown to compute the same
    turns: tuple[str, ...] = ()  # the probes whose superblocks alternated with its own: other modes of the measure


@dataclass(frozen=True, slots=True)
class Round:
    """One fresh pair of child processes, start to end: the unit that is stored."""

    index: int  # 0-based
    measurements: tuple[Measurement, ...]
    # What each child said of itself: versions, threads, device, environment, pinned core.
    environment: Mapping[Framework, Mapping[str, str]] = field(default_factory=dict)
    started_at: str = ""  # ISO 8601, UTC
    seconds: float = 0.0
    contended: bool = False  # CPU/wall, steal or pressure said that somebody else was at work
    disturbances: tuple[str, ...] = ()  # which witness said what, for people
    complete: bool = True  # False: cut off in the middle; what it holds is shown, but a run starts it again
    start_seconds: float = 0.0  # until the pair had started and done its first step; 0 in records of before

    @property
    def on_gpu(self) -> bool:
        """Whether a child says that it worked on a GPU: what "auto" came to."""
        return any(said.get("device", "cpu") != "cpu" for said in self.environment.values())


@dataclass(frozen=True, slots=True)
class SideResult:
    """One framework's side of a result. ``samples`` are its raw blocks (or single values) in the probe's unit."""

    mode: str
    median: float | None
    samples: tuple[float, ...]
    outcome: Outcome
    reason: str = ""
    details: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ratio:
    """TensorFlow / PyTorch of the metric, with its interval."""

    estimate: float
    low: float
    high: float
    confidence: float  # 0.95


#: How a note begins that says of a team's own model: it was measured all the same, because nobody but the team knows
#: what it should do.
NOT_SHOWN = "not shown to be the same on both sides"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one probe said, over the rounds so far. ``provisional`` until the planned rounds are done."""

    probe: str
    model: str
    measure: str
    track: Track
    title: str
    metric: str
    unit: str
    better: Better
    sides: Mapping[Framework, SideResult]
    ratio: Ratio | None
    verdict: Verdict
    outcome: Outcome
    reason: str = ""
    # p-value of the verdict's claim (a difference, or equality within the margin), corrected for the looks.
    p: float | None = None
    provisional: bool = False
    rounds: int = 0
    margin: float = 0.05  # the equality margin δ, a fraction, fixed beforehand
    contended: bool = False
    notes: tuple[str, ...] = ()
    measured_at: str = ""  # ISO 8601, UTC, of the last round it rests on
    doubt: str = ""  # why its sides aren't shown to compute the same

    @property
    def shown_alike(self) -> bool:
        """Whether nothing says that the sides may compute different things."""
        return not self.doubt


@dataclass(frozen=True, slots=True)
class ModeEffect:
    """What a mode does for its framework: the metric in ``mode`` over the metric in ``against``, the default one."""

    framework: Framework
    mode: str
    against: str
    probe: str  # on which track it was measured
    better: Better
    ratio: Ratio
    verdict: Literal["better", "worse", "equal", "undecided"]
    in_turns: bool = False  # whether both modes alternated, and didn't only share processes


@dataclass(frozen=True, slots=True)
class BestModes:
    """Of a model and measure, each side in its best mode: what headlines say. And what the other modes would do.

    Where only one side was measured, that side's best mode and effects, and no ratio.
    """

    result: ProbeResult  # its sides may come from two tracks; titled without one
    effects: tuple[ModeEffect, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether there are two sides to tell apart."""
        return self.result.outcome is Outcome.OK and self.result.ratio is not None


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run: what it went by, where, what came out, and the raw rounds behind it."""

    machine: Machine
    request: RunRequest
    results: tuple[ProbeResult, ...]
    rounds: tuple[Round, ...] = ()
    planned_rounds: int = 0
    started_at: str = ""
    seconds: float = 0.0
    schema: Literal[1] = 1
    calibration: Calibration = field(default_factory=Calibration)
    priority: Priority = field(default_factory=Priority)
    schedule: Schedule | None = None
    best: tuple[BestModes, ...] = ()  # worked out when it is read, and not kept
    file: str = ""  # that it was brought in, where another machine or another Fulcrum measured it

    @property
    def headlines(self) -> tuple[ProbeResult, ...]:
        """Best mode against best mode, wherever both sides were measured."""
        return tuple(best.result for best in self.best if best.compared)

    @property
    def evidence(self) -> tuple[ProbeResult, ...]:
        """Those of the headlines that a recommendation may rest on: both frameworks, computing the same."""
        one_framework = against(self.request.interpreters)
        return () if one_framework else tuple(result for result in self.headlines if result.shown_alike)

    @property
    def setup(self) -> RunSetup:
        return RunSetup(self.request, self.calibration, self.priority, self.schedule)

    @property
    def on_gpu(self) -> bool:
        """Whether it was measured on a GPU, as the children say; what was asked for if none got that far."""
        told = [round_ for round_ in self.rounds if round_.environment]
        return any(round_.on_gpu for round_ in told) if told else self.request.device == "cuda"

    @property
    def budget(self) -> str | float:
        """The budget as it was asked for."""
        return self.request.budget


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the machine is with other things, and what to do about it, in sentences."""

    level: Literal["quiet", "busy", "contended"]
    reasons: tuple[str, ...]
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run is doing now, for people. Fractions are of the whole run, 0 to 1."""

    message: str  # "Round 1 of 2: training step, instance 3 of 6"
    probe: str | None
    round: int  # 1-based, 0 while preparing
    rounds: int
    fraction: float
    results: tuple[ProbeResult, ...] = ()  # provisional, over all raw data so far
