"""What crosses a process, a wire or a disk about browsers as a probe. Frozen, versioned, JSON both ways.

A *visit* is one browser's work for one link. Its plan is fixed before it begins: cells (runtime, backend, batch), how
often each is measured, and in which order the sides take turns. A cell is measured in *rounds*, each in a fresh Worker;
a round has instances (both exports loaded anew), and an instance superblocks, as anywhere else in ``probes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from probes.deploy.schema import Logits
from probes.in_browser.runtimes import Backend, RuntimeId
from probes.places import Framework
from probes.results import Instance, Order
from probes.schema import Outcome

ASKED: Final = 256  # inputs that every export answers before it is clocked
TOLERANCE: Final = 1e-4  # largest deviation of any logit from the source's, in float32


@dataclass(frozen=True, slots=True)
class KitFile:
    """A file that a browser loads of a kit."""

    name: str  # in the kit's folder: "pytorch.onnxruntime-web/model.onnx"
    bytes: int
    sha256: str  # hex


@dataclass(frozen=True, slots=True)
class KitExport:
    """One framework's export for one runtime, or why there is none."""

    framework: Framework
    runtime: RuntimeId
    outcome: Outcome
    reason: str = ""
    files: tuple[KitFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Kit:
    """One trained network as browsers play it: its exports, the inputs that all are asked, the sources' answers."""

    model: str
    title: str
    sizes: Mapping[str, int]
    digest: str  # of every file: what was loaded is what was exported
    shape: tuple[int, ...]  # of one input
    dtype: Literal["float32", "int64"]
    inputs: KitFile  # ``ASKED`` inputs, little-endian, row by row
    answers: Mapping[Framework, Logits]
    exports: tuple[KitExport, ...]
    folder: str = ""  # name of the folder in the cache; "" for a kit without any export
    labels: tuple[int, ...] = ()  # of the inputs, where there is a task
    schema: Literal[1] = 1

    def export(self, framework: Framework, runtime: str) -> KitExport | None:
        """That of a side for a runtime; None where there is no such way."""
        return next((one for one in self.exports if (one.framework, one.runtime) == (framework, runtime)), None)


@dataclass(frozen=True, slots=True)
class KitRequest:
    """Of which network to make a kit, at its default sizes."""

    model: str = "mlp"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class BrowserCell:
    """One thing that a visit measures."""

    runtime: RuntimeId
    backend: Backend
    batch: int
    sides: tuple[Framework, ...]  # whose exports take turns; one alone is timed by itself

    @property
    def id(self) -> str:
        """``onnxruntime-web.wasm.1``."""
        return f"{self.runtime}.{self.backend}.{self.batch}"


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """What a visit will do, fixed before any clock."""

    kit: Kit
    runtimes: str  # digest of the runtimes' files
    cells: tuple[BrowserCell, ...]
    #: By cell: an entry a round, of it an entry an instance, of it the orders of its superblocks.
    orders: Mapping[str, tuple[tuple[tuple[Order, ...], ...], ...]]
    block_seconds: float = 0.1  # at least: browsers' clocks are good to 5 µs … 1 ms
    trainable: bool = False  # whether TensorFlow.js can be asked to train the network: the article's, with labels
    spoil: Mapping[Framework, float] = field(default_factory=dict)  # of a self-check: by which share a side is slowed
    schema: Literal[1] = 1

    @property
    def rounds(self) -> int:
        """Of each cell."""
        return max((len(orders) for orders in self.orders.values()), default=0)


@dataclass(frozen=True, slots=True)
class BrowserConditions:
    """What a browser tells of itself. Figures of different conditions are never averaged."""

    browser: str  # "Chromium 142"
    system: str  # "Linux", "Android 16"
    device: str = ""  # "Pixel 8", where it is told
    mobile: bool = False
    cores: int = 0  # 0: not told
    memory_gb: float = 0.0  # as browsers round it; 0: not told
    gpu: str = ""  # as the browser calls it; "": not told
    isolated: bool = False  # whether threads may share memory
    secure: bool = False  # https or this very machine: WebGPU is there in no other case
    screen: str = ""  # "390 × 844"
    clock_us: float = 0.0  # the smallest step that its clock was seen to take

    @property
    def software(self) -> bool:
        """Whether the processor plays the GPU, as far as its name tells (``isSoftware`` of the page's device.js)."""
        return any(part in self.gpu.lower() for part in ("swiftshader", "llvmpipe", "software", "basic render"))

    @property
    def name(self) -> str:
        """``Chromium 142 on Pixel 8 (Android 16)``."""
        where = f"{self.device} ({self.system})" if self.device else self.system
        return f"{self.browser} on {where}"


@dataclass(frozen=True, slots=True)
class SideStart:
    """What one side took before it answered steadily, seconds."""

    build_s: float
    first_s: float


@dataclass(frozen=True, slots=True)
class BrowserRound:
    """What one fresh Worker made of a cell."""

    load_s: float  # from starting the Worker until its runtime was ready
    starts: Mapping[Framework, SideStart]
    instances: tuple[Instance, ...]
    #: Of all inputs, from a cell's first round; later ones send none.
    answers: Mapping[Framework, Logits] = field(default_factory=dict)
    heap_bytes: int = 0  # of the runtime's memory, where it tells; 0: not told
    started_at: str = ""  # ISO 8601, UTC, by this server's clock
    seconds: float = 0.0  # from «started» to the report, by this server's clock


@dataclass(frozen=True, slots=True)
class CellEnd:
    """How a cell, or one side of it, ended that came to no whole measurement."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class CellRecord:
    """All that was seen of a cell."""

    cell: BrowserCell
    rounds: tuple[BrowserRound, ...] = ()
    end: CellEnd | None = None  # None: it goes on, or it came to its last round
    ended: Mapping[Framework, CellEnd] = field(default_factory=dict)  # sides that go no further; the other may

    @property
    def playing(self) -> tuple[Framework, ...]:
        """The sides that are still to be timed: both in turns, or one alone."""
        return tuple(side for side in self.cell.sides if side not in self.ended)

    def without(self, side: Framework, end: CellEnd) -> CellRecord:
        """The record after ``side`` has ended; with nobody left the cell has ended too."""
        left = replace(self, ended={**self.ended, side: end})
        return left if left.playing else replace(left, end=end)


TRAINING: Final = "tfjs.training"  # stands where a cell's id would
TRAINING_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """TensorFlow.js training the article's network anew, in steps of ``TRAINING_BATCH`` inputs with Adam."""

    outcome: Outcome
    reason: str = ""
    backend: str = ""  # "webgl", "cpu": what it computed on
    step_s: tuple[float, ...] = ()  # seconds a step, a block of steps each
    first_loss: float = 0.0  # cross-entropy, nats
    last_loss: float = 0.0  # after all steps


#: ``waiting``: nobody has opened the link. ``open``: a browser has, and nothing runs yet.
VisitState = Literal["waiting", "open", "running", "over"]


@dataclass(frozen=True, slots=True)
class RunningRound:
    """What a browser said that it starts, before it started it."""

    cell: str
    round: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser's work for one link, and how far it is."""

    plan: VisitPlan
    state: VisitState = "waiting"
    conditions: BrowserConditions | None = None
    chosen: tuple[str, ...] = ()  # the cells that the visitor wants measured
    running: RunningRound | None = None
    records: Mapping[str, CellRecord] = field(default_factory=dict)  # by cell; of those that something is known of
    reason: str = ""  # why it was over before all was measured
    trains: bool = False  # the visitor wants to see TensorFlow.js train too
    training: TrainingRecord | None = None
