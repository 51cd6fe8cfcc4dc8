"""Inputs and outputs of any shape: dictionaries, tuples and lists of arrays, nested as they like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


Loss = Callable[[Any, Any], Any]  # of outputs and labels


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same tree with ``function`` of each of its leaves."""
    if isinstance(tree, Mapping):
        return {name: mapped(function, part) for name, part in tree.items()}
    if isinstance(tree, tuple | list):
        parts = [mapped(function, part) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)  # a named tuple takes them singly
    return function(tree)


def leaves(tree: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf by its place: ``ids``, ``0.mask``; "" for a tree that is a leaf itself."""
    if isinstance(tree, Mapping | tuple | list):
        parts = tree.items() if isinstance(tree, Mapping) else enumerate(tree)
        for name, part in parts:
            yield from leaves(part, f"{at}.{name}".strip("."))
    else:
        yield at, tree


def only(tree: Any, name: str) -> Any:
    """The one leaf. Raises TypeError for several: nobody but the file knows what to make of them."""
    (_, leaf), *more = leaves(tree)
    if more:
        raise TypeError(f"there are several {name}: the file needs a loss(outputs, labels) of its own")
    return leaf


def beside(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Outputs as one array: one as it is; several as (batch, all values), or end to end if they share no batch."""
    import numpy as np

    if len(arrays) == 1:
        return arrays[0]
    if len({array.shape[:1] for array in arrays}) == 1 and arrays[0].ndim:
        return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)
    return np.concatenate([array.ravel() for array in arrays])


def is_finite(array: NDArray[Any]) -> bool:
    import numpy as np

    return bool(np.isfinite(array).all())
