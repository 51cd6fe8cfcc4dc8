"""What crosses a process or a disk: requests, raw rounds, results. Frozen, versioned, JSON both ways.

A *round* (a fresh pair of child processes) is the unit that is stored; every result is a pure function of
the request and its rounds, so any verdict can be recomputed from what was kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args

from probes.places import FRAMEWORKS as FRAMEWORKS
from probes.places import TITLES as TITLES
from probes.places import Framework as Framework
from probes.places import Interpreter as Interpreter
from probes.places import against

if TYPE_CHECKING:
    from pydantic import TypeAdapter

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


#: An archive of NumPy's arrays, a table of numbers with a line of names, a folder with a subfolder a class.
DataKind = Literal["npz", "csv", "jpeg"]


@dataclass(frozen=True, slots=True)
class TeamData:
    """A team's own data, as they were looked at. They are in no record, their hash is."""

    name: str  # of the file or folder, without the one that it lies in
    sha256: str  # of a folder over the sorted names, sizes and contents of its files
    kind: DataKind
    count: int  # samples
    shapes: Mapping[str, tuple[int, ...]]  # of one sample, by array; of a table its columns but one; {} of images
    label: str  # the column or array with the labels; "" where subfolders are the labels, or there are none
    classes: int  # that the labels tell apart, 0: they are numbers, or there are none
    pass_count: int  # samples that one pass of a pipeline reads

    @property
    def labelled(self) -> bool:
        """Whether each sample has a label."""
        return self.kind == "jpeg" or bool(self.label)

    @property
    def key(self) -> str:
        """12 hex digits for the content and for which part of it is the label."""
        return hashlib.sha256(f"{self.sha256} {self.label}".encode()).hexdigest()[:12]

    @property
    def id(self) -> str:
        """As a model's in the catalog: what was measured with other data is never merged with it."""
        return f"data-{self.key}"


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a side has no half of a published model here."""

    # «no implementation» says something of the framework; «not installed» of this machine; «refused» of this model.
    kind: Literal["not installed", "no implementation", "refused"]
    library: str  # "KerasHub"
    version: str = ""
    what: str = ""  # "modernbert as encoder"; the environment that has the library; or the words of a refusal
    as_of: str = ""  # ISO 8601, the day of the look

    @property
    def reason(self) -> str:
        match self.kind:
            case "not installed":
                return f"{self.library} isn't here: python -m probes env create {self.what}"
            case "no implementation":
                return f"no implementation of {self.what} in {self.library} {self.version}, as of {self.as_of}"
        return self.what


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A team's own model, as its file described itself. Its code is in no record, its hash is."""

    name: str  # of the file, without its folder
    sha256: str
    title: str
    sides: tuple[Framework, ...]  # that it has a half for
    trains: bool  # whether its inputs come with labels
    parameters: Mapping[Framework, int] = field(default_factory=dict)
    packages: tuple[str, ...] = ()  # that it needs besides the frameworks
    # What a step of 64 samples took when the file was looked at; bytes are on top of the framework's own.
    step_seconds: Mapping[Framework, float] = field(default_factory=dict)
    step_bytes: Mapping[Framework, int] = field(default_factory=dict)
    data: TeamData | None = None  # that take the place of what its ``inputs`` draws
    generates: bool = False  # whether it writes text, token by token
    lacks: Mapping[Framework, Lack] = field(default_factory=dict)  # sides that a published model has no half for

    @property
    def id(self) -> str:
        """As a model's in the catalog: two versions of a file are two models, whose results never merge."""
        return f"own-{self.sha256[:12]}" + (f"-{self.data.key}" if self.data else "")


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


@dataclass(frozen=True, slots=True)
class Superblock:
    """Four blocks, ``ABBA`` or ``BAAB``, A being PyTorch. Figures per step, in the order run, in seconds."""

    order: Literal["ABBA", "BAAB"]
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


T = TypeVar("T")


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}  # building one costs milliseconds, using it microseconds


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    from pydantic import BeforeValidator, TypeAdapter  # late: a measured child describes models and must stay small

    if kind not in _ADAPTERS:
        read: Any = Annotated[kind, BeforeValidator(_apart)] if kind is RunResult else kind
        _ADAPTERS[kind] = TypeAdapter(read)
    return _ADAPTERS[kind]


def _apart(record: Any) -> Any:
    """A run as it is kept today: before ADR 22 the request held the calibration and the priority as well."""
    if not isinstance(record, dict) or "calibration" in record or not isinstance(record.get("request"), dict):
        return record
    kinds: Mapping[str, type[Any]] = {"calibration": Calibration, "priority": Priority}
    request = record["request"]
    return record | {
        name: {part.name: request[part.name] for part in fields(kind) if part.name in request}
        for name, kind in kinds.items()
    }


def to_dict(value: Any) -> dict[str, Any]:
    """A dataclass of this module as plain JSON types."""
    result: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    if isinstance(value, RunResult):
        result["budget"] = value.budget
    return result


def to_json(value: Any, *, indent: int | None = None) -> str:
    """A dataclass of this module as JSON text. NaN and infinities are refused by ``from_json``'s reader."""
    return json.dumps(to_dict(value), indent=indent, ensure_ascii=False, allow_nan=False)


def from_json(kind: type[T], text: str | bytes) -> T:
    """Read ``kind`` back. Raises ``pydantic.ValidationError`` (a ``ValueError``) that names the path and value."""
    value: T = _adapter(kind).validate_json(text)
    return value
