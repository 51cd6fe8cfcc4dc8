"""Keras' steps, noted around the calls of layers, and of what they apply to their result.

A layer with an activation is two steps, as it is in PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from probes.compare.steps import OTHER, OnStep, Step, each, same_padding
from probes.model_file import keras_parts

_Settings = dict[str, Any]
_ACTIVATIONS: Final = ("relu", "gelu", "softmax", "leaky_relu", "silu", "elu", "tanh", "sigmoid")


@contextmanager
def noting(network: Any, note: OnStep) -> Iterator[None]:
    """Every step of the network that is run meanwhile. Values without numbers, in a graph, are passed over."""
    from keras import Operation

    layers = list(keras_parts.layers_of(network))
    names = {id(layer): f"{type(layer).__name__}{number}" for number, layer in enumerate(layers, start=1)}
    within: list[Any] = []  # layers that run now and hide what is in them
    inputs: dict[int, Any] = {}  # of layers that run now
    told: set[int] = set()  # layers whose output, before the activation, was told in the call that runs
    times: dict[str, int] = {}
    original = Operation.__call__

    def tell(name: str, kind: str, title: str, given: Any, output: Any, settings: _Settings) -> None:
        given, output = _first(given), _first(output)
        if output is None:
            return
        times[name] = times.get(name, 0) + 1
        numbered = name if times[name] == 1 else f"{name}#{times[name]}"
        note(Step(numbered, kind, title, _shape(given), tuple(output.shape), settings), output)

    def called(self: Any, *arguments: Any, **options: Any) -> Any:
        kind = kind_of(self)
        hides = kind == "recurrent"
        given = inputs[id(self)] = _first((arguments, options)) if kind else None
        if hides:
            within.append(self)
        try:
            output = original(self, *arguments, **options)
        finally:
            if hides:
                within.pop()
        if kind and not within and id(self) not in told:
            name = _weights_of(self, names) if id(self) in names else self.name
            tell(name, kind, self.name, given, output, settings_of(self, _shape(given)))
        told.discard(id(self))
        return output

    def split(layer: Any, activation: Any, before: Any) -> Any:
        own = _weights_of(layer, names)
        if not within:
            told.add(id(layer))
            given = inputs.get(id(layer))
            tell(own, kind_of(layer), layer.name, given, before, settings_of(layer, _shape(given)))
        output = activation(before)
        if not within and (kind := _function(activation)):
            tell(f"{own}.activation", kind, f"{layer.name}.activation", before, output, _activation(activation))
        return output

    fused = [(layer, layer.activation) for layer in layers if _has_activation(layer)]
    Operation.__call__ = called
    for layer, activation in fused:
        layer.activation = partial(split, layer, activation)
    try:
        yield
    finally:
        Operation.__call__ = original
        for layer, activation in fused:
            layer.activation = activation


def kind_of(layer: Any) -> str:
    """As ``Step.kind``; "" for a container, and for an operation that PyTorch's side doesn't tell either."""
    from keras import Layer, layers

    kinds: tuple[tuple[Any, str], ...] = (
        ((layers.Dense, layers.EinsumDense), "dense"),
        ((layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose), "conv_transpose"),
        ((layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.DepthwiseConv1D, layers.DepthwiseConv2D), "conv"),
        ((layers.SeparableConv1D, layers.SeparableConv2D), "conv"),  # told by its second one
        (layers.BatchNormalization, "batch_norm"),
        (layers.LayerNormalization, "layer_norm"),
        (layers.GroupNormalization, "group_norm"),
        (layers.RMSNormalization, "rms_norm"),
        (layers.Embedding, "embedding"),
        (layers.RNN, "recurrent"),
        ((layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D), "max_pool"),
        ((layers.AveragePooling1D, layers.AveragePooling2D, layers.AveragePooling3D), "avg_pool"),
        ((layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalAveragePooling3D), "mean"),
        ((layers.Dropout, layers.SpatialDropout1D, layers.SpatialDropout2D, layers.SpatialDropout3D), "dropout"),
        ((layers.UpSampling1D, layers.UpSampling2D), "resize"),
        (layers.Flatten, "flatten"),
        (layers.ReLU, "relu"),
        (layers.LeakyReLU, "leaky_relu"),
        (layers.ELU, "elu"),
        (layers.Softmax, "softmax"),
    )
    for known, kind in kinds:
        if isinstance(layer, known):
            return kind
    if isinstance(layer, layers.Activation):
        return _function(layer.activation)
    if not isinstance(layer, Layer):  # an operation of a functional model
        name = {"LeakyRelu": "leaky_relu"}.get(type(layer).__name__, type(layer).__name__.lower())
        return name if name in _ACTIVATIONS else ""
    own = getattr(layer, "_trainable_variables", ())
    return OTHER if own and not keras_parts.within(layer) else ""


def settings_of(layer: Any, inputs: tuple[int, ...]) -> _Settings:
    """What decides a layer's numbers besides its weights, in the words that both sides share."""
    kind = kind_of(layer)
    if kind == "batch_norm":
        return {"epsilon": layer.epsilon, "momentum": 1 - layer.momentum}
    if kind in ("layer_norm", "group_norm", "rms_norm"):
        return {"epsilon": layer.epsilon}
    if kind == "conv" and inputs and not hasattr(layer, "pointwise_kernel"):
        return _windowed(layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding, inputs)
    if kind in ("max_pool", "avg_pool"):
        told = _windowed(layer.pool_size, layer.strides or layer.pool_size, 1, layer.padding, inputs)
        if kind == "avg_pool":
            told["counts_padding"] = False if any(map(sum, told["padding"])) else None
        return told
    if kind == "leaky_relu":
        return {"slope": float(getattr(layer, "negative_slope", 0.3))}
    if kind == "dropout":
        return {"rate": layer.rate}
    if kind == "resize":
        interpolation = getattr(layer, "interpolation", "nearest")
        names = {"bilinear": "linear", "bicubic": "cubic, a = -0.5"}
        return {"interpolation": names.get(interpolation, interpolation), "aligned": False}
    if kind == "softmax":
        axis = getattr(layer, "axis", -1)
        return {"axis": axis % len(inputs)} if isinstance(axis, int) and inputs else {}
    if kind == "gelu" and hasattr(layer, "approximate"):
        return {"approximate": bool(layer.approximate)}
    return _activation(layer.activation) if hasattr(layer, "activation") and kind == "gelu" else {}


