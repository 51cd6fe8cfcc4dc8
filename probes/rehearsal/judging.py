"""What two recordings say of a move: whether outputs agree, where layers part, what became of the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from probes.compare import deviations
from probes.compare.deviations import PART_LIMIT
from probes.compare.schema import STEP_LIMIT
from probes.rehearsal.schema import OUTPUT_LIMIT, Learning, Parting, RehearsalStage

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Recording:
    """What a child wrote: titles of values in the order in which they were made, and arrays by name."""

    titles: tuple[str, ...]
    arrays: Mapping[str, NDArray[Any]]

    @property
    def outputs(self) -> list[NDArray[Any]]:
        return [self.arrays[f"output/{n}"] for n in range(sum(name.startswith("output/") for name in self.arrays))]

    @property
    def values(self) -> list[tuple[str, NDArray[Any]]]:
        return [(title, self.arrays[f"value/{n}"]) for n, title in enumerate(self.titles)]

    def of(self, what: str) -> dict[str, NDArray[Any]]:
        """Arrays of ``weight``, ``gradient`` or ``steady`` by name."""
        return {name.removeprefix(f"{what}/"): a for name, a in self.arrays.items() if name.startswith(f"{what}/")}


def outputs_apart(ours: Recording, theirs: Recording) -> float:
    """The largest deviation of any output, as a share of its largest value, each in the order of axes in which both
    come nearest; infinite for another number of outputs, or other shapes."""
    if len(ours.outputs) != len(theirs.outputs):
        return float("inf")
    return max((_apart(*pair) for pair in zip(ours.outputs, theirs.outputs, strict=True)), default=float("inf"))


def parting_of_steps(ours: Recording, theirs: Recording) -> Parting:
    """Where the same code on two backends parts: its layers have the same titles in the same order."""
    last = ""
    for (title, array), (other, values) in zip(ours.values, theirs.values, strict=False):
        deviation = _apart(array, values) if title == other else None
        if deviation is None or not deviation <= STEP_LIMIT:
            return Parting(
                "move", title, last, deviation if deviation is not None and deviation < float("inf") else None
            )
        last = title
    return Parting("move", "", last)


def parting_of_values(ours: Recording, among: Recording, stage: RehearsalStage) -> Parting:
    """The first layer whose values, in whatever order, are nobody's in ``among``, behind the last whose values are.

    A layer in front of that may have been fused with its neighbour, which changes no result.
    """
    import numpy as np

    sorted_of: dict[int, list[NDArray[Any]]] = {}
    for _, array in among.values:
        sorted_of.setdefault(array.size, []).append(_sorted(array))
    found = [
        any(
            np.allclose(_sorted(array), other, rtol=0, atol=OUTPUT_LIMIT * _scale(array))
            for other in sorted_of.get(array.size, ())
        )
        for _, array in ours.values
    ]
    last = max((place for place, here in enumerate(found) if here), default=-1)
    titles = [title for title, _ in ours.values]
    return Parting(stage, titles[last + 1] if last + 1 < len(titles) else "", titles[last] if last >= 0 else "")


def learning(ours: Recording, theirs: Recording, step: Literal["gradient", "steady"]) -> Learning:
    """What became of the weights. ``step``: in training mode, or in evaluation mode.

    Weights are found again by their numbers, in whatever order of axes; of several alike, each is the one whose
    gradient is nearest.
    """
    weights, gradients, theirs_of = ours.of("weight"), ours.of(step), theirs.of(step)
    # A head that only training needs has no gradient in evaluation mode: it is no weight of that step.
    waiting = {name: array for name, array in theirs.of("weight").items() if name in theirs_of}
    whole = sum(float((gradient.astype("float64") ** 2).sum()) for gradient in gradients.values()) ** 0.5
    kept, worst, largest = 0, "", None
    for name, gradient in gradients.items():
        weight = weights[name]
        same = [other for other, array in waiting.items() if _same_numbers(weight, array)]
        if not same:
            continue
        apart = {other: _gradient_apart(weight, gradient, waiting[other], theirs_of[other], whole) for other in same}
        nearest = min(apart, key=lambda other: apart[other])
        waiting.pop(nearest)
        kept += 1
        if largest is None or not apart[nearest] <= largest:
            worst, largest = name, apart[nearest]
    return Learning(len(gradients), kept, largest, worst)


def learns_alike(found: Learning) -> bool:
    """Whether every weight is still trained, by the same gradient."""
    return found.kept == found.weights and (found.deviation is None or found.deviation <= PART_LIMIT)


def _apart(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
    step = deviations.step("", ("", ""), ours, theirs)
    return float("inf") if step.deviation is None else step.deviation


def _gradient_apart(
    weight: NDArray[Any], ours: NDArray[Any], other: NDArray[Any], theirs: NDArray[Any], whole: float
) -> float:
    """As a share of its length; of one that is rounding beside the whole gradient, of a thousandth of that."""
    import numpy as np

    for turned, gradient in _turns(other, theirs):
        if turned.shape == weight.shape and np.allclose(turned, weight, rtol=1e-5, atol=1e-7):
            theirs = gradient
            break
    else:
        ours, theirs = _sorted(ours), _sorted(theirs)
    length = max(float(np.linalg.norm(ours)), 1e-3 * whole)
    return float(np.linalg.norm(ours.astype("float64") - theirs)) / length if length else 0.0


def _turns(weight: NDArray[Any], gradient: NDArray[Any]) -> Sequence[tuple[NDArray[Any], NDArray[Any]]]:
    from itertools import permutations

    orders = list(permutations(range(weight.ndim))) if weight.ndim <= 5 else [tuple(range(weight.ndim))]
    return [(weight.transpose(order), gradient.transpose(order)) for order in orders]


def _same_numbers(ours: NDArray[Any], theirs: NDArray[Any]) -> bool:
    import numpy as np

    return ours.size == theirs.size and bool(np.allclose(_sorted(ours), _sorted(theirs), rtol=1e-5, atol=1e-7))


def _sorted(array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.sort(array, axis=None)


def _scale(array: NDArray[Any]) -> float:
    import numpy as np

    return float(np.abs(array.astype("float64")).max(initial=0.0)) or 1.0
