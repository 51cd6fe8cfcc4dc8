"""What is asked for, and what a machine and a run are: frozen and versioned. What comes out is in ``results``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, get_args

from probes.places import FRAMEWORKS as FRAMEWORKS
from probes.places import TITLES as TITLES
from probes.places import Framework as Framework
from probes.places import Interpreter as Interpreter
from probes.team_files import ModelFile, TeamData

if TYPE_CHECKING:
    pass

# History of the format. 1 (2026-11): first; since ADR 22 what a run reckoned with stands beside its request.
SCHEMA = 1

Better = Literal["lower", "higher"]
Device = Literal["cpu", "cuda", "auto"]

#: The named budgets, the smallest first. A probe states the smallest one that has time for it.
Level = Literal["quick", "standard", "thorough"]
LEVELS: tuple[Level, ...] = ("quick", "standard", "thorough")

#: How both sides are run. ``default``: PyTorch eager and ``tf.function``, as tutorials write them. ``careful``: the
#: same with what each side's own documentation recommends (``data/modes.yaml``). ``eager``: both eager. ``tuned``: on
#: top of careful, ``torch.compile`` and XLA. ``plain``: TensorFlow without Keras' layers. ``graph``: TensorFlow 1.
Track = Literal["default", "careful", "eager", "tuned", "plain", "graph"]
TRACKS: tuple[Track, ...] = get_args(Track)
#: On which a side is likely to be at its best, which is what headlines compare.
BEST_TRACKS: tuple[Track, ...] = ("careful", "tuned")
_NAMED_TRACKS: Mapping[str, Track] = {track: track for track in TRACKS if track != "default"}


class Outcome(StrEnum):
    """How a probe, or one side of it, ended. A closed set; only ``OK`` is a measurement."""

    OK = "ok"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    CANCELLED = "cancelled"
    OUT_OF_MEMORY = "out of memory"
    CONTAMINATED = "contaminated"
    NOT_COMPARABLE = "not comparable"
    TOO_NOISY = "too noisy"


class Verdict(StrEnum):
    """What a ratio says: who is better, that they are equal inside the margin, or that nobody can tell yet."""

    PYTORCH = "pytorch"
    TENSORFLOW = "tensorflow"
    EQUAL = "equal"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class ProbeId:
    """Which probe. Requests, records and links hold its text: "mlp.train_step", off the default track
    "mlp.train_step.tuned"."""

    model: str
    measure: str
    track: Track = "default"

    def __str__(self) -> str:
        return f"{self.model}.{self.measure}" + ("" if self.track == "default" else f".{self.track}")

    @classmethod
    def parse(cls, text: str) -> ProbeId:
        """Raises ValueError for a text of another form; whether there is such a probe the catalog knows."""
        match text.split("."):
            case [str(model), str(measure)] if model and measure:
                return cls(model, measure)
            case [str(model), str(measure), track] if model and measure and track in _NAMED_TRACKS:
                return cls(model, measure, _NAMED_TRACKS[track])
        raise ValueError(f"probe: {text!r}; allowed: MODEL.MEASURE or MODEL.MEASURE.TRACK, {', '.join(_NAMED_TRACKS)}")


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """One model × measure × track for both frameworks."""

    id: str  # a ``ProbeId`` as text
    title: str  # "Training step"
    question: str  # what a reader learns from it, one sentence
    model: str
    measure: str
    track: Track
    metric: str  # "time per training step"
    unit: str  # "s", "samples/s", "tokens/s", "B", "relative", "samples", "J"
    better: Better
    modes: Mapping[Framework, str]  # {"pytorch": "eager", "tensorflow": "tf.function"}
    budget: Level  # the smallest named budget that covers it
    group: str = ""  # the heading of the question that it helps to answer

    def covered_by(self, level: Level) -> bool:
        """Whether a budget of that level takes it by itself."""
        return LEVELS.index(self.budget) <= LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class SizeSpec:
    """One adjustable size of a model (a width, a number of classes), with its bounds."""

    name: str
    label: str
    default: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A network written twice. ``sizes`` are what a page lets people change."""

    id: str
    title: str
    summary: str
    sizes: tuple[SizeSpec, ...]
    widths: tuple[str, ...] = ()  # the sizes that grow together when the network as a whole grows
    label: str = ""  # what it is called beside a measure; "" for the network that needs no name
    slower: float = 0.0  # seconds that timing it in batches takes longer than the article's network, on 2 virtual cores
    own: bool = False  # a team's own: its weights are its own, and its inputs any tree of arrays
    # Why a half can't be measured so: by track or measure, then framework.
    unable: Mapping[str, Mapping[Framework, str]] = field(default_factory=dict)

    def sized(self, asked: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
        """Every size: what was asked of this model, else the default."""
        own = asked.get(self.id, {})
        return {size.name: int(own.get(size.name, size.default)) for size in self.sizes}


@dataclass(frozen=True, slots=True)
class Availability:
    """A probe of the catalog and whether it can run here. ``reason`` says why not and what to install."""

    probe: ProbeSpec
    outcome: Literal[Outcome.OK, Outcome.UNSUPPORTED]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked for. Empty ``probes`` means the budget's own choice."""

    probes: tuple[str, ...] = ()
    budget: Level | float = "quick"  # or seconds
    device: Device = "auto"
    threads: int = 1  # intra-op threads, the same on both sides
    seed: int = 0
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # model -> size -> value
    model: str = "mlp"  # whose probes the budget chooses from where ``probes`` names none
    model_file: ModelFile | None = None  # the team's own model, if it is about one
    interpreters: Mapping[Framework, Interpreter] = field(default_factory=dict)  # of sides that don't run in the app's
    data: TeamData | None = None  # the team's own data, which pipelines read and its own model takes
    machine: str = ""  # the one of the team's machines that is to measure, by its name; "": the one that is asked


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a run reckons with, fixed before any clock: stated, or found by this machine's own self-check."""

    margin: float = 0.05  # the equality margin δ, a fraction
    # Standard deviation of the log-ratio between fresh pairs that is stated for all probes (a measure may state more),
    # and by probe: this machine's own. A record has what was reckoned with for each of its probes.
    spread: float = 0.015
    spreads: Mapping[str, float] = field(default_factory=dict)
    # Degrees of freedom that a spread counts for, and whose rules of inference hold; a run states both as it starts.
    spread_freedom: int = 0
    engine: int = 1
    # How long this machine takes for what a plan reckons with, by its last starts; 1: a quiet 2-core virtual machine.
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class Priority:
    """What the decision that asks would gain by knowing a probe better, in points of 1; empty when none asks."""

    gains: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a run was planned to do, stated as it starts: it is judged by that, whatever would be planned later."""

    probes: tuple[str, ...]  # in the order of the results
    looks: Mapping[str, tuple[int, ...]]  # by probe, the numbers of rounds after which a verdict may be reached
    budget_seconds: float  # what the run may take
    idle: tuple[str, ...] = ()  # probes that can't change the decision that asks, and are looked at less often for it
    check_seconds: float = 0.0  # on top, where it isn't known yet that both sides compute the same


@dataclass(frozen=True, slots=True)
class RunSetup:
    """All that a run goes by, joined where it begins and kept with its result (docs/adr/0022)."""

    request: RunRequest = field(default_factory=RunRequest)
    calibration: Calibration = field(default_factory=Calibration)
    priority: Priority = field(default_factory=Priority)
    schedule: Schedule | None = None  # None before the run has started, and in records of before


@dataclass(frozen=True, slots=True)
class Machine:
    """What the machine was. Results of different ``fingerprint`` never merge silently."""

    fingerprint: str  # 16 hex digits over hardware, OS and library versions
    name: str  # "AMD EPYC 7B13, 2 cores, 24 GiB": for people
    cpu: str
    physical_cores: int
    logical_cores: int
    memory_bytes: int
    gpus: tuple[str, ...]
    os: str
    kernel: str
    python: str
    virtualisation: str  # "" when none was seen
    versions: Mapping[str, str]  # library -> version, frameworks too (from package metadata, without import)
    container_limits: Mapping[str, str] = field(default_factory=dict)
