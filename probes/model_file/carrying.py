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

    Layers are paired whole, and what is left part by part: what one side has as a layer the other may keep as bare
    parameters. Raises NotCarriedError if there is no way, saying why.
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
    """Our part for each of theirs, by name. ``whole``: layers that keep alike first, what is left of them part by
    part; else all part by part, each by its shape. Raises NotCarriedError saying of what a side has more."""
    pairs: dict[str, str] = {}
    own, other = _layers(ours), _layers(theirs)
    if whole:
        own, other = _paired(own, other, pairs)
    own_parts, other_parts = _paired(_single(own), _single(other), pairs)
    if own_parts or other_parts:
        raise NotCarriedError(_told(_layers(ours), _layers(theirs), (*other, *own)))
    return pairs


def _paired(
    ours: Sequence[_Layer], theirs: Sequence[_Layer], pairs: dict[str, str]
) -> tuple[list[_Layer], list[_Layer]]:
    """Note in ``pairs`` what is alike and equally far in the order of its kind; what is left of both sides."""
    waiting: dict[object, deque[_Layer]] = defaultdict(deque)
    for layer in ours:
        waiting[_likeness(layer)].append(layer)
    alone = []
    for layer in theirs:
        if alike := waiting[_likeness(layer)]:
            own = alike.popleft()
            pairs |= {name: own[1][part][0] for part, (name, _) in layer[1].items()}
        else:
            alone.append(layer)
    left = {id(layer) for layers in waiting.values() for layer in layers}
    return [layer for layer in ours if id(layer) in left], alone


def _layers(parts: Parts) -> list[_Layer]:
    grouped = groupby(parts, key=lambda part: part[0].rpartition(".")[0])
    return [(name, {whole.rpartition(".")[2]: (whole, array) for whole, array in of}) for name, of in grouped]


def _single(layers: Sequence[_Layer]) -> list[_Layer]:
    """Each part as a layer of its own."""
    return [(whole, {"": (whole, array)}) for _, kept in layers for whole, array in kept.values()]


def _likeness(layer: _Layer) -> object:
    return frozenset((part, tuple(array.shape)) for part, (_, array) in layer[1].items())


def _told(ours: Sequence[_Layer], theirs: Sequence[_Layer], left: Sequence[_Layer]) -> str:
    """Of what kind of layer, the first of those that are ``left``, each side has how many."""
    kind = _likeness(left[0])
    own, other = ([layer for layer in layers if _likeness(layer) == kind] for layers in (ours, theirs))
    keeps = " and ".join(f"{part} {tuple(array.shape)}" for part, (_, array) in left[0][1].items())
    names = ", ".join(repr(layer[0]) for layer in (other or own)[:3]) + (" …" if len(other or own) > 3 else "")
    return f"of layers that keep {keeps}, PyTorch has {len(other)} and Keras {len(own)} ({names})"
