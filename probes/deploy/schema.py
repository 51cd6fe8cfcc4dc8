"""What crosses a process or a disk about ways out of a framework. Frozen, versioned, JSON both ways.

A record keeps what was seen (answers, blocks, bytes, warnings); every figure that is shown is a pure function of it
(``probes.deploy.summary``), so any number can be recomputed from what was kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from probes.schema import Framework, Interpreter, Machine, Outcome
from probes.team_files import ModelFile

#: How the artefact keeps its numbers. ``int8 dynamic``: weights only; ``int8 static``: activations too, by calibration.
ArtefactForm = Literal["float32", "float16", "int8 dynamic", "int8 static"]
FORMS: tuple[ArtefactForm, ...] = ("float32", "float16", "int8 dynamic", "int8 static")

#: Batches that are clocked: one request, and a full tray.
BATCHES = (1, 64)


@dataclass(frozen=True, slots=True)
class Way:
    """A route in one form: the unit that is exported, checked and timed. ``id`` is ``route`` or ``route.form``."""

    id: str  # "pytorch_onnxruntime", "pytorch_onnxruntime.int8-dynamic"
    route: str
    form: ArtefactForm
    title: str  # "ONNX → ONNX Runtime, int8 dynamic"
    framework: Framework
    environments: tuple[str, ...]  # ids of data/runtimes.yaml that it needs; () is the app's own environment alone
    steps: str  # what a team would call to get there: "torch.onnx.export → onnxruntime.InferenceSession"
    deprecated: str = ""  # why not to begin with it, though it works
    heavy: bool = False  # its export takes half a minute or more, or an environment of its own
    elsewhere: str = ""  # why nothing here can run it: exported and weighed only


@dataclass(frozen=True, slots=True)
class WayAvailability:
    """A way and whether it can be tried here. ``reason`` says why not and what to do."""

    way: Way
    outcome: Outcome  # OK or UNSUPPORTED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RoutesRequest:
    """What to try. Empty ``ways`` means all."""

    models: tuple[str, ...] = ("mlp",)
    ways: tuple[str, ...] = ()
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # model -> size -> value
    seed: int = 0
    threads: int = 1
    passes: int = 16  # rounds of blocks over all ways; each gives one figure a way and batch
    model_file: ModelFile | None = None  # the team's own model, if it is about one
    interpreters: Mapping[Framework, Interpreter] = field(default_factory=dict)  # of sides that don't run in the app's
    machine: str = ""  # the one of the team's machines that is to try them, by its name; "": the one that is asked


@dataclass(frozen=True, slots=True)
class Logits:
    """Logits of the inputs that all ways are asked, as little-endian float32 in base64, row by row."""

    rows: int
    columns: int
    base64: str
    outputs: tuple[int, ...] = ()  # of a team's own model: columns of each of its outputs; () of classes' scores


@dataclass(frozen=True, slots=True)
class Reference:
    """The trained network that everything is exported from, and what it answers in each framework itself."""

    model: str
    sizes: Mapping[str, int]
    trained_by: Framework | None  # whose loop trained the weights that both sides got; None: they are random
    task: str  # "handwritten digits", or "" where the network takes no images
    labels: tuple[int, ...]  # of the inputs, to count right answers; empty without a task or of a team's own model
    answers: Mapping[Framework, Logits] = field(default_factory=dict)
    classes: bool = True  # whether the answers are classes' scores, the largest of which is taken
    scored: int = 0  # a team's own labelled samples that everything was asked besides; they are in no record
    right: Mapping[Framework, int] = field(default_factory=dict)  # of them, that each framework itself gets right


@dataclass(frozen=True, slots=True)
class Exported:
    """What the export left, and how it went."""

    seconds: float
    bytes: int  # of all files of the artefact
    files: int
    warnings: tuple[str, ...] = ()  # deprecations and others that the export raised
    cached: bool = False  # taken from an earlier export of the same content; ``seconds`` are that one's


@dataclass(frozen=True, slots=True)
class Played:
    """What fresh processes with the runtime alone made of the artefact: the first one all but the clocked calls."""

    cold_s: float  # from starting the process to its first answer: interpreter, import, load, one input
    load_s: float  # of it, importing the runtime and loading the artefact
    first_s: float  # of it, the first answer
    answers: Logits
    dynamic_batch: bool
    batch_reason: str = ""  # what it said to a batch that it wasn't exported for
    # Seconds a call, one figure a pass, by batch size ("1", "64"); pass i of all ways lies side by side in time. As
    # many passes come from each of the ``processes``, one after the other.
    blocks: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    processes: int = 1
    peak_bytes: int = 0  # of the whole process, until its allocator is settled for the clocks
    runtime_bytes: int = 0  # what has to be installed to run it, dependencies included
    versions: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)  # of itself: its allocator, what was hidden from it
    right: int | None = None  # of the reference's ``scored`` samples


@dataclass(frozen=True, slots=True)
class RouteRecord:
    """How one way of one model ended, and what was seen."""

    way: Way
    model: str
    outcome: Outcome
    reason: str = ""
    exported: Exported | None = None
    played: Played | None = None
    group: int = 0  # ways of a group were clocked in turns with each other; other groups at another time


@dataclass(frozen=True, slots=True)
class RoutesRun:
    """A whole run: what was asked, where, and what came out."""

    machine: Machine
    request: RoutesRequest
    references: tuple[Reference, ...]
    records: tuple[RouteRecord, ...]
    started_at: str = ""  # ISO 8601, UTC
    seconds: float = 0.0
    schema: Literal[1] = 1


@dataclass(frozen=True, slots=True)
class RoutesProgress:
    """What a run is doing now, for people."""

    message: str  # "transformer: exporting ONNX → ONNX Runtime (5 of 28)"
    fraction: float  # 0 to 1
    records: tuple[RouteRecord, ...] = ()
    references: tuple[Reference, ...] = ()  # of the networks that the records are about, to compute figures by


#: Of an environment of its own that a route needs.
RuntimeState = Literal["missing", "ready", "yours"]


@dataclass(frozen=True, slots=True)
class RuntimeOffer:
    """One row of data/runtimes.yaml, and whether it is here."""

    id: str
    title: str
    purpose: str  # which routes need it, and why they can't live in the app's own environment
    pins: tuple[str, ...]  # what would be installed: "executorch==1.5.1"
    megabytes: int  # on disk, about
    programs: tuple[str, ...]  # that must be on the PATH besides: "java"
    state: RuntimeState  # "yours": an interpreter of the user's own
    interpreter: str = ""  # where it is, "" if nowhere
