"""What the halves of a model consist of, worked out from what their children tell: no framework is loaded in here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from probes.compare.schema import Outline, OutlinedLayer
from probes.compare.steps import Step
from probes.contracts import STATISTICS

_KERNELS: Final = ("kernel", "recurrent")
#: Of these the work is known by their kernels.
_COUNTED: Final = ("dense", "conv", "conv_transpose", "recurrent")
#: Layers with weights whose work is nothing beside that of a kernel.
_CHEAP: Final = ("embedding", "batch_norm", "layer_norm", "group_norm", "rms_norm")
#: How weights are titled that belong to no layer that ran.
REST: Final = "weights outside of layers"

_Shapes = Mapping[str, tuple[int, ...]]


def outline(steps: Sequence[Step], shapes: _Shapes, batch: int) -> Outline:
    """Of one half that ran with ``batch`` samples. ``shapes``: of its weights by ``layer.part``."""
    owners = _owners([_base(step.name) for step in steps], shapes)
    layers: list[OutlinedLayer] = []
    uncounted: dict[str, None] = {}
    flops, told = 0, set[str]()
    for step in steps:
        name = _base(step.name)
        own = {part: shape for part, shape in shapes.items() if owners[part] == name}
        number = 0 if name in told else _number(own)
        told.add(name)
        layers.append(OutlinedLayer(step.kind, step.title or step.kind, _of_a_sample(step.outputs, batch), number))
        if step.kind in _COUNTED:
            flops += _work(step, own, batch)
        elif own and step.kind not in _CHEAP:
            uncounted[step.title or step.kind] = None
    if rest := _number({part: shape for part, shape in shapes.items() if owners[part] is None}):
        layers.append(OutlinedLayer("layer", REST, (), rest))
        uncounted[REST] = None
    return Outline(tuple(layers), flops or None, tuple(uncounted))


def _owners(names: Iterable[str], shapes: _Shapes) -> dict[str, str | None]:
    """The step that each weight belongs to: the one of its layer, or of the layer that its layer is a part of. Of
    several such the last: a layer that has parts is told by what it gives."""
    steps = dict.fromkeys(names)
    parents = {name.rpartition(".")[0]: name for name in steps if "." in name}

    def owner(weight: str) -> str | None:
        layer = weight.rpartition(".")[0]
        outer = layer.rpartition(".")[0]
        return next((name for name in (layer, outer) if name in steps), parents.get(outer) if outer else None)

    return {weight: owner(weight) for weight in shapes}


def _work(step: Step, own: _Shapes, batch: int) -> int:
    """Two for each weight of a kernel and each place that it is used at."""
    kernels = [shape for part, shape in own.items() if part.rpartition(".")[2] in _KERNELS]
    if not kernels:
        return 0
    if step.kind in ("recurrent", "conv_transpose"):  # (…, in, …): a place for each of its inputs
        into = kernels[0][0] if step.kind == "recurrent" else kernels[0][-2]
        places = math.prod(step.inputs) / into
    else:
        places = math.prod(step.outputs) / kernels[-1][-1]
    return round(2 * sum(map(math.prod, kernels)) * places / batch)


def _number(shapes: _Shapes) -> int:
    return sum(math.prod(shape) for part, shape in shapes.items() if not part.endswith(STATISTICS))


def _of_a_sample(shape: tuple[int, ...], batch: int) -> tuple[int, ...]:
    return shape[1:] if shape[:1] == (batch,) else shape


def _base(name: str) -> str:
    """Of a layer that is called several times."""
    return name.partition("#")[0]
