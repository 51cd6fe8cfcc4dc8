"""Inputs and outputs of any shape: dictionaries, tuples and lists of arrays, nested as they like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same tree with ``function`` of each of its leaves."""
    if isinstance(tree, Mapping):
        return {name: mapped(function, part) for name, part in tree.items()}
    if isinstance(tree, tuple | list):
        return type(tree)(mapped(function, part) for part in tree)
    return function(tree)


def leaves(tree: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf by its place: ``ids``, ``0.mask``; "" for a tree that is a leaf itself."""
    if isinstance(tree, Mapping | tuple | list):
        parts = tree.items() if isinstance(tree, Mapping) else enumerate(tree)
        for name, part in parts:
            yield from leaves(part, f"{at}.{name}".strip("."))
    else:
        yield at, tree
