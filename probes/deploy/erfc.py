"""Teaches tf2onnx erfc, the complement of the error function: TensorFlow's exact GELU is made of it, ONNX has none."""

from __future__ import annotations

from typing import Any


def known() -> None:
    """From here on tf2onnx writes erfc(x) as 1 - erf(x). Its own registry holds one handler an operation."""
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
