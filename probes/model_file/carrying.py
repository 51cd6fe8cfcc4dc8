"""Carries weights from PyTorch's half to Keras', so that both compute the same.

Nobody calls layers alike on both sides, and seldom are they listed in the same order. So a layer is known by what it
keeps (kernel, bias, scale … and their shapes), and layers that keep alike go by their order. What is compared in the
end are the outputs: of all orders that fit, the one stands whose outputs come nearest.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Shaped(Protocol):
    """An array, a tensor, a variable."""

    @property
    def shape(self) -> Any: ...


Parts = Sequence[tuple[str, Shaped]]  # («layer.part», what it is), a layer's parts next to each other
_Layer = tuple[str, Mapping[str, tuple[str, Shaped]]]  # its name, and by part the whole name and what it is


class NotCarriedError(Exception):
    """The weights of the other side don't fit. The text says where."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one side gives the other: weights by name, the orders that its layers may be taken in, and what the network
    answers with them."""

    weights: Mapping[str, NDArray[Any]]
    orders: tuple[tuple[str, ...], ...]
    outputs: NDArray[Any]

    def save(self, file: Path) -> None:
        """As NumPy's npz, which holds no code."""
        import numpy as np

        arrays = {f"weight/{name}": array for name, array in self.weights.items()}
        arrays |= {f"order/{number}": np.asarray(order, dtype=np.str_) for number, order in enumerate(self.orders)}
        np.savez(file, allow_pickle=False, outputs=self.outputs, **arrays)

    @classmethod
    def load(cls, file: Path) -> Given:
        import numpy as np

        with np.load(file) as found:
            arrays = dict(found)
        weights = {name[len("weight/") :]: array for name, array in arrays.items() if name.startswith("weight/")}
        orders = (array for name, array in sorted(arrays.items()) if name.startswith("order/"))
        return cls(weights, tuple(tuple(map(str, order)) for order in orders), arrays["outputs"])

    def parts(self, order: Sequence[str]) -> Parts:
        return [(name, self.weights[name]) for name in order]


def told_as(path: str) -> str:
    """A weight's name in what both sides are compared by: moving statistics are told by their ends."""
    return path.replace("/moving_mean", ".mean").replace("/moving_variance", ".variance")


def pairings(ours: Sequence[Parts], given: Given) -> Iterator[dict[str, str]]:
    """Every way to give each of our parts one of theirs, by their names; the likeliest first, none twice.

    Layers are paired whole; then part by part, because what one side has as a layer the other may keep as bare
    parameters. Raises NotCarriedError if there is no way, and says what keeps the first orders from fitting.
    """
    found: list[dict[str, str]] = []
    for whole, own, theirs in product((True, False), ours, given.orders):
        try:
            pairs = matched(own, given.parts(theirs), whole=whole)
        except NotCarriedError:
            continue
        if pairs not in found:
            found.append(pairs)
            yield pairs
    if not found:
        matched(ours[0], given.parts(given.orders[0]))


def matched(ours: Parts, theirs: Parts, *, whole: bool = True) -> dict[str, str]:
    """Our part for each of theirs, by name. ``whole``: layers are paired as such, by their parts' names and shapes;
    else each part by its shape alone. Raises NotCarriedError naming what has no counterpart."""
    waiting: dict[object, deque[_Layer]] = defaultdict(deque)
    for layer in _layers(ours, whole=whole):
        waiting[_likeness(layer)].append(layer)
    pairs: dict[str, str] = {}
    alone: list[_Layer] = []
    for layer in _layers(theirs, whole=whole):
        if alike := waiting[_likeness(layer)]:
            own = alike.popleft()
            pairs |= {name: own[1][part][0] for part, (name, _) in layer[1].items()}
        else:
            alone.append(layer)
    left = [layer for layers in waiting.values() for layer in layers]
    if not alone and not left:
        return pairs
    lonely = [("PyTorch", alone[0])] if alone else []
    lonely += [("Keras", left[0])] if left else []
    number = f" ({len(alone)} layers of PyTorch and {len(left)} of Keras in all)" if len(alone) + len(left) > 2 else ""
    raise NotCarriedError(
        "; ".join(f"{side}'s {_told(layer)} has no counterpart on the other side" for side, layer in lonely) + number
    )


def _layers(parts: Parts, *, whole: bool) -> list[_Layer]:
    if not whole:
        return [(name, {"": (name, array)}) for name, array in parts]
    grouped = groupby(parts, key=lambda part: part[0].rpartition(".")[0])
    return [(name, {whole.rpartition(".")[2]: (whole, array) for whole, array in of}) for name, of in grouped]


def _likeness(layer: _Layer) -> object:
    return frozenset((part, tuple(array.shape)) for part, (_, array) in layer[1].items())


def _told(layer: _Layer) -> str:
    return f"{layer[0]!r} with {', '.join(f'{part} {tuple(array.shape)}' for part, (_, array) in layer[1].items())}"
