"""PyTorch's steps, noted by hooks on modules and, for activations that are called as functions, on those."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from probes.compare.steps import OTHER, OnStep, Step, channels_last_axis, each

_Settings = dict[str, Any]
_FUNCTIONS: Final = ("relu", "gelu", "softmax", "leaky_relu", "silu", "elu", "tanh", "sigmoid", "flatten")


@contextmanager
def noting(network: Any, note: OnStep) -> Iterator[None]:
    """Every step of the network that is run meanwhile."""
    import torch
    from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

    names = {id(layer): name for name, layer in network.named_modules()}
    kinds = {id(layer): kind_of(layer) for layer in network.modules()}
    within: list[Any] = []  # modules that run now
    times: dict[str, int] = {}

    def numbered(name: str) -> str:
        times[name] = times.get(name, 0) + 1
        return name if times[name] == 1 else f"{name}#{times[name]}"

    def before(layer: Any, _inputs: Any) -> None:
        within.append(layer)

    def after(layer: Any, inputs: Any, output: Any) -> None:
        within.pop()
        kind = kinds.get(id(layer), "")
        if not kind or any(kinds.get(id(outer), "") for outer in within):
            return
        name, found = names[id(layer)], _first(output)
        given = _first(inputs)
        shape = tuple(given.shape) if given is not None else ()
        if found is not None:
            told = settings_of(layer, shape)
            note(Step(numbered(_weights_of(layer, name)), kind, name, shape, tuple(found.shape), told), found)

    class Functions(torch.overrides.TorchFunctionMode):  # type: ignore[misc]  # PyTorch is no module to the type checker
        """Activations that no module stands for."""

        def __torch_function__(self, function: Any, _types: Any, arguments: Any = (), options: Any = None) -> Any:
            options = options or {}
            output = function(*arguments, **options)
            kind = str(getattr(function, "__name__", ""))
            if kind in _FUNCTIONS and arguments and not any(kinds.get(id(outer), "") for outer in within):
                title = f"{names.get(id(within[-1]), '')}.{kind}".strip(".") if within else kind
                shape = tuple(arguments[0].shape)
                told = _function_settings(kind, arguments, options, len(shape))
                note(Step(numbered(title), kind, title, shape, tuple(output.shape), told), output)
            return output

    with ExitStack() as stack:
        fast = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(False)  # it runs a whole encoder layer without calling what is in it
        stack.callback(torch.backends.mha.set_fastpath_enabled, fast)
        stack.callback(register_module_forward_pre_hook(before).remove)
        stack.callback(register_module_forward_hook(after).remove)
        stack.enter_context(Functions())
        yield


def kind_of(layer: Any) -> str:
    """As ``Step.kind``; "" for a container."""
    from torch import nn
    from torch.nn.modules import batchnorm, conv, dropout, pooling

    kinds: tuple[tuple[Any, str], ...] = (
        (nn.Linear, "dense"),
        (conv._ConvTransposeNd, "conv_transpose"),
        (conv._ConvNd, "conv"),
        (batchnorm._BatchNorm, "batch_norm"),
        (nn.LayerNorm, "layer_norm"),
        (nn.GroupNorm, "group_norm"),
        (nn.RMSNorm, "rms_norm"),
        (nn.Embedding, "embedding"),
        (nn.RNNBase, "recurrent"),
        (nn.MultiheadAttention, "dense"),  # told by its last one
        (pooling._MaxPoolNd, "max_pool"),
        (pooling._AvgPoolNd, "avg_pool"),
        (pooling._AdaptiveAvgPoolNd, "mean"),
        (dropout._DropoutNd, "dropout"),
        (nn.Upsample, "resize"),
        (nn.Flatten, "flatten"),
        (nn.GELU, "gelu"),
        (nn.ReLU, "relu"),
        (nn.LeakyReLU, "leaky_relu"),
        (nn.ELU, "elu"),
        (nn.SiLU, "silu"),
        (nn.Tanh, "tanh"),
        (nn.Sigmoid, "sigmoid"),
        (nn.Softmax, "softmax"),
    )
    for known, kind in kinds:
        if isinstance(layer, known):
            return kind
    return OTHER if not any(True for _ in layer.children()) and any(True for _ in layer.parameters()) else ""


def settings_of(layer: Any, inputs: tuple[int, ...]) -> _Settings:
    """What decides a layer's numbers besides its weights, in the words that both sides share."""
    import torch

    kind, rank = kind_of(layer), len(inputs)
    if kind == "batch_norm":
        return {"epsilon": layer.eps, "momentum": layer.momentum}
    if kind in ("layer_norm", "group_norm"):
        return {"epsilon": layer.eps}
    if kind == "rms_norm":
        return {"epsilon": layer.eps if layer.eps is not None else torch.finfo(torch.float32).eps}
    if kind == "conv":
        return {"stride": each(layer.stride, rank - 2), "padding": _conv_padding(layer), "size": list(inputs[2:])}
    if kind in ("max_pool", "avg_pool"):
        return _pooling(layer, inputs)
    if kind == "gelu":
        return {"approximate": layer.approximate == "tanh"}
    if kind == "leaky_relu":
        return {"slope": layer.negative_slope}
    if kind == "dropout":
        return {"rate": layer.p}
    if kind == "resize":
        names = {"bilinear": "linear", "trilinear": "linear", "bicubic": "cubic, a = -0.75"}
        return {"interpolation": names.get(layer.mode, layer.mode), "aligned": bool(layer.align_corners)}
    if kind == "softmax":
        dim = layer.dim if layer.dim is not None else (0 if rank in (0, 1, 3) else 1)  # what PyTorch takes for None
        return {"axis": channels_last_axis(dim, rank)}
    return {}


