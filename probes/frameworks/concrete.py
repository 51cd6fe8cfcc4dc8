"""A ``tf.function`` by its concrete functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Concrete:
    """One concrete function for the shapes of the tensors: calling one skips the search for it. What the dtypes are
    follows from the place in the call."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._by_shape: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def __call__(self, *tensors: Any) -> Any:
        shapes = tuple([tensor.shape for tensor in tensors])
        concrete = self._by_shape.get(shapes)
        if concrete is None:
            concrete = self._by_shape[shapes] = self._function.get_concrete_function(*tensors)
        return concrete(*tensors)
