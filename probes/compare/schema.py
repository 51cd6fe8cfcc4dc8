"""What a comparison of both halves says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: ``unknown``: it can't be told, for a reason that is said.
Verdict = Literal["same", "different", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
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
    verdict: Verdict
    reason: str  # what differs, or why it can't be told
    steps: tuple[ComparedStep, ...] = ()
    unpaired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # steps by side, by their titles
    first: ComparedStep | None = None  # where both sides part
    outputs: ComparedStep | None = None
    loss: Mapping[str, float] | None = None
    gradient: ComparedPart | None = None
    statistic: ComparedPart | None = None
    findings: tuple[Finding, ...] = ()
    suspects: tuple[str, ...] = ()  # rules, the likeliest first


#: Largest deviation of a step that is rounding, as a share of its largest value. Float32 sums in another order differ
#: by 1e-7 to 1e-5; GELU by tanh by 5e-5 to 5e-4.
STEP_LIMIT = 3e-5
