"""erfc, the complement of the error function, where it isn't known: TensorFlow's exact GELU is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def known() -> None:
    """From here on tf2onnx writes erfc(x), which ONNX lacks, as 1 - erf(x). Its own registry holds one handler each."""
    import numpy as np
    from tf2onnx import utils
    from tf2onnx.handler import tf_op

    @tf_op("Erfc")
    class Erfc:  # tf2onnx wants a class with a method for the first ONNX version that it is for
        @classmethod
        def version_9(cls, ctx: Any, node: Any, **_: Any) -> None:
            kind = ctx.get_dtype(node.output[0])
            one = ctx.make_const(utils.make_name("one"), np.array(1, utils.map_onnx_to_numpy_type(kind)))
            shape = ctx.get_shape(node.output[0])
            error = ctx.make_node("Erf", [node.input[0]], shapes=[shape], dtypes=[kind])
            ctx.remove_node(node.name)
            ctx.make_node(
                "Sub", [one.output[0], error.output[0]], name=node.name, outputs=[node.output[0]], shapes=[shape],
                dtypes=[kind],
            )  # fmt: skip


@contextmanager
def as_erf() -> Iterator[None]:
    """Whatever TensorFlow traces inside has 1 - erf(x) in place of erfc(x), which TensorFlow.js 4.22 doesn't have."""
    from tensorflow.python.ops import math_ops

    original = math_ops.erfc
    math_ops.erfc = lambda x, name=None: math_ops.subtract(math_ops.cast(1, x.dtype), math_ops.erf(x), name=name)
    try:
        yield
    finally:
        math_ops.erfc = original
