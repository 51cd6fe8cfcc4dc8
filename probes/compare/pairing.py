"""Which step of one side is which of the other, and how Keras' array lies in PyTorch's order of axes."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING, Any

from probes.compare.steps import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Side:
    """What one side told. ``shapes`` of weights by ``layer.part``; ``arrays`` as the child wrote them, or none yet."""

    steps: tuple[Step, ...]
    shapes: Mapping[str, tuple[int, ...]]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def layers_paired(pytorch: Side, keras: Side) -> dict[str, str]:
    """Keras' layer for each of PyTorch's, by name. Layers that keep the same numbers go together, which is what both
    sides have after weights were carried over; of those that keep the same shapes, the first with the first."""
    pairs: dict[str, str] = {}
    for exact in (True, False):
        waiting: dict[object, deque[str]] = defaultdict(deque)
        taken = set(pairs.values())
        for name, parts in _layers(keras):
            if name not in taken:
                waiting[_likeness(keras, parts, exact=exact)].append(name)
        for name, parts in _layers(pytorch):
            if name not in pairs and (alike := waiting[_likeness(pytorch, parts, exact=exact)]):
                pairs[name] = alike.popleft()
    return pairs


def steps_paired(pytorch: Side, keras: Side, layers: Mapping[str, str]) -> list[tuple[int, int]]:
    """Indices of steps that correspond, in PyTorch's order: layers with weights by those, others by kind and order."""
    back = {theirs: ours for ours, theirs in layers.items()}
    ours = [_key(step, {name: name for name in layers}) for step in pytorch.steps]
    theirs = [_key(step, back) for step in keras.steps]
    found = {i: theirs.index(key) for i, key in enumerate(ours) if isinstance(key, tuple) and key in theirs}
    for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        found |= {block.a + n: block.b + n for n in range(block.size)}
    return sorted(found.items())


def layouts(shape: tuple[int, ...], theirs: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Keras' array in every order of axes in which it has PyTorch's shape; none if there is no such order."""
    import numpy as np

    if theirs.shape == shape:
        yield theirs
    if theirs.ndim >= 3:
        for turned in (np.moveaxis(theirs, -1, 1), np.swapaxes(theirs, 0, 1)):  # channels first; time first
            if turned.shape == shape:
                yield turned
    if theirs.shape != shape and theirs.size == np.prod(shape) and theirs.shape[:1] == shape[:1]:
        without = tuple(size for size in theirs.shape if size != 1)
        heads = theirs.ndim == len(shape) + 1 and theirs.shape[: len(shape) - 1] == shape[:-1]
        if without == tuple(size for size in shape if size != 1) or heads:  # axes of one place; heads beside each other
            yield theirs.reshape(shape)


def _key(step: Step, names: Mapping[str, str]) -> object:
    """Of a layer with paired weights its name and which of its calls it is; of others what they are."""
    name, _, call = step.name.partition("#")
    return (names[name], call) if name in names else step.kind


def _layers(side: Side) -> list[tuple[str, Sequence[str]]]:
    """Layers with their parts' names, those that were called in the order of their calls."""
    called: dict[str, int] = {}
    for number, step in enumerate(side.steps):
        called.setdefault(step.name.partition("#")[0], number)
    found, at = [], -1
    for name, parts in groupby(side.shapes, key=lambda part: part.rpartition(".")[0]):
        at = called.get(name, at)
        found.append((at, name, list(parts)))
    return [(name, parts) for _, name, parts in sorted(found, key=lambda one: one[0])]


def _likeness(side: Side, parts: Sequence[str], *, exact: bool) -> object:
    def of(part: str) -> object:
        array = side.arrays.get(f"weight/{part}") if exact else None
        return (part.rpartition(".")[2], side.shapes[part], b"" if array is None else array.tobytes())

    return frozenset(map(of, parts))