def _windowed(window: Any, strides: Any, dilation: Any, padding: str, inputs: tuple[int, ...]) -> _Settings:
    """Of channels last, which is the only order that a CPU takes."""
    size = list(inputs[1:-1])
    axes = len(size)
    windows, steps, rates = (each(value, axes) for value in (window, strides, dilation))
    if padding == "same":
        paddings = [same_padding(*axis) for axis in zip(size, windows, steps, rates, strict=True)]
    elif padding == "causal":
        paddings = [[rates[0] * (windows[0] - 1), 0]]
    else:
        paddings = [[0, 0] for _ in size]
    return {"stride": steps, "padding": paddings, "size": size}


def _has_activation(layer: Any) -> bool:
    from keras import layers

    activation = getattr(layer, "activation", None)
    if activation is None or kind_of(layer) not in ("dense", "conv", "conv_transpose"):
        return False
    return _function(activation) != "linear" and not isinstance(layer, layers.Activation)


def _function(activation: Any) -> str:
    """An activation's kind: its name, if it is one that both frameworks have by that name."""
    bare = activation.func if isinstance(activation, partial) else activation
    name = str(getattr(bare, "__name__", getattr(bare, "name", "")))
    return name if name in (*_ACTIVATIONS, "linear") else ""


def _activation(activation: Any) -> _Settings:
    import keras

    bare = activation.func if isinstance(activation, partial) else activation
    options = activation.keywords if isinstance(activation, partial) else {}
    if bare is keras.activations.gelu:
        return {"approximate": bool(options.get("approximate", False))}
    if bare is keras.activations.leaky_relu:
        return {"slope": float(options.get("negative_slope", 0.2))}
    return {}


def _weights_of(layer: Any, names: dict[int, str]) -> str:
    """What ``keras_parts`` calls the weights that make a layer's output."""
    own = names[id(layer)]
    if hasattr(layer, "pointwise_kernel"):
        return f"{own}.pointwise"
    return names.get(id(getattr(layer, "cell", None)), own)


def _shape(value: Any) -> tuple[int, ...]:
    return () if value is None else tuple(value.shape)


def _first(tree: Any) -> Any:
    """The first value of what a layer takes or gives; None if there is none, or none yet."""
    import keras
    from keras import KerasTensor

    from probes.model_file import trees

    for _, leaf in trees.leaves(tree):
        if keras.ops.is_tensor(leaf) and not isinstance(leaf, KerasTensor):
            return leaf if not hasattr(leaf, "graph") or hasattr(leaf, "numpy") else None
    return None
