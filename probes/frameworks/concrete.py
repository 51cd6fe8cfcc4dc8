"""A ``tf.function`` by its concrete functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Concrete:
    """One concrete function for the shapes of the tensors: calling one skips the search for it. What the dtypes are
    follows from the place in the call. An argument may be a tree of tensors."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._by_shape: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def __call__(self, *arguments: Any) -> Any:
        shapes = tuple([_shape(argument) for argument in arguments])
        concrete = self._by_shape.get(shapes)
        if concrete is None:
            concrete = self._by_shape[shapes] = self._function.get_concrete_function(*arguments)
        return concrete(*arguments)


def _shape(argument: Any) -> Any:
    try:
        return argument.shape
    except AttributeError:  # a tree; asked for after the usual case, which costs each call nothing more
        import tensorflow as tf

        return tuple([leaf.shape for leaf in tf.nest.flatten(argument)])
