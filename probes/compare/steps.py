"""What a network does one after the other: a step is a layer, or an activation, that was called.

Both sides tell their steps by the same words, so that a difference is one of the model and not of the spelling: a
momentum is the share of the new batch, padding is counted before and after, axes are those of channels last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: A layer of the file's own, or of a kind that isn't known.
OTHER: Final = "layer"


@dataclass(frozen=True, slots=True)
class Step:
    """``name``: of its weights without their parts, else unique among its side's; ``title``: what the file's author
    calls it; shapes: of its first input and its output."""

    name: str
    kind: str
    title: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Step:
        """As JSON told it."""
        return cls(
            told["name"], told["kind"], told["title"], tuple(told["inputs"]), tuple(told["outputs"]), told["settings"]
        )


OnStep = Callable[[Step, Any], None]  # is told a step and its output


def same_padding(size: int, window: int, stride: int, dilation: int = 1) -> list[int]:
    """[before, after] that Keras' ``same`` adds to an axis of ``size`` places: the odd one goes behind."""
    total = max((-(-size // stride) - 1) * stride + dilation * (window - 1) + 1 - size, 0)
    return [total // 2, total - total // 2]


def each(value: Any, axes: int) -> list[int]:
    """A number for each of so many axes, whether it was said once for all of them or for each."""
    return [int(value)] * axes if isinstance(value, int) else [int(one) for one in value]


def channels_last_axis(axis: int, rank: int) -> int:
    """PyTorch's axis of an array, as an axis of the array with its channels last; of fewer than 4 axes as it is."""
    axis %= rank
    if rank < 4 or axis == 0:
        return axis
    return rank - 1 if axis == 1 else axis - 1


def spread(values: Any) -> str | float:
    """How weights are drawn: ``zeros``, ``ones``, or their standard deviation; ``drawn`` for too few to say."""
    import numpy as np

    for constant, name in ((0, "zeros"), (1, "ones")):
        if np.all(values == constant):
            return name
    return float(np.std(values)) if values.size >= FEWEST else "drawn"


#: Values whose standard deviation is known to about 2 %.
FEWEST: Final = 1_000
