"""What a model, a measure and a framework adapter promise each other. Imports no framework and nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from probes.schema import Better, Framework, Level, Track
from probes.team_files import DataKind, TeamData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

#: How the names of moving statistics of a normalisation end: they are kept with the weights, and nobody trains them.
STATISTICS = (".mean", ".variance")

#: ``timed``: steps repeated in blocks on a pair of children. ``paired``: one value an instance on such a pair.
#: ``cold``: one value from every child that starts. ``fresh``: one value from a child started for nothing else.
#: ``scaled``: the same for one thread, two, four … and all cores; the last value is compared, the others are its curve.
#: ``sized``: the same for the network as asked for, 8 times as large, and as large as may be; the largest is compared.
#: ``search``: the largest number that fits into a limit, each tried in a child started for nothing else.
MeasureKind = Literal["timed", "paired", "cold", "fresh", "scaled", "sized", "search"]

Tell = Callable[[str, float], None]  # what is being done, and the share of the work that is
Cancelled = Callable[[], bool]  # asked several times a second: whether to stop

#: What people ask of the frameworks, by the heading under which the measures that answer it stand, in the order of the
#: pages. ``FIRST_GROUPS`` are what nearly everybody asks; pages fold the others.
GROUPS: Mapping[str, str] = {
    "Training": "How long does a training step take?",
    "Answering": "How fast does it answer?",
    "Memory and disk": "How much memory and disk does it need?",
    "Start and compile": "How long until it runs: start, build, compile?",
    "Growth": "How does it grow, and how large does it get before it breaks?",
    "Learning": "How soon has it learned a task?",
    "Automatic differentiation": "How fast are its derivatives?",
    "Shapes and control flow": "What do changing shapes, loops and mistakes in shapes cost?",
    "Data": "How fast does it read data?",
    "Numerics": "How exact are its numbers?",
}
FIRST_GROUPS = 5


class UnsupportedError(Exception):
    """Something can't run here. The text says why and what to do; it is shown to users as it is."""


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """What a measure measures. ``tracks`` maps each track it has to the smallest named budget that covers it."""

    id: str
    title: str
    question: str  # what a reader learns from it, one sentence
    metric: str
    unit: Literal["s", "samples/s", "tokens/s", "B", "relative", "samples", "J"]
    better: Better
    kind: MeasureKind
    tracks: Mapping[Track, Level]
    group: str  # the heading of the question that it helps to answer, one of ``GROUPS``
    sizes: tuple[str, ...] = ()  # that a model must have to be measured so, because the data fix them
    models: tuple[str, ...] = ()  # the only ones it is told by; () is all
    packages: tuple[str, ...] = ()  # that the measure itself needs: all but the framework's own are hidden from a child
    # What a value of both sides takes about on each track, start-up aside; not of timed measures.
    seconds: Mapping[Track, float] = field(default_factory=dict)
    work: float = 1.0  # how often what a network is slower by (``ModelSpec.slower``) counts in an instance
    any_model: bool = False  # told by a team's own model too: it needs no more of a network than steps and predictions
    trains: bool = True  # whether it takes labels; told by a model that only predicts if it doesn't
    data: DataKind | Literal[""] = ""  # the kind of a team's own data that it reads as well as made ones
    generates: bool = False  # told only by a model that writes text, token by token
    every_core: bool = False  # children of its own that may use all cores, whatever the others may
    samples_per_step: int = 0  # > 0: the metric is a rate, so many samples a step
    #: Details whose means over all instances must agree between the sides within this, else «not comparable».
    must_agree: Mapping[str, float] = field(default_factory=dict)
    #: Standard deviation of log-ratios between fresh pairs that is reckoned with where a machine's own isn't known;
    #: 0: what the request states for all.
    spread: float = 0.0

    @property
    def alone(self) -> bool:
        """Whether each of its values comes from a pair of processes of its own."""
        return self.kind in ("cold", "fresh", "scaled", "sized", "search")

    def value(self, seconds: float) -> float:
        """The metric, in ``unit``, of a step that took ``seconds``. Only timed measures are converted."""
        return self.samples_per_step / seconds if self.samples_per_step else seconds


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How a network is trained, the same on both sides. Dropout is 0 where the two sides are compared number by
    number, because the frameworks draw different random masks; it is on wherever a clock runs."""

    dropout: float = 0.2
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    epsilon: float = 1e-8
    label_smoothing: float = 0.1
    clip_norm: float = 1.0
    cosine_steps: int = 0  # > 0: the learning rate falls to 0 along a half cosine in so many steps
    # "bfloat16": mixed, weights stay float32; "float64": everything, to have a reference.
    precision: Literal["float32", "bfloat16", "float64"] = "float32"


class Subject(Protocol):
    """A built network with its optimiser and one batch of inputs, in one framework and mode.

    Most measures need its methods only, which are the same on both sides. Those about what the frameworks do
    differently are written in two halves, and use the framework's own objects: ``network``, ``x``, ``labels``.
    """

    @property
    def network(self) -> Any:
        """The framework's own module or model."""
        ...

    @property
    def x(self) -> Any:
        """The built-in batch."""
        ...

    @property
    def labels(self) -> Any:
        """Its labels, in the form that ``criterion`` wants."""
        ...

    def criterion(self, logits: Any, labels: Any) -> Any:
        """The mean loss."""
        ...

    def compiled(self, function: Callable[..., Any], *, relaxed: bool = False, whole: bool = True) -> Any:
        """``function`` in this subject's mode. ``relaxed``: compiled for inputs of any shape, as far as the framework
        offers it. ``whole``: what can't be compiled as one graph is an error."""
        ...

    def infer(self, x: Any) -> Any:
        """Logits of placed inputs in inference mode, as plain calls that ``compiled`` can take."""
        ...

    def forward(self, x: Any) -> Any:
        """Logits of placed inputs in training mode, dropout and precision as in a step; plain calls as ``infer``."""
        ...

    def named(self, values: Any) -> Arrays:
        """One value a trained weight, in the framework's own order and layout, by ``layer.part`` as ``weights`` is."""
        ...

    def uncached(self) -> AbstractContextManager[Any]:
        """Inside, what is compiled is compiled in full, whatever earlier processes left on the disk."""
        ...

    def breaks(self) -> int:
        """How often a graph was cut in two because something in it can't be compiled, so far in this process."""
        ...

    def train(self) -> Any:
        """One optimiser step on the built-in batch; the loss, perhaps not computed yet."""
        ...

    def train_on(self, x: Any, labels: Any) -> Any:
        """One optimiser step on a batch from ``place``; the loss, perhaps not computed yet."""
        ...

    def predict(self) -> Any:
        """Logits of the built-in batch in inference mode, perhaps not computed yet."""
        ...

    def predict_on(self, x: Any) -> Any:
        """Logits of inputs from ``place``, in inference mode."""
        ...

    def place(self, x: Any, labels: Any) -> tuple[Any, Any]:
        """Put inputs (n, …) and integer labels (n,), arrays or the framework's own tensors, on the device, in the form
        that ``train_on`` wants. Labels that an input pipeline brought into that form stay as they are."""
        ...

    def split(self, x: Any, labels: Any, size: int) -> list[tuple[Any, Any]]:
        """What was placed as batches of ``size``, as cheaply as the framework cuts it; the rest is left out."""
        ...

    def read(self, value: Any) -> NDArray[Any]:
        """Wait for a value and copy it to the host: the end of what a user waits for."""
        ...

    def settle(self) -> None:
        """Wait until the device has done all that was asked of it."""
        ...

    def weights(self) -> Arrays:
        """Every weight and moving statistic by ``layer.part``, copied to the host."""
        ...

    def traces(self) -> int:
        """How often a step was traced or compiled so far: it must not grow while a clock runs."""
        ...


