"""What a comparison of both halves says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from probes.schema import Framework
from probes.team_files import ModelFile

#: ``unknown``: it can't be told, for a reason that is said.
Conclusion = Literal["same", "different", "unknown"]


@dataclass(frozen=True, slots=True)
class LintFinding:
    """Defaults, or settings, that differ between a pair of steps: the rule's id, and what each side has."""

    rule: str
    pytorch: str  # the step's title
    keras: str
    values: Mapping[str, Any]  # by side


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """``deviation``: the largest, as a share of the largest value of PyTorch's; None where shapes don't compare."""

    kind: str
    pytorch: str
    keras: str
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    largest: float | None  # absolute difference
    deviation: float | None
    note: str = ""  # what the numbers themselves tell: the same ones in another order, all of them scaled …

    @property
    def parts(self) -> bool:
        """Whether both sides differ here."""
        return self.deviation is None or not self.deviation <= STEP_LIMIT  # NaN is no agreement


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """The weight whose gradient, or the moving mean whose change, differs most: as a share of PyTorch's length."""

    name: str
    deviation: float


@dataclass(frozen=True, slots=True)
class Comparison:
    model: str
    verdict: Conclusion
    reason: str  # what differs, or why it can't be told
    steps: tuple[ComparedStep, ...] = ()
    unpaired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # steps by side, by their titles
    first: ComparedStep | None = None  # where both sides part
    outputs: ComparedStep | None = None
    loss: Mapping[str, float] | None = None
    gradient: ComparedPart | None = None
    statistic: ComparedPart | None = None
    findings: tuple[LintFinding, ...] = ()
    suspects: tuple[str, ...] = ()  # rules, the likeliest first


#: How weights get from PyTorch's half to Keras': by the order of layers, by the file's ``transfer``, or as they are,
#: because one function makes both.
Carrying = Literal["order", "transfer", "once"]
#: What a file lets one compare. ``unshown``: both halves, which aren't shown to compute the same.
ReportLevel = Literal["one half", "unshown", "same", "once"]


@dataclass(frozen=True, slots=True)
class OutlinedLayer:
    """A layer as it ran; what follows from a call of one that ran before has no parameters of its own."""

    kind: str  # as ``Step.kind``
    title: str  # what the file's author calls it
    shape: tuple[int, ...]  # of what it gives for one sample, in its own framework's order of axes
    parameters: int


@dataclass(frozen=True, slots=True)
class OutlinedArray:
    """An array of inputs or of outputs."""

    place: str  # in the tree; "" for the only one
    shape: tuple[int, ...]  # of one sample
    dtype: str
    by_sample: bool = True  # False: its first axis isn't the samples, and ``shape`` is all of it


@dataclass(frozen=True, slots=True)
class Outline:
    """What one half consists of."""

    layers: tuple[OutlinedLayer, ...]
    #: Multiplications and additions of one answer to one sample, in dense, convolutional and recurrent kernels; None
    #: where there is no such layer.
    flops: int | None
    uncounted: tuple[str, ...] = ()  # titles of layers with weights whose work isn't known


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What is known of a team's own model before it is measured."""

    file: ModelFile
    inputs: tuple[OutlinedArray, ...]
    outlines: Mapping[Framework, Outline]  # of the halves that could be looked at
    carrying: Carrying | None  # None: there are no two halves to carry weights between
    verdict: Conclusion | None  # whether both halves compute the same; None: there is one
    reason: str = ""  # what differs, or why something can't be told
    first: ComparedStep | None = None  # where both sides part
    suspects: tuple[str, ...] = ()  # ids of rules, the likeliest first
    outputs: tuple[OutlinedArray, ...] = ()
    schema: Literal[1] = 1

    @property
    def level(self) -> ReportLevel:
        if self.verdict is None:
            return "one half"
        if self.verdict != "same":
            return "unshown"
        return "once" if self.carrying == "once" else "same"


#: Largest deviation of a step that is rounding, as a share of its largest value. Float32 sums in another order differ
#: by 1e-7 to 1e-5; GELU by tanh by 5e-5 to 5e-4.
STEP_LIMIT = 3e-5
