"""What ways are asked and what they answer: arrays by place, one for most networks, several for a tree of inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Inputs by place, each (n, …).
Leaves = tuple["NDArray[Any]", ...]
FILE = "data.npz"
_NAME = re.compile(r"(?:^|[^A-Za-z0-9])x(\d+)(?:\D|$)")


def keep(path: Path, asked: Leaves, calibration: Leaves, labels: NDArray[Any]) -> None:
    """Write a file of inputs (NumPy's npz)."""
    import numpy as np

    parts = {"asked": asked, "calibration": calibration}
    named: dict[str, Any] = {_key(name, n): leaf for name, part in parts.items() for n, leaf in enumerate(part)}
    np.savez(path, labels=labels, **named)


def read(path: Path, name: str = "asked") -> Leaves:
    """Those of the file that every way answers, or the ones for «calibration»."""
    import numpy as np

    with np.load(path) as kept:
        number = sum(key == name or re.fullmatch(rf"{name}\d+", key) is not None for key in kept.files)
        return tuple(kept[_key(name, n)] for n in range(number))


def rows(leaves: Leaves, start: int, stop: int) -> Leaves:
    """Some of the inputs."""
    return tuple(leaf[start:stop] for leaf in leaves)


def resized(leaves: Leaves, batch: int) -> Leaves:
    """As many inputs as ``batch``, repeated where there are too few."""
    import numpy as np

    return tuple(np.resize(leaf, (batch, *leaf.shape[1:])) for leaf in leaves)


def names(number: int) -> list[str]:
    """What formats that name their inputs call them: x, or x0, x1 … by place."""
    return ["x"] if number == 1 else [f"x{place}" for place in range(number)]


def in_order(named: Iterable[str]) -> list[str]:
    """Names that are counted, output_0, output_1 …, by place."""
    return sorted(named, key=lambda name: (len(name), name))


def fed(inputs: Sequence[str], leaves: Leaves) -> dict[str, NDArray[Any]]:
    """By the names that a file has for its inputs: by place where these are ours, in its own order where they aren't.

    A converter leaves out an input that changes nothing: then the names tell which one. Raises ValueError where they
    don't.
    """
    places = [_NAME.search(name) for name in inputs]
    if len(leaves) > 1 and all(places):
        return {name: leaves[int(place[1])] for name, place in zip(inputs, places, strict=True) if place}
    if len(inputs) != len(leaves):
        why = "left some out, and the names don't say which" if len(inputs) < len(leaves) else "made inputs of its own"
        raise ValueError(
            f"the model takes {len(leaves)} inputs, what was exported takes {len(inputs)} ({', '.join(inputs)}): the "
            f"converter {why}"
        )
    return dict(zip(inputs, leaves, strict=True))


def table(outputs: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """What a network answers as (n, columns): one output as it is, several side by side.

    Raises ValueError for an output without an axis of samples.
    """
    if len(outputs) == 1 and outputs[0].ndim == 2:
        return outputs[0]
    import numpy as np

    number = {output.shape[:1] for output in outputs}
    if len(number) != 1 or number == {()}:
        shapes = ", ".join(str(output.shape) for output in outputs)
        raise ValueError(f"the first axis of its outputs has to be the samples; their shapes: {shapes}")
    flat = [output.reshape(len(output), -1).astype(np.float32, copy=False) for output in outputs]
    return np.concatenate(flat, axis=1)


def widths(outputs: Sequence[NDArray[Any]]) -> tuple[int, ...]:
    """How many of the table's columns each output has."""
    return tuple(int(output[:1].size) for output in outputs)


def _key(name: str, place: int) -> str:
    return f"{name}{place or ''}"