@dataclass(frozen=True, slots=True)
class DataPlace:
    """A team's own data, and where they lie: what a measured child is told."""

    data: TeamData
    path: Path


class Bench(Protocol):
    """What a measure finds in the child: its model and framework, and a way to build them."""

    @property
    def framework(self) -> Framework: ...

    @property
    def seed(self) -> int:
        """The same on both sides for the same instance."""
        ...

    @property
    def device(self) -> str: ...

    @property
    def import_seconds(self) -> float:
        """What importing the framework took in this child."""
        ...

    @property
    def sizes(self) -> Mapping[str, int]:
        """Every size of the model in this run."""
        ...

    @property
    def track(self) -> Track: ...

    @property
    def own_data(self) -> DataPlace | None:
        """The team's own data, where the probe is about them; None: the measure makes its data."""
        ...

    def build(
        self,
        *,
        batch: int,
        settings: TrainingSettings = ...,
        sizes: Mapping[str, int] | None = None,
        track: Track | None = None,
    ) -> Subject:
        """A new network with weights and inputs drawn from ``seed``. ``sizes`` override the run's, ``track`` the
        probe's."""
        ...

    def inputs(self, rng: Any, sizes: Mapping[str, int], batch: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """The model's inputs and labels, drawn by a NumPy generator."""
        ...

    def reset_peak(self) -> None:
        """Start a new search for the peak of memory use."""
        ...

    def held(self) -> float:
        """Bytes that the process holds now; on an accelerator, those that its allocator does."""
        ...

    def peak(self) -> tuple[float, str]:
        """The peak since ``reset_peak`` in bytes, and a note where it isn't exactly that ("" if it is)."""
        ...

    def clock(self) -> float:
        """Seconds on the monotonic clock that all figures of this child are read from."""
        ...


@dataclass(frozen=True, slots=True)
class Timed:
    """A step to repeat, on the subject it belongs to. ``finish`` waits for the last step of a block."""

    subject: Subject
    step: Callable[[], Any]
    finish: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class SingleValue:
    """One value in the probe's unit, its named parts, and what a reader must know about it."""

    value: float
    details: Mapping[str, float]
    note: str = ""


class Adapter(Protocol):
    """A framework's side of the plumbing: ``probes.frameworks.x`` as a module."""

    def load(self, threads: int) -> None:
        """Import the framework and set threads and precision."""
        ...

    def devices(self) -> tuple[str, ...]:
        """ "cpu", and "cuda" where the framework sees such a device."""
        ...

    def use(self, device: str, seed: int) -> None:
        """Choose the device and seed the generators."""
        ...

    def describe(self, device: str) -> dict[str, str]:
        """Versions, threads, precision, device: what the record keeps."""
        ...

    def build(
        self, half: Callable[..., Any], weights: Arrays, inputs: tuple[NDArray[Any], NDArray[Any]], *,
        sizes: Mapping[str, int], mode: str, device: str, settings: TrainingSettings,
    ) -> Subject: ...  # fmt: skip

    def reset_device_peak(self, device: str) -> None: ...

    def device_peak(self, device: str) -> float:
        """Bytes the framework's allocator held at most on an accelerator."""
        ...

    def device_held(self, device: str) -> float:
        """Bytes the framework's allocator holds now on an accelerator."""
        ...

    def is_out_of_memory(self, error: BaseException) -> bool: ...
