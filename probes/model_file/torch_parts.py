"""What the layers of a PyTorch network keep, in the layout and by the names that Keras' layers have too.

Kernels are (in, out), of convolutions (places …, in, out). A layer of an unknown kind keeps its parameters as they
are. Recurrent and attention layers are told layer by layer, as they are written in Keras.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from probes.model_file.carrying import Parts

_Sub = tuple[str, Mapping[str, Any]]  # what a layer consists of, by name: its parts, None where it goes without


def parts(network: Any, called: Sequence[Any] = ()) -> Parts:
    """(``layer.part``, tensor) of all that is trained, and of moving statistics. In the order in which layers are
    registered, or in which they were ``called``; those that weren't follow the one before them.

    What several layers share is told once: a table that is used as a kernel too is a table.
    """
    from torch import nn

    first_call = {id(layer): number for number, layer in reversed(list(enumerate(called)))}
    tables = {layer.weight.data_ptr() for layer in network.modules() if isinstance(layer, nn.Embedding)}
    told: set[int] = set()
    inner: set[int] = set()  # told by the layer that they belong to
    found: list[tuple[int, list[tuple[str, Any]]]] = []
    at = -1
    for name, layer in network.named_modules():
        at = first_call.get(id(layer), at)
        if id(layer) in inner:
            continue
        if isinstance(layer, nn.MultiheadAttention):
            inner.add(id(layer.out_proj))
        shared = told if isinstance(layer, nn.Embedding) else told | tables
        own = [
            (".".join(filter(None, (name, sub, part))), tensor)
            for sub, kept in _subs(layer)
            for part, tensor in kept.items()
            if tensor is not None and tensor.data_ptr() not in shared
        ]
        told |= {parameter.data_ptr() for parameter in layer.parameters(recurse=False)}
        found.append((at, own))
    return [part for _, own in sorted(found, key=lambda one: one[0]) for part in own]


def _subs(layer: Any) -> list[_Sub]:
    from torch import nn
    from torch.nn.modules.batchnorm import _NormBase
    from torch.nn.modules.conv import _ConvNd

    if isinstance(layer, nn.Linear):
        return [("", {"kernel": layer.weight.T, "bias": layer.bias})]
    if isinstance(layer, _ConvNd):
        # (out, in, places …), of a transposed one (in, out, places …)
        kernel = layer.weight.permute(*range(2, layer.weight.ndim), 1, 0)
        return [("", {"kernel": kernel, "bias": layer.bias})]
    if isinstance(layer, _NormBase):
        moving = {"mean": layer.running_mean, "variance": layer.running_var}
        return [("", {"scale": layer.weight, "offset": layer.bias, **moving})]
    if isinstance(layer, nn.LayerNorm | nn.GroupNorm):
        return [("", {"scale": layer.weight, "offset": layer.bias})]
    if isinstance(layer, nn.RMSNorm):
        return [("", {"scale": layer.weight})]
    if isinstance(layer, nn.Embedding | nn.EmbeddingBag):
        return [("", {"table": layer.weight})]
    if isinstance(layer, nn.RNNBase) and not layer.proj_size:
        ends = [f"_l{n}{end}" for n in range(layer.num_layers) for end in ("", "_reverse")[: 1 + layer.bidirectional]]
        return [(end.strip("_"), _recurrent(layer, end)) for end in ends]
    if isinstance(layer, nn.RNNCellBase):
        return [("", _recurrent(layer, ""))]
    if isinstance(layer, nn.MultiheadAttention) and layer.bias_k is None:
        return list(_attention(layer))
    return [(name, {"value": parameter}) for name, parameter in layer.named_parameters(recurse=False)]


def _recurrent(layer: Any, end: str) -> dict[str, Any]:
    """Of one layer and direction. A GRU has two biases on both sides, all others one in Keras, which is the sum."""
    import torch
    from torch import nn

    into, recurrent = (getattr(layer, f"weight_{kind}{end}").T for kind in ("ih", "hh"))
    biases = [getattr(layer, f"bias_{kind}{end}") for kind in ("ih", "hh")] if layer.bias else []
    if not isinstance(layer, nn.GRU | nn.GRUCell):
        return {"kernel": into, "recurrent": recurrent, "bias": sum(biases) if biases else None}
    bias = _keras_gates(torch.stack(biases)) if biases else None
    return {"kernel": _keras_gates(into), "recurrent": _keras_gates(recurrent), "bias": bias}


def _keras_gates(of: Any) -> Any:
    """A GRU's gates along the last axis: reset, update, new in PyTorch; update, reset, new in Keras."""
    import torch

    reset, update, new = of.chunk(3, dim=-1)
    return torch.cat([update, reset, new], dim=-1)


def _attention(layer: Any) -> Iterator[_Sub]:
    """Four kernels and biases, as Keras has them."""
    names = ("query", "key", "value")
    if layer.in_proj_weight is not None:
        kernels = layer.in_proj_weight.chunk(3)
    else:
        kernels = (layer.q_proj_weight, layer.k_proj_weight, layer.v_proj_weight)
    biases = layer.in_proj_bias.chunk(3) if layer.in_proj_bias is not None else (None,) * 3
    for name, kernel, bias in zip(names, kernels, biases, strict=True):
        yield name, {"kernel": kernel.T, "bias": bias}
    yield "output", {"kernel": layer.out_proj.weight.T, "bias": layer.out_proj.bias}