def _function_settings(kind: str, arguments: Any, options: Any, rank: int) -> _Settings:
    def said(name: str, place: int, default: Any) -> Any:
        return options.get(name, arguments[place] if len(arguments) > place else default)

    if kind == "gelu":
        return {"approximate": said("approximate", 1, "none") == "tanh"}
    if kind == "leaky_relu":
        return {"slope": said("negative_slope", 1, 0.01)}
    if kind == "softmax" and isinstance(dim := said("dim", 1, None), int):
        return {"axis": channels_last_axis(dim, rank)}
    return {}


def _conv_padding(layer: Any) -> list[list[int]] | str:
    if layer.padding_mode != "zeros":
        return str(layer.padding_mode)
    if isinstance(layer.padding, str):
        if layer.padding == "valid":
            return [[0, 0] for _ in layer.kernel_size]
        totals = [dilation * (size - 1) for size, dilation in zip(layer.kernel_size, layer.dilation, strict=True)]
        return [[total // 2, total - total // 2] for total in totals]
    return [[padding, padding] for padding in layer.padding]


def _pooling(layer: Any, inputs: tuple[int, ...]) -> _Settings:
    axes = len(inputs) - 2
    paddings = [[padding, padding] for padding in each(layer.padding, axes)]
    told = {"stride": each(layer.stride, axes), "padding": paddings, "size": list(inputs[2:])}
    if kind_of(layer) == "avg_pool":
        told["counts_padding"] = bool(layer.count_include_pad) if any(map(sum, paddings)) else None
    return told


def _weights_of(layer: Any, name: str) -> str:
    """What ``torch_parts`` calls the weights that make a layer's output."""
    from torch import nn

    if isinstance(layer, nn.MultiheadAttention):
        return f"{name}.output".strip(".")
    if isinstance(layer, nn.RNNBase) and not layer.bidirectional:
        return f"{name}.l{layer.num_layers - 1}".strip(".")
    return name


def _first(tree: Any) -> Any:
    """The first tensor of what a layer takes or gives; None if there is none."""
    import torch

    from probes.model_file import trees

    tensors = (leaf for _, leaf in trees.leaves(tree) if torch.is_tensor(leaf))
    return next(tensors, None)
