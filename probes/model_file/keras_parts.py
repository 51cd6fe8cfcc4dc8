"""What the layers of a Keras network keep, by the names and in the layout of ``torch_parts``.

Keras shapes some kernels by heads or by channel and multiplier; in here they are (in, out). A layer of an unknown kind
keeps its trained weights as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probes.contracts import STATISTICS

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Slot:
    """A variable in another shape of as many numbers."""

    variable: Any
    shape: tuple[int, ...]

    def numpy(self) -> NDArray[Any]:
        """A copy."""
        import keras

        array: NDArray[Any] = keras.ops.convert_to_numpy(self.variable)
        return array.reshape(self.shape).copy()

    def assign(self, array: NDArray[Any]) -> None:
        self.variable.assign(array.reshape(self.variable.shape))


def layers_of(layer: Any) -> Iterator[Any]:
    """The layer itself and all within it, each once, in the order in which they are listed or set as attributes."""
    seen: set[int] = set()

    def walked(outer: Any) -> Iterator[Any]:
        if id(outer) not in seen:
            seen.add(id(outer))
            yield outer
            for inner in within(outer):
                yield from walked(inner)

    return walked(layer)


def within(layer: Any) -> list[Any]:
    """The layers right inside a layer. Only a model lists them publicly."""
    return list(layer.layers if hasattr(layer, "layers") else getattr(layer, "_layers", ()))


@contextmanager
def noting_calls() -> Iterator[list[Any]]:
    """Every layer that is called meanwhile, in the order of the calls: a functional model's as its author wrote it."""
    from keras import Layer

    called: list[Any] = []
    original = Layer.__call__

    def noting(self: Any, *arguments: Any, **options: Any) -> Any:
        called.append(self)
        return original(self, *arguments, **options)

    Layer.__call__ = noting
    try:
        yield called
    finally:
        Layer.__call__ = original


def parts(network: Any, called: Sequence[Any] = ()) -> list[tuple[str, Slot]]:
    """(``Dense3.part``, slot) of all that is trained, and of moving statistics, nested models flattened. In the order
    in which layers are listed, or in which they were ``called``; those that weren't follow the one before them.

    Layers are named by kind and place in the list: Keras counts its own names up from one network to the next.
    """
    first_call = {id(layer): number for number, layer in reversed(list(enumerate(called)))}
    found: list[tuple[int, list[tuple[str, Slot]]]] = []
    told: set[int] = set()
    at = -1
    for number, layer in enumerate(layers_of(network), start=1):
        at = first_call.get(id(layer), at)
        own = [
            (f"{type(layer).__name__}{number}.{part}".replace("..", "."), slot)
            for part, slot in _slots(layer).items()
            if id(slot.variable) not in told
        ]
        told |= {id(slot.variable) for _, slot in own}
        found.append((at, own))
    return [part for _, own in sorted(found, key=lambda one: one[0]) for part in own]


def parameters(network: Any) -> int:
    """The number of weights, moving statistics aside."""
    counted = (slot for name, slot in parts(network) if not name.endswith(STATISTICS))
    return sum(math.prod(slot.shape) for slot in counted)


def _slots(layer: Any) -> dict[str, Slot]:
    """By part; by ``sub.part`` of a layer that is two layers in PyTorch."""
    from keras import layers

    if isinstance(layer, layers.EinsumDense):
        return _kept({"kernel": layer.kernel, "bias": layer.bias}, {"kernel": _two_axes(layer), "bias": (-1,)})
    if isinstance(layer, layers.Dense):
        return _kept({"kernel": layer.kernel, "bias": layer.bias})
    if isinstance(layer, layers.SeparableConv1D | layers.SeparableConv2D):
        deep = {"depthwise.kernel": layer.depthwise_kernel}
        flat = {"pointwise.kernel": layer.pointwise_kernel, "pointwise.bias": layer.bias}
        return _kept(deep | flat, {"depthwise.kernel": _of_channels(layer.depthwise_kernel)})
    if isinstance(layer, layers.DepthwiseConv1D | layers.DepthwiseConv2D):
        return _kept({"kernel": layer.kernel, "bias": layer.bias}, {"kernel": _of_channels(layer.kernel)})
    if isinstance(layer, _convolutions()):
        return _kept({"kernel": layer.kernel, "bias": layer.bias})
    if isinstance(layer, layers.BatchNormalization):
        moving = {"mean": layer.moving_mean, "variance": layer.moving_variance}
        return _kept({"scale": layer.gamma, "offset": layer.beta, **moving})
    if isinstance(layer, layers.LayerNormalization | layers.GroupNormalization):
        return _kept({"scale": layer.gamma, "offset": layer.beta})
    if isinstance(layer, layers.RMSNormalization):
        return _kept({"scale": layer.scale})
    if isinstance(layer, layers.Embedding):
        return _kept({"table": layer.embeddings})
    if isinstance(layer, layers.LSTMCell | layers.GRUCell | layers.SimpleRNNCell):
        return _kept({"kernel": layer.kernel, "recurrent": layer.recurrent_kernel, "bias": layer.bias})
    if isinstance(layer, layers.PReLU):
        return _kept({"alpha.value": layer.alpha}, {"alpha.value": (-1,)})
    # Only what the layer itself made for training: neither its inner layers' weights nor states of random generators.
    own = getattr(layer, "_trainable_variables", ())
    return _kept({f"{number}.value": variable for number, variable in enumerate(own)})


def _convolutions() -> tuple[Any, ...]:
    from keras import layers

    plain = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
    return (*plain, layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)


def _kept(variables: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]] | None = None) -> dict[str, Slot]:
    return {
        part: Slot(variable, _whole(variable, (shapes or {}).get(part, tuple(variable.shape))))
        for part, variable in variables.items()
        if variable is not None
    }


def _whole(variable: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape, with -1 as the number that it stands for."""
    if -1 not in shape:
        return shape
    rest = math.prod(size for size in shape if size != -1)
    return tuple(math.prod(variable.shape) // rest if size == -1 else size for size in shape)


def _of_channels(kernel: Any) -> tuple[int, ...]:
    """A depthwise kernel (places …, in, multiplier) as a grouped convolution's: (places …, 1, in x multiplier)."""
    return (*tuple(kernel.shape)[:-2], 1, -1)


def _two_axes(layer: Any) -> tuple[int, ...]:
    """A kernel (in …, out …) as (in, out), as far as its equation has what it sums over first."""
    kernel_axes, _, result = layer.equation.partition(",")[2].partition("->")
    summed = [axis not in result for axis in kernel_axes]
    number = sum(summed)
    shape = tuple(layer.kernel.shape)
    return (math.prod(shape[:number]), -1) if all(summed[:number]) else shape
